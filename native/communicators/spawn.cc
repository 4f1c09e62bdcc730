#include "communicators/spawn.h"

#include "communicators/library.h"

namespace mpi_futures {

namespace {

class Info {
 public:
  // Delegates, so that the destructor runs if a call fails.
  explicit Info(const TextPairs& pairs) : Info() {
    if (pairs.empty()) return;
    check(MPI_Info_create(&info_), "MPI_Info_create");
    for (const auto& [key, value] : pairs)
      check(MPI_Info_set(info_, key.c_str(), value.c_str()), "MPI_Info_set");
  }
  ~Info() {
    if (info_ != MPI_INFO_NULL) MPI_Info_free(&info_);
  }
  Info(const Info&) = delete;
  Info& operator=(const Info&) = delete;
  // MPI_INFO_NULL if there are none.
  MPI_Info handle() const { return info_; }

 private:
  Info() = default;

  MPI_Info info_ = MPI_INFO_NULL;
};

// The limit that MPICH has for names that it makes itself (MPID_MAX_BC_SIZE).
constexpr std::size_t kPortNameRoom = 4096;

}  // namespace

std::string whySpawnIsImpossible() {
  if (isOpenMpi()) return {};
  // Spawning connects through a port, and where MPICH's device has none (ch4:ucx before 4.3) asking
  // for one fails at once. Over UCX its name is longer than MPI_MAX_PORT_NAME, and MPICH writes no
  // more than it is told that there is room for.
  std::vector<char> port(kPortNameRoom);
  const Info room({{"port_name_size", std::to_string(port.size())}});
  const int code = MPI_Open_port(room.handle(), port.data());
  if (code != MPI_SUCCESS) return MpiFailure("MPI_Open_port", code).text;
  MPI_Close_port(port.data());
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
