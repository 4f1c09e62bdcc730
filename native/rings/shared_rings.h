// A ring in each direction between two processes of one host, in memory that both have mapped
// (Linux: a memfd, which the peer opens through /proc/PID/fd). Where that cannot be, there are
// none.
//
// A process that has died leaves them as they were: what it had written can be read.
#pragma once

#include <cstdint>
#include <memory>

#include "rings/ring.h"

namespace mpi_futures {

// Where a peer finds the rings of a process. `token` guards against a process id that means
// another process in the peer's namespace.
struct RingsAddress {
  int64_t pid;
  uint64_t token;
  int32_t fd;
};

class SharedRings {
 public:
  // Null where there can be no memory for them.
  static std::unique_ptr<SharedRings> make();
  // Null if it is not what it should be.
  static std::unique_ptr<SharedRings> open(const RingsAddress& address);
  ~SharedRings();
  SharedRings(const SharedRings&) = delete;
  SharedRings& operator=(const SharedRings&) = delete;

  // They can be opened until closed().
  const RingsAddress& address() const { return address_; }
  void closed();
  RingWriter& out() { return out_; }
  RingReader& in() { return in_; }
  const RingReader& in() const { return in_; }

 private:
  struct Memory;
  SharedRings(Memory* memory, bool made, RingsAddress address);

  Memory* const memory_;
  RingsAddress address_;
  RingWriter out_;
  RingReader in_;
};

}  // namespace mpi_futures
