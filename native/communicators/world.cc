#include "communicators/world.h"

#include <cstdlib>

#include "communicators/library.h"

namespace mpi_futures {

namespace {

// A process that MPICH's process manager did not start would look for one now: MPICH runs
// `mpiexec -pmi_args`, and waits for ever if that is the mpiexec of another MPI, or none.
bool hasProcessManager() {
  if (isOpenMpi()) return true;
  for (const char* variable : {"PMI_RANK", "PMI_FD", "PMI_PORT"})
    if (std::getenv(variable) != nullptr) return true;
  return false;
}

int universeSize() {
  int* size = nullptr;
  int found = 0;
  if (!hasProcessManager()) return 0;
  check(MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_UNIVERSE_SIZE, &size, &found), "MPI_Comm_get_attr");
  return found && size != nullptr && *size > 0 ? *size : 0;
}

// Of MPI that other code of this process has initialised, by calls that any thread may make at any
// time. Empty if it can be used.
std::string whyUnusable() {
  int finalized = 0;
  check(MPI_Finalized(&finalized), "MPI_Finalized");
  if (finalized)
    return "MPI was finalized by other code of this process, and cannot be started again. Let that "
           "code finalize it at its very end, or leave that to mpi-futures.";
  int level = MPI_THREAD_SINGLE;
  check(MPI_Query_thread(&level), "MPI_Query_thread");
  if (level >= MPI_THREAD_SERIALIZED) return {};
  const std::string name = level == MPI_THREAD_SINGLE ? "MPI_THREAD_SINGLE" : "MPI_THREAD_FUNNELED";
  return "MPI was initialised by other code of this process, at " + name +
         ": only the thread that did so may call it, and mpi-futures has a thread of its own for "
         "that. Let that code ask for MPI_THREAD_MULTIPLE, by MPI_Init_thread, or let mpi-futures "
         "start MPI first: await initialize(), from mpi-futures/mpi.";
}

}  // namespace

World initializeWorld(int requiredLevel) {
  World result;
  int initialized = 0;
  check(MPI_Initialized(&initialized), "MPI_Initialized");
  if (initialized) {  // its level is respected
    result.unusable = whyUnusable();
    if (!result.unusable.empty()) return result;
    check(MPI_Query_thread(&result.threadLevel), "MPI_Query_thread");
  } else {
    check(MPI_Init_thread(nullptr, nullptr, requiredLevel, &result.threadLevel), "MPI_Init_thread");
    if (result.threadLevel > requiredLevel) result.threadLevel = requiredLevel;
    result.isStartedHere = true;
  }
  check(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN), "MPI_Comm_set_errhandler");
  result.world = Communicator::of(MPI_COMM_WORLD);
  MPI_Comm parent = MPI_COMM_NULL;
  check(MPI_Comm_get_parent(&parent), "MPI_Comm_get_parent");
  result.parent = Communicator::of(parent);
  result.universeSize = universeSize();
  char name[MPI_MAX_PROCESSOR_NAME];
  int length = 0;
  check(MPI_Get_processor_name(name, &length), "MPI_Get_processor_name");
  result.processor.assign(name, length);
  return result;
}

}  // namespace mpi_futures
