#include "channel/memory.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <new>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "mpi_thread/never_destroyed.h"

namespace mpi_futures {

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kLargeFrom = size_t{1} << 20;
// What is kept beyond this is the system's as soon as it needs memory.
constexpr size_t kFirmlyKept = size_t{256} << 20;
constexpr size_t kLongest = PTRDIFF_MAX - kHugePage;
constexpr std::chrono::seconds kKeptFor{2};

size_t roundedSize(size_t size) { return (size + kHugePage - 1) / kHugePage * kHugePage; }

char* allocateLarge(size_t rounded) {
  void* memory = nullptr;
  if (posix_memalign(&memory, kHugePage, rounded) != 0) return nullptr;
  askForHugePages(static_cast<char*>(memory), rounded);
  return static_cast<char*>(memory);
}

// So messages of gigabytes, too, find memory that was touched before. Each of them is a block more
// while the garbage collector has not found the last one.
size_t mostKept() {
#ifdef MADV_FREE
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long size = sysconf(_SC_PAGESIZE);
  if (pages > 0 && size > 0)
    return std::max(kFirmlyKept, static_cast<size_t>(pages) / 4 * static_cast<size_t>(size));
#endif
  return kFirmlyKept;
}

// The system may take these pages at any time, unnoticed; until then their contents stay.
bool mayBeTaken(char* data, size_t rounded) {
#ifdef MADV_FREE
  return madvise(data, rounded, MADV_FREE) == 0;
#else
  (void)data, (void)rounded;
  return false;
#endif
}

// Large blocks that were freed lately.
class Kept {
 public:
  char* take(size_t rounded) {
    std::lock_guard<std::mutex> guard(mutex_);
    // The latest first: its pages are the likeliest to be in the caches.
    const auto found = std::find_if(blocks_.rbegin(), blocks_.rend(),
                                    [&](const Entry& e) { return e.size == rounded; });
    if (found == blocks_.rend()) return nullptr;
    char* data = found->data;
    total_ -= rounded;
    blocks_.erase(std::next(found).base());
    return data;
  }

  void put(char* data, size_t rounded) noexcept {
    std::lock_guard<std::mutex> guard(mutex_);
    if (total_ + rounded > kFirmlyKept && !mayBeTaken(data, rounded)) return std::free(data);
    try {
      blocks_.push_back({data, rounded, Clock::now()});
    } catch (const std::bad_alloc&) {
      return std::free(data);
    }
    total_ += rounded;
    while (total_ > most_) dropOldest();
  }

  void trim() {
    std::lock_guard<std::mutex> guard(mutex_);
    const auto before = Clock::now() - kKeptFor;
    while (!blocks_.empty() && blocks_.front().since < before) dropOldest();
  }

 private:
  struct Entry {
    char* data;
    size_t size;
    Clock::time_point since;
  };

  void dropOldest() {
    std::free(blocks_.front().data);
    total_ -= blocks_.front().size;
    blocks_.erase(blocks_.begin());
  }

  const size_t most_ = mostKept();
  std::mutex mutex_;
  std::vector<Entry> blocks_;
  size_t total_ = 0;
};

Kept& kept() {
  static NeverDestroyed<Kept> kept;
  return *kept;
}

}  // namespace

void askForHugePages(char* data, size_t size) {
#ifdef MADV_HUGEPAGE
  void* begin = data;
  size_t left = size;
  if (std::align(kHugePage, kHugePage, begin, left) == nullptr) return;
  madvise(begin, left / kHugePage * kHugePage, MADV_HUGEPAGE);
#else
  (void)data, (void)size;
#endif
}

Block::Block(size_t size) : size_(size) {
  if (size == 0) return;
  if (size > kLongest) throw std::bad_alloc();
  if (size < kLargeFrom) {
    data_ = static_cast<char*>(std::malloc(size));
  } else {
    data_ = kept().take(roundedSize(size));
    if (data_ == nullptr) data_ = allocateLarge(roundedSize(size));
  }
  if (data_ == nullptr) throw std::bad_alloc();
}

void Block::free(char* data, size_t size) {
  if (data == nullptr || size < kLargeFrom) return std::free(data);
  kept().put(data, roundedSize(size));
}

Block Block::adopt(char* data, size_t size) {
  Block block;
  block.data_ = data;
  block.size_ = size;
  return block;
}

void Block::trim() { kept().trim(); }

}  // namespace mpi_futures
