#include "shared_memory/shared_memory.h"

#include <cstring>
#include <random>
#include <utility>

#ifdef __linux__
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

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
  FileDescriptor fd(memfd_create("mpi-futures-shared", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd || ftruncate(fd.get(), static_cast<off_t>(kHead + size)) != 0 ||
      fcntl(fd.get(), F_ADD_SEALS, kSeals) != 0)
    return nullptr;
  std::unique_ptr<SharedMemory> memory = map(fd.get(), size);
  if (memory == nullptr) return nullptr;
  memory->fd_ = std::move(fd);
  std::random_device random;
  const uint64_t token = (uint64_t{random()} << 32) | random();
  std::memcpy(memory->mapped_, &token, sizeof token);
  return memory;
}

std::unique_ptr<SharedMemory> SharedMemory::open(const SharedMemoryAddress& address, size_t size) {
  const FileDescriptor own = openFileOf(address.pid, address.fd);
  if (!own) return nullptr;
  // It may be anything if the process id means somebody else here. -1: a file without seals.
  const int seals = fcntl(own.get(), F_GET_SEALS);
  const bool plausible = lseek(own.get(), 0, SEEK_END) == static_cast<off_t>(kHead + size) &&
                         seals != -1 && (seals & kSeals) == kSeals;
  std::unique_ptr<SharedMemory> memory = plausible ? map(own.get(), size) : nullptr;
  return memory != nullptr && memory->token() == address.token ? std::move(memory) : nullptr;
}

SharedMemoryAddress SharedMemory::address() const { return {getpid(), token(), fd_.get()}; }

void SharedMemory::hide() { fd_ = FileDescriptor(); }

SharedMemory::~SharedMemory() { munmap(mapped_, kHead + size_); }

#else

std::unique_ptr<SharedMemory> SharedMemory::make(size_t) { return nullptr; }
std::unique_ptr<SharedMemory> SharedMemory::open(const SharedMemoryAddress&, size_t) {
  return nullptr;
}
SharedMemoryAddress SharedMemory::address() const { return {0, token(), -1}; }
void SharedMemory::hide() {}
SharedMemory::~SharedMemory() = default;

#endif

}  // namespace mpi_futures
