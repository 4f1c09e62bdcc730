// Communicators: what a process is in the world, where it was spawned from, and how it gets peers.
// All functions make MPI calls: MPI thread, or a helper thread under MPI_THREAD_MULTIPLE.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mpi_setup.h"

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
};

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
