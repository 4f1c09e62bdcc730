#include "communicator.h"

#include <cstdlib>

#include "library.h"

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

class Info {
 public:
  explicit Info(const TextPairs& pairs) {
    if (pairs.empty()) return;
    check(MPI_Info_create(&info_), "MPI_Info_create");
    for (const auto& [key, value] : pairs) set(key, value);
  }
  ~Info() { free(); }
  Info(const Info&) = delete;
  Info& operator=(const Info&) = delete;
  // MPI_INFO_NULL if there are none.
  MPI_Info handle() const { return info_; }

 private:
  void set(const std::string& key, const std::string& value) {
    const int code = MPI_Info_set(info_, key.c_str(), value.c_str());
    if (code == MPI_SUCCESS) return;
    free();  // the destructor does not run
    check(code, "MPI_Info_set");
  }
  void free() {
    if (info_ != MPI_INFO_NULL) MPI_Info_free(&info_);
  }

  MPI_Info info_ = MPI_INFO_NULL;
};

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

std::string whySpawnIsImpossible() {
  if (isOpenMpi()) return {};
  // Spawning connects through a port, and where MPICH's device has none (ch4:ucx) asking for one
  // fails at once.
  char port[MPI_MAX_PORT_NAME];
  const int code = MPI_Open_port(MPI_INFO_NULL, port);
  if (code != MPI_SUCCESS) return MpiFailure("MPI_Open_port", code).text;
  MPI_Close_port(port);
  return {};
}

std::string problemOfInfo(const TextPairs& pairs) {
  try {
    const Info info(pairs);
    return {};
  } catch (const MpiFailure& failure) {
    return failure.text;
  }
}

Communicator spawn(const SpawnRequest& request, MPI_Comm from, int root) {
  std::vector<std::string> arguments = request.arguments;
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const Info info(request.info);
  MPI_Comm inter = MPI_COMM_NULL;
  std::vector<int> codes(request.count, MPI_SUCCESS);
  check(MPI_Comm_spawn(request.command.c_str(), argv.data(), request.count, info.handle(), root,
                       from, &inter, codes.data()),
        "MPI_Comm_spawn");
  return Communicator::of(inter);
}

}  // namespace mpi_futures
