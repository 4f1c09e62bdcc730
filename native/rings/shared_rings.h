// A ring in each direction between two processes of one host, in memory that both have mapped.
//
// A process that has died leaves them as they were: what it had written can be read.
#pragma once

#include <memory>

#include "rings/ring.h"
#include "shared_memory/shared_memory.h"

namespace mpi_futures {

class SharedRings {
 public:
  // Null where there can be no memory for them.
  static std::unique_ptr<SharedRings> make();
  // Null if it is not what it should be.
  static std::unique_ptr<SharedRings> open(const SharedMemoryAddress& address);
  enum class Side { kMaker, kPeer };
  SharedRings(std::unique_ptr<SharedMemory> memory, Side side);

  SharedMemoryAddress address() const { return memory_->address(); }
  // From now on nobody else can open them.
  void hide() { memory_->hide(); }
  RingWriter& out() { return out_; }
  RingReader& in() { return in_; }
  const RingReader& in() const { return in_; }

 private:
  const std::unique_ptr<SharedMemory> memory_;
  RingWriter out_;
  RingReader in_;
};

}  // namespace mpi_futures
