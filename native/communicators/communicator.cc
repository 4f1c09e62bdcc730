#include "communicators/communicator.h"

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "mpi_thread/never_destroyed.h"

namespace mpi_futures {

namespace {

// Merged communicators, and those that were made from them, as long as they are not given up. Any
// thread.
class Merged {
 public:
  void add(MPI_Comm comm) {
    std::lock_guard<std::mutex> guard(mutex_);
    if (comm != MPI_COMM_NULL) all_.push_back(comm);
  }
  void addMadeFrom(MPI_Comm origin, MPI_Comm comm) {
    if (has(origin)) add(comm);
  }
  void remove(MPI_Comm comm) {
    std::lock_guard<std::mutex> guard(mutex_);
    all_.erase(std::remove(all_.begin(), all_.end(), comm), all_.end());
  }
  std::vector<MPI_Comm> takeAll() {
    std::lock_guard<std::mutex> guard(mutex_);
    return std::exchange(all_, {});
  }

 private:
  bool has(MPI_Comm comm) {
    std::lock_guard<std::mutex> guard(mutex_);
    return std::find(all_.begin(), all_.end(), comm) != all_.end();
  }

  std::mutex mutex_;
  std::vector<MPI_Comm> all_;
};

NeverDestroyed<Merged> mergedOnes;

}  // namespace

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
  mergedOnes->addMadeFrom(handle, copy);
  return of(copy);
}

Communicator Communicator::split(int color, int key) const {
  MPI_Comm part = MPI_COMM_NULL;
  check(MPI_Comm_split(handle, color < 0 ? MPI_UNDEFINED : color, key, &part), "MPI_Comm_split");
  mergedOnes->addMadeFrom(handle, part);
  return of(part);
}

Communicator Communicator::merge(bool high) const {
  MPI_Comm merged = MPI_COMM_NULL;
  check(MPI_Intercomm_merge(handle, high ? 1 : 0, &merged), "MPI_Intercomm_merge");
  mergedOnes->add(merged);
  return of(merged);
}

void Communicator::free() {
  mergedOnes->remove(handle);
  check(MPI_Comm_free(&handle), "MPI_Comm_free");
}

void Communicator::disconnect() {
  mergedOnes->remove(handle);
  check(MPI_Comm_disconnect(&handle), "MPI_Comm_disconnect");
}

void Communicator::freeMerged() {
  for (MPI_Comm comm : mergedOnes->takeAll()) MPI_Comm_free(&comm);
}

}  // namespace mpi_futures
