// An object that the MPI thread asks in each of its turns for progress.
#pragma once

namespace mpi_futures {

class Poller {
 public:
  virtual ~Poller() = default;
  // MPI thread, under its lock. True if anything happened.
  virtual bool progress() = 0;
};

}  // namespace mpi_futures
