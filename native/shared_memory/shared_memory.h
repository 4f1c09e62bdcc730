// Memory that two processes of one host have in common (Linux: a memfd, opened by the peer through
// /proc/PID/fd). One makes it, all zero, and tells the other where it is; what they do with it is
// theirs: a doorbell, rings, claims. It is there as long as either holds it: also when the other
// process has ended. Elsewhere there is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "system/file_descriptor.h"

namespace mpi_futures {

// Where a peer finds it. `token` guards against a process id that means another process in the
// peer's namespace.
struct SharedMemoryAddress {
  int64_t pid = 0;
  uint64_t token = 0;
  int32_t fd = -1;
};

class SharedMemory {
 public:
  // Null where none can be shared.
  static std::unique_ptr<SharedMemory> make(size_t size);
  // Null if it is not `size` bytes that are there for it.
  static std::unique_ptr<SharedMemory> open(const SharedMemoryAddress& address, size_t size);
  // `mapped` is unmapped with this.
  SharedMemory(void* mapped, size_t size) : mapped_(mapped), size_(size) {}
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  // As aligned as a line of the cache.
  char* data() const;
  size_t size() const { return size_; }
  // With a peer, and once nobody can find it any more, `fd` is -1.
  SharedMemoryAddress address() const;
  // Where the token is in the memory of this process: see peer_memory.h.
  uint64_t tokenAt() const { return reinterpret_cast<uint64_t>(mapped_); }
  // From now on nobody else can open it.
  void hide();

 private:
  static std::unique_ptr<SharedMemory> map(int fd, size_t size);
  uint64_t token() const;

  void* const mapped_;
  const size_t size_;
  FileDescriptor fd_;
};

}  // namespace mpi_futures
