// Memory that two processes of one host have in common (Linux: a memfd, opened by the peer through
// /proc/PID/fd). One makes it, all zero, and tells the other where it is; what they do with it is
// theirs. It is there as long as either holds it: also when the other process has ended.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace mpi_futures {

class SharedMemory {
 public:
  // Null where none can be shared, or must not be (MPI_FUTURES_SHARED_MEMORY=0).
  static std::unique_ptr<SharedMemory> make(size_t size);
  // Null if it is not what process `pid` has made under `token`.
  static std::unique_ptr<SharedMemory> open(int64_t pid, int fd, uint64_t token, size_t size);
  // `mapped` is unmapped with this.
  SharedMemory(void* mapped, size_t size) : mapped_(mapped), size_(size) {}
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  char* data() const;
  size_t size() const { return size_; }
  // Open while this is there, so that the peer finds it; -1 with the peer.
  int fd() const { return fd_; }
  uint64_t token() const;

 private:
  static std::unique_ptr<SharedMemory> map(int fd, size_t size);

  void* const mapped_;
  const size_t size_;
  int fd_ = -1;
};

}  // namespace mpi_futures
