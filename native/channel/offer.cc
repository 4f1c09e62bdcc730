#include "channel/offer.h"

#include <cstring>
#include <new>
#include <utility>

namespace mpi_futures {

namespace {

// `detail` of the header.
enum class Addresses : uint32_t { kInPacket = 0, kInTable = 1 };

void writeAddresses(const std::vector<Span>& parts, char* at) {
  for (const Span& part : parts) {
    const auto address = reinterpret_cast<uint64_t>(part.data);
    std::memcpy(at, &address, sizeof address);
    at += sizeof address;
  }
}

}  // namespace

Offer offerOf(const Block& packet, const std::vector<Span>& parts, uint32_t number) {
  PacketHeader header = headerOf(packet);
  const size_t bodySize = packet.size() - sizeof header;
  const size_t addresses = parts.size() * sizeof(uint64_t);
  const bool inTable = addresses + bodySize > kLongestPacket;
  header.kind = PacketKind::kOffered;
  header.tag = number;
  header.detail = static_cast<uint32_t>(inTable ? Addresses::kInTable : Addresses::kInPacket);
  const size_t inPacket = inTable ? sizeof(uint64_t) : addresses;
  Offer offer{packetOf(header, inPacket + bodySize), Block(inTable ? addresses : 0)};
  char* const at = offer.packet.data() + sizeof header;
  if (inTable) {
    writeAddresses(parts, offer.table.data());
    writeAddresses({Span{offer.table.data(), addresses}}, at);
  } else {
    writeAddresses(parts, at);
  }
  if (bodySize != 0) std::memcpy(at + inPacket, packet.data() + sizeof header, bodySize);
  return offer;
}

Fault openOffer(Block packet, const PeerMemory& memory, OpenedOffer& opened) try {
  const PacketHeader header = headerOf(packet);
  const bool inTable = header.detail == static_cast<uint32_t>(Addresses::kInTable);
  const bool bodyOffered = header.bodyInBulk != 0;
  const size_t parts = size_t{header.bufferCount} + (bodyOffered ? 1 : 0);
  const size_t bodyAt = sizeof header + (inTable ? 1 : parts) * sizeof(uint64_t);
  if (packet.size() < bodyAt) return Fault::kCutOff;
  uint64_t table = 0;
  if (inTable) std::memcpy(&table, packet.data() + sizeof header, sizeof table);
  const auto addresses = [&](size_t first, size_t count, uint64_t* to) {
    const size_t skipped = first * sizeof(uint64_t);
    const size_t size = count * sizeof(uint64_t);
    if (inTable) return memory.read(to, table + skipped, size);
    std::memcpy(to, packet.data() + sizeof header + skipped, size);
    return true;
  };
  if (bodyOffered) {
    uint64_t address = 0;
    if (!addresses(0, 1, &address)) return Fault::kUnreadable;
    opened.body = Block(header.bodyInBulk);
    if (!memory.read(opened.body.data(), address, opened.body.size())) return Fault::kUnreadable;
  }
  // The sizes of the buffers are in the body. Without them no memory is taken for the addresses.
  const size_t bodySize = bodyOffered ? opened.body.size() : packet.size() - bodyAt;
  if (bodySize / sizeof(uint64_t) < header.bufferCount) return Fault::kCutOff;
  opened.addresses.resize(header.bufferCount);
  if (header.bufferCount != 0 &&
      !addresses(bodyOffered ? 1 : 0, header.bufferCount, opened.addresses.data()))
    return Fault::kUnreadable;
  if (!bodyOffered) opened.body = std::move(packet);
  const size_t sizesAt = bodyOffered ? 0 : bodyAt;
  opened.payloadAt = sizesAt + header.bufferCount * sizeof(uint64_t);
  return allocateBuffers(opened.body.data() + sizesAt, bodySize, header.bufferCount,
                         opened.buffers);
} catch (const std::bad_alloc&) {
  return Fault::kNoMemory;
}

}  // namespace mpi_futures
