#include "channel/shared_memory.h"

#include <cstring>
#include <random>
#include <string>

#ifdef __linux__
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "ending/environment.h"

namespace mpi_futures {

namespace {

// In front of the memory: the token, alone in its line of the cache.
constexpr size_t kHead = 64;

}  // namespace

char* SharedMemory::data() const { return static_cast<char*>(mapped_) + kHead; }

uint64_t SharedMemory::token() const {
  uint64_t token;
  std::memcpy(&token, mapped_, sizeof token);
  return token;
}

#ifdef __linux__

namespace {

// A file that became shorter would end whoever touches what was behind its end.
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW;

}  // namespace

std::unique_ptr<SharedMemory> SharedMemory::map(int fd, size_t size) {
  void* mapped = mmap(nullptr, kHead + size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) return nullptr;
  return std::make_unique<SharedMemory>(mapped, size);
}

std::unique_ptr<SharedMemory> SharedMemory::make(size_t size) {
  if (isSwitchedOff("MPI_FUTURES_SHARED_MEMORY")) return nullptr;
  const int fd = memfd_create("mpi-futures-shared", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) return nullptr;
  const bool sized =
      ftruncate(fd, static_cast<off_t>(kHead + size)) == 0 && fcntl(fd, F_ADD_SEALS, kSeals) == 0;
  std::unique_ptr<SharedMemory> memory = sized ? map(fd, size) : nullptr;
  if (memory == nullptr) {
    close(fd);
    return nullptr;
  }
  memory->fd_ = fd;
  std::random_device random;
  const uint64_t token = (uint64_t{random()} << 32) | random();
  std::memcpy(memory->mapped_, &token, sizeof token);
  return memory;
}

std::unique_ptr<SharedMemory> SharedMemory::open(int64_t pid, int fd, uint64_t token, size_t size) {
  if (isSwitchedOff("MPI_FUTURES_SHARED_MEMORY")) return nullptr;
  const std::string path = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd);
  const int own = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK);
  if (own < 0) return nullptr;
  // The file may be anything if the process id means somebody else here.
  const bool plausible = lseek(own, 0, SEEK_END) == static_cast<off_t>(kHead + size) &&
                         (fcntl(own, F_GET_SEALS) & kSeals) == kSeals;
  std::unique_ptr<SharedMemory> memory = plausible ? map(own, size) : nullptr;
  close(own);
  return memory != nullptr && memory->token() == token ? std::move(memory) : nullptr;
}

SharedMemory::~SharedMemory() {
  munmap(mapped_, kHead + size_);
  if (fd_ >= 0) close(fd_);
}

#else

std::unique_ptr<SharedMemory> SharedMemory::make(size_t) { return nullptr; }
std::unique_ptr<SharedMemory> SharedMemory::open(int64_t, int, uint64_t, size_t) { return nullptr; }
SharedMemory::~SharedMemory() = default;

#endif

}  // namespace mpi_futures
