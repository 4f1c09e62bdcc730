#include "channel/offer.h"

#include <cstring>
#include <utility>

namespace mpi_futures {

Block offerOf(const Block& packet, const std::vector<Span>& parts, uint32_t number) {
  PacketHeader header;
  std::memcpy(&header, packet.data(), sizeof header);
  header.kind = PacketKind::kOffered;
  header.tag = number;
  const size_t addresses = parts.size() * sizeof(uint64_t);
  const size_t bodySize = packet.size() - sizeof header;
  Block offer = packetOf(header, addresses + bodySize);
  char* at = offer.data() + sizeof header;
  for (const Span& part : parts) {
    const auto address = reinterpret_cast<uint64_t>(part.data);
    std::memcpy(at, &address, sizeof address);
    at += sizeof address;
  }
  std::memcpy(at, packet.data() + sizeof header, bodySize);
  return offer;
}

Fault openOffer(Block packet, const PeerMemory& memory, OpenedOffer& opened) {
  PacketHeader header;
  std::memcpy(&header, packet.data(), sizeof header);
  const bool bodyOffered = header.bodyInBulk != 0;
  const size_t parts = size_t{header.bufferCount} + (bodyOffered ? 1 : 0);
  const size_t bodyAt = sizeof header + parts * sizeof(uint64_t);
  if (packet.size() < bodyAt) return Fault::kCutOff;
  opened.addresses.resize(parts);
  std::memcpy(opened.addresses.data(), packet.data() + sizeof header, parts * sizeof(uint64_t));
  // The sizes are in the body.
  opened.body = bodyOffered ? Block(header.bodyInBulk) : std::move(packet);
  if (bodyOffered && !memory.read(opened.body.data(), opened.addresses[0], opened.body.size()))
    return Fault::kUnreadable;
  if (bodyOffered) opened.addresses.erase(opened.addresses.begin());
  const size_t sizesAt = bodyOffered ? 0 : bodyAt;
  opened.payloadAt = sizesAt + header.bufferCount * sizeof(uint64_t);
  return allocateBuffers(opened.body.data() + sizesAt, opened.body.size() - sizesAt,
                         header.bufferCount, opened.buffers);
}

}  // namespace mpi_futures
