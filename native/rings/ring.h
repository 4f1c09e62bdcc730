// A ring: packets from one thread to another, mostly of another process of the same host, through
// memory that both see. It knows nothing of MPI, and neither side ever waits in it.
//
// One thread at a time writes, and one at a time reads: whoever calls sees to that. A packet is
// written whole or not at all. Nothing that the other side writes there is believed: positions and
// sizes are looked at before they are used, and each side keeps its own position to itself.
//
// Positions, and who waits, are sequentially consistent: whoever says "it is there" and then asks
// if the other side sleeps, and whoever is about to sleep and then looks once more, must not miss
// each other.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace mpi_futures {

// What both sides see of one direction. Fresh memory, all zero, is an empty ring.
struct RingMemory {
  // The largest packet of a channel has room in it, and it fits into the cache of a core.
  static constexpr size_t kCapacity = size_t{256} << 10;

  alignas(64) std::atomic<uint64_t> written;  // bytes, ever
  alignas(64) std::atomic<uint64_t> read;     // bytes, ever
  std::atomic<uint32_t> writerWaits;          // for room
  alignas(64) char data[kCapacity];
};

struct Bytes {
  const char* data;
  size_t size;
};

class RingWriter {
 public:
  explicit RingWriter(RingMemory& memory) : memory_(memory) {}
  // kNoRoom: the reader will say when there is some (RingReader::drop). kDamaged: the reader cannot
  // have read so much, or so little; there may never be any.
  enum class Written { kWhole, kNoRoom, kDamaged };
  // The two parts as one packet.
  Written write(Bytes first, Bytes second = {nullptr, 0});

 private:
  Written roomFor(uint64_t size);
  uint64_t put(uint64_t at, Bytes bytes);

  RingMemory& memory_;
  uint64_t written_ = 0;
  uint64_t readSeen_ = 0;
};

class RingReader {
 public:
  enum class Found { kNothing, kPacket, kDamaged };

  explicit RingReader(RingMemory& memory) : memory_(memory) {}
  bool filled() const { return memory_.written.load() != read_; }
  // The size of the packet in front.
  Found next(size_t& size) const;
  // Copies the packet in front, whose size next() has given: what is looked at is the copy.
  void copy(char* packet, size_t size) const { get(read_ + kHead, packet, size); }
  // Goes on to the next. True if the writer waits for room: it is to be told.
  bool drop(size_t size);

 private:
  friend class RingWriter;
  static constexpr uint64_t kHead = sizeof(uint64_t);  // its size, in front of each packet
  static constexpr uint64_t padded(uint64_t size) { return (size + kHead - 1) / kHead * kHead; }
  void get(uint64_t at, char* data, size_t size) const;

  RingMemory& memory_;
  uint64_t read_ = 0;
};

}  // namespace mpi_futures
