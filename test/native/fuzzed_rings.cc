// Rings between a writer and a reader that share damaged memory: `fuzzed_rings COUNT SEED`. For
// AddressSanitizer, which sees a byte that is read or written outside of the memory; what the ring
// says is checked here. See test/unit/rings.test.ts.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>

#include "random.h"
#include "rings/ring.h"

using namespace mpi_futures;

namespace {

constexpr size_t kCapacity = RingMemory::kCapacity;
constexpr size_t kLargest = (128 << 10) + 24;  // the largest packet of a channel

void fail(uint64_t at, const char* what) {
  std::printf("packet %llu: %s\n", static_cast<unsigned long long>(at), what);
  std::exit(1);
}

// A position or size that is wrong in some way: near the right one, near the limits, or anything.
uint64_t wrong(Random& random, uint64_t right) {
  switch (random(5)) {
    case 0:
      return right + random(33) - 16;
    case 1:
      return right ^ (uint64_t{1} << random(64));
    case 2:
      return kCapacity + random(33) - 16;
    case 3:
      return ~uint64_t{0} - random(33);
    default:
      return random();
  }
}

// One pair, in its own allocation: what lies around it belongs to nobody.
class Pair {
 public:
  Pair() : memory_(new RingMemory()), out_(*memory_), in_(*memory_) {}

  // Some packets, written and read in turns; true until the memory was damaged.
  bool step(Random& random, uint64_t at, uint64_t damage) {
    const size_t most = random(50) == 0 ? kLargest : 300;
    const std::string packet(random(most + 1), static_cast<char>(at));
    const size_t half = random(packet.size() + 1);
    const RingWriter::Written written =
        out_.write({packet.data(), half}, {packet.data() + half, packet.size() - half});
    if (!isDamaged_ && written == RingWriter::Written::kDamaged)
      fail(at, "a right position is refused");
    if (written == RingWriter::Written::kWhole) written_.push_back(packet);
    if (damage == 0) {
      isDamaged_ = true;
      spoil(random);
    }
    while (random(isDamaged_ ? 50 : 3) != 0 && take(at)) {
    }
    return !isDamaged_;
  }

 private:
  bool take(uint64_t at) {
    size_t size = 0;
    const RingReader::Found found = in_.next(size);
    if (found != RingReader::Found::kPacket) {
      if (!isDamaged_ && (found == RingReader::Found::kDamaged || !written_.empty()))
        fail(at, "a right packet was not found");
      return false;
    }
    if (size > kCapacity) fail(at, "a packet is larger than the ring");
    const std::unique_ptr<char[]> copy(new char[size]);
    in_.copy(copy.get(), size);
    in_.drop(size);
    if (isDamaged_) return true;
    if (written_.empty()) fail(at, "a packet was found that nobody has written");
    if (written_.front() != std::string(copy.get(), size)) fail(at, "a packet is another one");
    written_.pop_front();
    return true;
  }

  void spoil(Random& random) {
    switch (random(4)) {
      case 0:
        memory_->written = wrong(random, memory_->written);
        break;
      case 1:
        memory_->read = wrong(random, memory_->read);
        break;
      case 2: {  // a size, or a byte of a packet
        const uint64_t place = random(kCapacity / 8) * 8;
        const uint64_t size = wrong(random, random(400));
        std::memcpy(memory_->data + place, &size, sizeof size);
        break;
      }
      default: {  // a part of what was written comes again, at another place
        const size_t size = random(400);
        const size_t from = random(kCapacity - size);
        std::memmove(memory_->data + random(kCapacity - size), memory_->data + from, size);
      }
    }
  }

  const std::unique_ptr<RingMemory> memory_;
  RingWriter out_;
  RingReader in_;
  std::deque<std::string> written_;
  bool isDamaged_ = false;
};

}  // namespace

int main(int, char** arguments) {
  const uint64_t count = std::strtoull(arguments[1], nullptr, 10);
  Random random(std::strtoull(arguments[2], nullptr, 10) | 1);
  auto pair = std::make_unique<Pair>();
  uint64_t afterwards = 0;
  for (uint64_t at = 0; at < count; at++) {
    // Damaged memory is used on for a while, and damaged once more.
    if (afterwards == 1) pair = std::make_unique<Pair>();
    if (afterwards > 0) afterwards--;
    if (!pair->step(random, at, random(20)) && afterwards == 0) afterwards = 1 + random(20);
  }
  return 0;
}
