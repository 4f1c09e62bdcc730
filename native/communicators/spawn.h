// MPI_Comm_spawn, and what makes it fail or hang.
// All functions make MPI calls: MPI thread, or a helper thread under MPI_THREAD_MULTIPLE.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "communicators/communicator.h"

namespace mpi_futures {

// Why no process can be spawned here, or empty. Never hangs, unlike MPI_Comm_spawn itself where it
// is not supported.
std::string whySpawnIsImpossible();

using TextPairs = std::vector<std::pair<std::string, std::string>>;

// Why MPI does not take these keys and values, or empty. If the root finds out in MPI_Comm_spawn,
// the others wait there for ever.
std::string problemOfInfo(const TextPairs& pairs);

struct SpawnRequest {
  std::string command;
  std::vector<std::string> arguments;
  int count = 1;
  TextPairs info;
};

// MPI_Comm_spawn, as a rule from MPI_COMM_SELF. Often hangs instead of failing: the caller keeps a
// deadline.
Communicator spawn(const SpawnRequest& request, MPI_Comm from = MPI_COMM_SELF, int root = 0);

}  // namespace mpi_futures
