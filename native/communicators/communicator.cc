#include "communicators/communicator.h"

namespace mpi_futures {

Communicator Communicator::of(MPI_Comm handle) {
  Communicator comm;
  comm.handle = handle;
  if (handle == MPI_COMM_NULL) return comm;
  int isInter = 0;
  check(MPI_Comm_set_errhandler(handle, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  check(MPI_Comm_test_inter(handle, &isInter), "MPI_Comm_test_inter");
  check(MPI_Comm_rank(handle, &comm.rank), "MPI_Comm_rank");
  check(MPI_Comm_size(handle, &comm.size), "MPI_Comm_size");
  comm.isInter = isInter != 0;
  if (comm.isInter) check(MPI_Comm_remote_size(handle, &comm.remoteSize), "MPI_Comm_remote_size");
  return comm;
}

Communicator Communicator::duplicate() const {
  MPI_Comm copy = MPI_COMM_NULL;
  check(MPI_Comm_dup(handle, &copy), "MPI_Comm_dup");
  return of(copy);
}

Communicator Communicator::split(int color, int key) const {
  MPI_Comm part = MPI_COMM_NULL;
  check(MPI_Comm_split(handle, color < 0 ? MPI_UNDEFINED : color, key, &part), "MPI_Comm_split");
  return of(part);
}

Communicator Communicator::merge(bool high) const {
  MPI_Comm merged = MPI_COMM_NULL;
  check(MPI_Intercomm_merge(handle, high ? 1 : 0, &merged), "MPI_Intercomm_merge");
  return of(merged);
}

void Communicator::free() { check(MPI_Comm_free(&handle), "MPI_Comm_free"); }

void Communicator::disconnect() { check(MPI_Comm_disconnect(&handle), "MPI_Comm_disconnect"); }

}  // namespace mpi_futures
