#include "channel/packet.h"

#include <cstring>
#include <new>

namespace mpi_futures {

size_t totalSize(const std::vector<Span>& parts) {
  size_t total = 0;
  for (const Span& part : parts) total += part.size;
  return total;
}

Block packetOf(const PacketHeader& header, size_t bodySize) {
  Block packet(sizeof header + bodySize);
  std::memcpy(packet.data(), &header, sizeof header);
  return packet;
}

PacketHeader headerOf(const Block& packet) {
  PacketHeader header;
  std::memcpy(&header, packet.data(), sizeof header);
  return header;
}

bool readHeader(const Block& packet, PacketHeader& header) {
  if (packet.size() < sizeof header) return false;
  header = headerOf(packet);
  return true;
}

bool isPlain(const Block& packet) {
  PacketHeader header;
  return readHeader(packet, header) && header.kind == PacketKind::kData && header.tag == 0 &&
         header.bodyInBulk == 0;
}

PackedMessage packMessage(const char* payload, size_t size, const std::vector<Span>& buffers) {
  const size_t sizes = buffers.size() * sizeof(uint64_t);
  const size_t inBuffers = totalSize(buffers);
  const bool whole = sizes + size + inBuffers <= kLongestPacket;
  const size_t bodySize = sizes + size + (whole ? inBuffers : 0);
  const bool bodyInBulk = bodySize > kLongestPacket;
  const PacketHeader header{PacketKind::kData, static_cast<uint32_t>(buffers.size()), 0, 0,
                            bodyInBulk ? bodySize : 0};
  PackedMessage packed{packetOf(header, bodyInBulk ? 0 : bodySize),
                       Block(bodyInBulk ? bodySize : 0), whole};
  char* body = bodyInBulk ? packed.bulkBody.data() : packed.packet.data() + sizeof header;
  for (size_t i = 0; i < buffers.size(); i++) {
    const uint64_t length = buffers[i].size;
    std::memcpy(body + i * sizeof length, &length, sizeof length);
  }
  char* at = body + sizes;
  for (const Span& buffer : buffers) {
    if (!whole || buffer.size == 0) continue;
    std::memcpy(at, buffer.data, buffer.size);
    at += buffer.size;
  }
  if (size != 0) std::memcpy(at, payload, size);
  return packed;
}

Fault allocateBuffers(const char* body, size_t bodySize, uint32_t count,
                      std::vector<Block>& buffers) try {
  if (bodySize / sizeof(uint64_t) < count) return Fault::kCutOff;
  buffers.reserve(count);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t size;
    std::memcpy(&size, body + i * sizeof size, sizeof size);
    buffers.emplace_back(size);
  }
  return Fault::kNone;
} catch (const std::bad_alloc&) {
  return Fault::kNoMemory;
}

Fault copyBuffers(const char* body, size_t bodySize, uint32_t count, std::vector<Block>& buffers,
                  size_t& end) try {
  end = count * sizeof(uint64_t);
  if (bodySize < end) return Fault::kCutOff;
  buffers.reserve(count);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t size;
    std::memcpy(&size, body + i * sizeof size, sizeof size);
    if (size > bodySize - end) return Fault::kCutOff;
    buffers.emplace_back(size);
    if (size != 0) std::memcpy(buffers.back().data(), body + end, size);
    end += size;
  }
  return Fault::kNone;
} catch (const std::bad_alloc&) {
  return Fault::kNoMemory;
}

}  // namespace mpi_futures
