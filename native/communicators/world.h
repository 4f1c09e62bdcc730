// MPI is initialised: what this process is in the world, and where it was spawned from.
// All functions make MPI calls: MPI thread.
#pragma once

#include <string>

#include "communicators/communicator.h"

namespace mpi_futures {

struct World {
  std::string unusable;  // why there is nothing of all that is below; empty as a rule
  int threadLevel = 0;
  bool isStartedHere = false;  // not by other code of this process
  Communicator world;
  Communicator parent;    // handle MPI_COMM_NULL if this process was not spawned
  int universeSize = 0;   // 0: not known
  std::string processor;  // MPI_Get_processor_name
};

// Initialises MPI on the calling thread, if nobody else in this process did. Throws MpiFailure.
World initializeWorld(int requiredLevel);

}  // namespace mpi_futures
