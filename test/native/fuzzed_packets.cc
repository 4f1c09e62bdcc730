// Packets of a channel that arrive damaged: `fuzzed_packets COUNT SEED`. For AddressSanitizer,
// which sees a byte that is read or written outside of a packet; what a packet says is checked
// here. See test/unit/rings.test.ts.
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "channel/offer.h"
#include "channel/packet.h"
#include "channel/peer_memory.h"
#include "random.h"

using namespace mpi_futures;

// A size that cannot be is no memory, as it is without the sanitizer.
extern "C" const char* __asan_default_options() {
  return "allocator_may_return_null=1:max_allocation_size_mb=4";
}

namespace {

uint64_t at = 0;  // the number of the packet

[[noreturn]] void fail(const char* what) {
  std::printf("packet %llu: %s\n", static_cast<unsigned long long>(at), what);
  std::exit(1);
}

// A message, with what its sender makes of it.
struct Sent {
  std::string payload;
  std::vector<std::string> buffers;
  PackedMessage packed;
  Block packet;  // what travels: all of the message, or an offer of it
  Block table;   // of the offer
};

std::vector<Span> spansOf(std::vector<std::string>& texts) {
  std::vector<Span> spans;
  for (std::string& text : texts) spans.push_back(Span{&text[0], text.size()});
  return spans;
}

Block copyOf(const Block& block) {
  Block copy(block.size());
  if (block.size() != 0) std::memcpy(copy.data(), block.data(), block.size());
  return copy;
}

Sent send(Random& random) {
  Sent sent;
  // One of forty is too large for a packet: its payload, or a buffer.
  const uint64_t large = random(80);
  const auto size = [&](bool isLarge) { return random(300) + (isLarge ? kLongestPacket : 0); };
  sent.payload.assign(size(large == 0), static_cast<char>(at));
  // So many that their addresses, and now and then their sizes, do not fit, either.
  const bool isTable = random(2000) == 0;
  const uint64_t count = isTable ? 9000 + random(20'000) : random(5);
  for (uint64_t i = 0; i < count; i++)
    sent.buffers.emplace_back(isTable ? random(20) : size(i == 0 && large == 1),
                              static_cast<char>(at + i));
  const std::vector<Span> buffers = spansOf(sent.buffers);
  sent.packed = packMessage(sent.payload.data(), sent.payload.size(), buffers);
  if (sent.packed.isWhole) {
    sent.packet = copyOf(sent.packed.packet);
    return sent;
  }
  std::vector<Span> parts;
  const Block& body = sent.packed.bulkBody;
  if (body.size() != 0) parts.push_back(Span{body.data(), body.size()});
  parts.insert(parts.end(), buffers.begin(), buffers.end());
  Offer offer = offerOf(sent.packed.packet, parts, static_cast<uint32_t>(random(1000)));
  sent.packet = std::move(offer.packet);
  sent.table = std::move(offer.table);
  return sent;
}

// What a receiver has of a packet; nothing if it has refused it.
struct Received {
  bool isThere = false;
  Block body;
  size_t payloadAt = 0;
  std::vector<Block> buffers;
};

// Does with a packet what the receiver of a channel does.
Received receive(Block packet, const PeerMemory& memory) try {
  Received received;
  PacketHeader header;
  if (!readHeader(packet, header)) return received;
  if (isPlain(packet)) {
    size_t end = 0;
    if (copyBuffers(packet.data() + sizeof header, packet.size() - sizeof header,
                    header.bufferCount, received.buffers, end) != Fault::kNone)
      return received;
    received.body = std::move(packet);
    received.payloadAt = sizeof header + end;
  } else if (header.kind == PacketKind::kOffered && hasParts(header)) {
    OpenedOffer opened;
    if (openOffer(std::move(packet), memory, opened) != Fault::kNone) return received;
    if (opened.addresses.size() != opened.buffers.size()) fail("a buffer has no address");
    for (size_t i = 0; i < opened.buffers.size(); i++) {
      const Block& buffer = opened.buffers[i];
      if (!memory.read(buffer.data(), opened.addresses[i], buffer.size())) return received;
    }
    received.body = std::move(opened.body);
    received.payloadAt = opened.payloadAt;
    received.buffers = std::move(opened.buffers);
  } else {
    return received;
  }
  if (received.payloadAt > received.body.size()) fail("a payload begins behind its packet");
  received.isThere = true;
  return received;
} catch (const std::bad_alloc&) {
  return {};
}

void expectSame(const Sent& sent, const Received& received) {
  if (!received.isThere) fail("a right packet was refused");
  const Block& body = received.body;
  const std::string payload(body.data() + received.payloadAt, body.size() - received.payloadAt);
  if (payload != sent.payload) fail("the payload is another one");
  if (received.buffers.size() != sent.buffers.size()) fail("there are other buffers");
  for (size_t i = 0; i < sent.buffers.size(); i++) {
    const Block& buffer = received.buffers[i];
    if (std::string(buffer.data() == nullptr ? "" : buffer.data(), buffer.size()) !=
        sent.buffers[i])
      fail("a buffer is another one");
  }
}

// A number that is wrong in some way: near the right one, near the limits, or anything.
uint64_t wrong(Random& random, uint64_t right) {
  switch (random(5)) {
    case 0:
      return right + random(17) - 8;
    case 1:
      return right ^ (uint64_t{1} << random(64));
    case 2:
      return random(1000);
    case 3:
      return ~uint64_t{0} - random(33);
    default:
      return random();
  }
}

// In an allocation of its own size: what lies behind it belongs to nobody.
Block damaged(Random& random, const Block& packet) {
  const uint64_t how = random(5);
  size_t size = packet.size();
  if (how == 0) size = random(size + 1);  // cut off
  if (how == 1) size += 1 + random(64);   // more than was sent
  Block copy(size);
  if (size != 0) std::memset(copy.data(), static_cast<int>(random(256)), size);
  if (size != 0) std::memcpy(copy.data(), packet.data(), std::min(size, packet.size()));
  if (size < sizeof(uint64_t)) return copy;
  for (uint64_t times = 1 + random(3); times > 0 && how > 1; times--) {
    // Where the header, the addresses and the sizes are, or anywhere.
    const size_t places = size / sizeof(uint32_t) - 1;
    const size_t first = 4 * random(random(4) == 0 ? places : std::min<size_t>(places, 24));
    if (how == 4) {  // a part comes again, at another place
      const size_t length = random(std::min<size_t>(size - first, 64));
      std::memmove(copy.data() + random(size - length), copy.data() + first, length);
      continue;
    }
    uint64_t value = 0;
    const size_t width = how == 2 ? sizeof(uint32_t) : sizeof(uint64_t);
    if (first + width > size) continue;
    std::memcpy(&value, copy.data() + first, width);
    value = wrong(random, value);
    std::memcpy(copy.data() + first, &value, width);
  }
  return copy;
}

}  // namespace

int main(int, char** arguments) {
  const uint64_t count = std::strtoull(arguments[1], nullptr, 10);
  Random random(std::strtoull(arguments[2], nullptr, 10) | 1);
  const uint64_t word = random();
  const PeerMemory memory = PeerMemory::open(getpid(), reinterpret_cast<uint64_t>(&word), word);
  uint64_t arrived = 0;
  while (at < count) {
    const Sent sent = send(random);
    if (memory.readable() || sent.packed.isWhole)
      expectSame(sent, receive(copyOf(sent.packet), memory));
    for (uint64_t left = 1 + random(8); left > 0; left--, at++)
      if (receive(damaged(random, sent.packet), memory).isThere) arrived++;
  }
  // Some damage leaves a packet that is right in itself. That all do, or none, is a fault of this.
  if (arrived == 0 || arrived == at) fail("the damage is of one kind only");
  return 0;
}
