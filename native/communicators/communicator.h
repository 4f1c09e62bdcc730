// Communicators: made from each other, and given up.
// All functions make MPI calls: MPI thread, or a helper thread under MPI_THREAD_MULTIPLE.
#pragma once

#include "communicators/mpi_setup.h"

namespace mpi_futures {

struct Communicator {
  MPI_Comm handle = MPI_COMM_NULL;
  int rank = 0;
  int size = 0;
  int remoteSize = 0;  // 0 for an intracommunicator
  bool isInter = false;

  // Errors are returned, not fatal, from here on.
  static Communicator of(MPI_Comm handle);
  Communicator duplicate() const;
  // Handle MPI_COMM_NULL for a color below 0.
  Communicator split(int color, int key) const;
  // Of an intercommunicator.
  Communicator merge(bool high) const;
  void disconnect();
  void free();
  // MPI thread, before MPI_Finalize: frees the communicators that have processes of two jobs as
  // members, and were not given up. Open MPI 4.1 crashes or hangs there with one of them.
  static void freeMerged();
};

}  // namespace mpi_futures
