// File descriptors that are closed with their owner. Any thread.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <utility>

namespace mpi_futures {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  // A negative number is none.
  explicit FileDescriptor(int number) : number_(number) {}
  FileDescriptor(FileDescriptor&& other) noexcept : number_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor() {
    if (number_ >= 0) close(number_);
  }

  explicit operator bool() const { return number_ >= 0; }
  int get() const { return number_; }
  // From now on it is the caller's.
  int release() { return std::exchange(number_, -1); }

 private:
  int number_ = -1;
};

// The two ends of a pipe.
struct Pipe {
  FileDescriptor read;
  FileDescriptor write;
};

// Child processes do not get it. Two times none where there can be no pipe.
enum class PipeMode { kBlocking, kNonBlocking };
Pipe makePipe(PipeMode mode);

// Opens what another process of this host has open: its memory, or a pipe. None if it cannot be
// reached, and elsewhere than on Linux.
FileDescriptor openFileOf(int64_t pid, int32_t fd);

}  // namespace mpi_futures
