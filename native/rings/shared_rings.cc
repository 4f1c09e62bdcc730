#include "rings/shared_rings.h"

#include <random>
#include <string>
#include <utility>

#ifdef __linux__
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace mpi_futures {

struct SharedRings::Memory {
  std::atomic<uint64_t> token;
  RingMemory fromMaker;
  RingMemory toMaker;
};

SharedRings::SharedRings(Memory* memory, bool made, RingsAddress address)
    : memory_(memory),
      address_(address),
      out_(made ? memory->fromMaker : memory->toMaker),
      in_(made ? memory->toMaker : memory->fromMaker) {}

#ifdef __linux__

namespace {

// A file that became shorter would end whoever touches what was behind its end.
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW;

template <typename T>
T* map(int fd) {
  void* memory = mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return memory == MAP_FAILED ? nullptr : static_cast<T*>(memory);
}

}  // namespace

std::unique_ptr<SharedRings> SharedRings::make() {
  const int fd = memfd_create("mpi-futures-rings", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return nullptr;
  const bool sized = ftruncate(fd, sizeof(Memory)) == 0 && fcntl(fd, F_ADD_SEALS, kSeals) == 0;
  Memory* memory = sized ? map<Memory>(fd) : nullptr;
  if (memory == nullptr) {
    close(fd);
    return nullptr;
  }
  std::random_device random;
  const uint64_t token = (uint64_t{random()} << 32) | random();
  memory->token = token;  // a fresh file is all zero, as all else has to be
  return std::unique_ptr<SharedRings>(new SharedRings(memory, true, {getpid(), token, fd}));
}

std::unique_ptr<SharedRings> SharedRings::open(const RingsAddress& address) {
  const std::string path =
      "/proc/" + std::to_string(address.pid) + "/fd/" + std::to_string(address.fd);
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return nullptr;
  // It may be anything if the process id means somebody else here. -1: a file without seals.
  const int seals = fcntl(fd, F_GET_SEALS);
  const bool plausible = lseek(fd, 0, SEEK_END) == static_cast<off_t>(sizeof(Memory)) &&
                         seals != -1 && (seals & kSeals) == kSeals;
  Memory* memory = plausible ? map<Memory>(fd) : nullptr;
  close(fd);
  if (memory == nullptr) return nullptr;
  std::unique_ptr<SharedRings> rings(
      new SharedRings(memory, false, {address.pid, address.token, -1}));
  return memory->token == address.token ? std::move(rings) : nullptr;
}

void SharedRings::closed() {
  if (address_.fd >= 0) close(std::exchange(address_.fd, -1));
}

SharedRings::~SharedRings() {
  closed();
  munmap(memory_, sizeof(Memory));
}

#else

std::unique_ptr<SharedRings> SharedRings::make() { return nullptr; }
std::unique_ptr<SharedRings> SharedRings::open(const RingsAddress&) { return nullptr; }
void SharedRings::closed() {}
SharedRings::~SharedRings() = default;

#endif

}  // namespace mpi_futures
