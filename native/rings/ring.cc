#include "rings/ring.h"

#include <algorithm>
#include <cstring>

namespace mpi_futures {

RingWriter::Written RingWriter::write(Bytes first, Bytes second) {
  const uint64_t size = first.size + second.size;
  const uint64_t needed = RingReader::kHead + RingReader::padded(size);
  Written outcome = roomFor(needed);
  if (outcome == Written::kNoRoom) {
    memory_.writerWaits = 1;
    outcome = roomFor(needed);
    if (outcome == Written::kWhole) memory_.writerWaits = 0;
  }
  if (outcome != Written::kWhole) return outcome;
  uint64_t at = put(written_, {reinterpret_cast<const char*>(&size), sizeof size});
  at = put(at, first);
  put(at, second);
  written_ += needed;
  memory_.written = written_;
  return Written::kWhole;
}

RingWriter::Written RingWriter::roomFor(uint64_t size) {
  const auto fits = [&] { return RingMemory::kCapacity - (written_ - readSeen_) >= size; };
  if (fits()) return Written::kWhole;
  const uint64_t read = memory_.read;
  // It never goes back, nor beyond what is written: what was not read is never overwritten.
  if (read - readSeen_ > written_ - readSeen_ || read != RingReader::padded(read))
    return Written::kDamaged;
  readSeen_ = read;
  return fits() ? Written::kWhole : Written::kNoRoom;
}

uint64_t RingWriter::put(uint64_t at, Bytes bytes) {
  if (bytes.size == 0) return at;
  const size_t offset = at % RingMemory::kCapacity;
  const size_t first = std::min(bytes.size, RingMemory::kCapacity - offset);
  std::memcpy(memory_.data + offset, bytes.data, first);
  std::memcpy(memory_.data, bytes.data + first, bytes.size - first);
  return at + bytes.size;
}

RingReader::Found RingReader::next(size_t& size) const {
  const uint64_t there = memory_.written - read_;
  if (there == 0) return Found::kNothing;
  if (there < kHead || there > RingMemory::kCapacity) return Found::kDamaged;
  uint64_t announced;
  get(read_, reinterpret_cast<char*>(&announced), kHead);
  // Not padded first: that of the largest number is 0.
  if (announced > there - kHead || padded(announced) > there - kHead) return Found::kDamaged;
  size = announced;
  return Found::kPacket;
}

bool RingReader::drop(size_t size) {
  read_ += kHead + padded(size);
  memory_.read = read_;
  return memory_.writerWaits != 0 && memory_.writerWaits.exchange(0) != 0;
}

void RingReader::get(uint64_t at, char* data, size_t size) const {
  const size_t offset = at % RingMemory::kCapacity;
  const size_t first = std::min(size, RingMemory::kCapacity - offset);
  std::memcpy(data, memory_.data + offset, first);
  std::memcpy(data + first, memory_.data, size - first);
}

}  // namespace mpi_futures
