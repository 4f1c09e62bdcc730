// Memory of buffers that travel on their own.
//
// For megabytes the first touch of fresh pages costs more than MPI does. Two remedies: huge pages,
// where the kernel gives them on request (/sys/kernel/mm/transparent_hugepage/enabled = madvise or
// always), and using large blocks again: they are kept for a moment when they are freed. The second
// is what counts on virtual machines, where free memory may have been given back to the host and
// its first touch is ten times slower still.
#pragma once

#include <cstddef>
#include <utility>

namespace mpi_futures {

// Has no effect but where the kernel gives huge pages on request. Of the memory, whole huge pages.
void askForHugePages(char* data, size_t size);

// Owned memory that JavaScript may take over (see block_values.h). Movable, not
// copyable.
class Block {
 public:
  Block() = default;
  // Throws std::bad_alloc, also for sizes that cannot be: they may have come from elsewhere.
  explicit Block(size_t size);
  Block(Block&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Block& operator=(Block&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;
  ~Block() { free(data_, size_); }

  char* data() const { return data_; }
  size_t size() const { return size_; }
  // Gives the memory away; the new owner calls Block::free with its size, on any thread.
  char* release() {
    size_ = 0;
    return std::exchange(data_, nullptr);
  }
  static void free(char* data, size_t size);
  // Takes back what release() has given away.
  static Block adopt(char* data, size_t size);

  // Gives kept blocks that were not used for a while back to the system.
  static void trim();

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace mpi_futures
