#include "rings/shared_rings.h"

#include <utility>

namespace mpi_futures {

namespace {

// A fresh file is all zero, as two empty rings are.
struct BothRings {
  RingMemory fromMaker;
  RingMemory toMaker;
};

BothRings& ringsIn(const SharedMemory& memory) {
  return *reinterpret_cast<BothRings*>(memory.data());
}

std::unique_ptr<SharedRings> ringsOf(std::unique_ptr<SharedMemory> memory, SharedRings::Side side) {
  if (memory == nullptr) return nullptr;
  return std::make_unique<SharedRings>(std::move(memory), side);
}

}  // namespace

SharedRings::SharedRings(std::unique_ptr<SharedMemory> memory, Side side)
    : memory_(std::move(memory)),
      out_(side == Side::kMaker ? ringsIn(*memory_).fromMaker : ringsIn(*memory_).toMaker),
      in_(side == Side::kMaker ? ringsIn(*memory_).toMaker : ringsIn(*memory_).fromMaker) {}

std::unique_ptr<SharedRings> SharedRings::make() {
  return ringsOf(SharedMemory::make(sizeof(BothRings)), Side::kMaker);
}

std::unique_ptr<SharedRings> SharedRings::open(const SharedMemoryAddress& address) {
  return ringsOf(SharedMemory::open(address, sizeof(BothRings)), Side::kPeer);
}

}  // namespace mpi_futures
