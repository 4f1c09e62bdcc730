// The packets of a channel, as they are in memory and in a ring. Nothing of MPI is in this.
//
// A message is a payload (opaque) and any number of buffers. In its packet, behind the header, is
// the body: the sizes of the buffers (uint64), the buffers if all of the message is in the packet,
// and the payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "channel/memory.h"

namespace mpi_futures {

enum class PacketKind : uint32_t {
  kData = 0,
  kQuit = 1,
  kOffered = 2,   // as kData, the addresses of the parts between header and body; `tag` names it
  kRead = 3,      // the receiver has read the parts of what was offered as `detail`
  kReadable = 4,  // the sender of this can read the receiver's memory
  kReady = 5,     // the sender was told to quit, and is about to finalize
  kHeartbeat =
      6,      // the sender ends, or gives the receiver up, after `detail` ms of silence, 0: never
  kPing = 7,  // to be answered
  kPong = 8,
  kAway = 9,  // the sender cannot answer, `detail` 1, or can again, 0
};

// In front of every packet. Both sides run the same build on the same kind of machine, as MPI_BYTE
// demands anyway.
struct PacketHeader {
  PacketKind kind;
  uint32_t bufferCount;
  uint32_t tag;         // of the bulk transfer that follows, 0 if none does: all is in the packet
  uint32_t detail;      // see PacketKind; kQuit: how; kRead: which
  uint64_t bodyInBulk;  // size of the body if it is the first part of the transfer, else 0: the
                        // body is in the packet
};

struct Span {
  char* data;
  size_t size;
};

size_t totalSize(const std::vector<Span>& parts);

// Packets up to this size are received by one MPI call as a rule, and there is room for them in a
// ring. A message that fits goes as one, its buffers included: each step of a transfer costs more
// than copying so little. Larger bodies, and all buffers of larger messages, go another way.
inline constexpr size_t kLongestPacket = 128 << 10;

Block packetOf(const PacketHeader& header, size_t bodySize);

// The header of a packet that has one.
PacketHeader headerOf(const Block& packet);
// False if the packet is too short to have one.
bool readHeader(const Block& packet, PacketHeader& header);

// A message that is whole, and for JavaScript alone.
bool isPlain(const Block& packet);

inline bool hasParts(const PacketHeader& header) {
  return header.bufferCount != 0 || header.bodyInBulk != 0;
}

struct PackedMessage {
  Block packet;
  Block bulkBody;  // the body if it does not fit into the packet, else empty
  bool isWhole;    // all of the message is in the packet
};

PackedMessage packMessage(const char* payload, size_t size, const std::vector<Span>& buffers);

// What is wrong with a packet that came.
enum class Fault { kNone, kCutOff, kNoMemory, kUnreadable };

// Reads the sizes in front of a body and allocates the buffers.
Fault allocateBuffers(const char* body, size_t bodySize, uint32_t count,
                      std::vector<Block>& buffers);

// Copies buffers out of a body in which they follow their sizes. `end` is where the payload begins.
Fault copyBuffers(const char* body, size_t bodySize, uint32_t count, std::vector<Block>& buffers,
                  size_t& end);

}  // namespace mpi_futures
