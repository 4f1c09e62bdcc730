// Tests the rings of native/rings between real processes. The argument names the check; see
// test/unit/rings.test.ts. Prints each failed expectation, and then ends with status 1.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "channel/peer_memory.h"
#include "random.h"
#include "rings/shared_rings.h"

using namespace mpi_futures;

namespace {

int failures = 0;

#define EXPECT(condition)                                          \
  do {                                                             \
    if (!(condition)) {                                            \
      std::printf("line %d: expected %s\n", __LINE__, #condition); \
      if (++failures > 20) std::exit(1);                           \
    }                                                              \
  } while (false)

using Found = RingReader::Found;
using Written = RingWriter::Written;
constexpr size_t kCapacity = RingMemory::kCapacity;
constexpr size_t kLargest = (128 << 10) + 24;  // the largest packet of a channel

// Packet `index` of a stream: most are small, some as large as they may be.
std::string packetOf(uint64_t index) {
  Random random(0x9e3779b97f4a7c15 ^ (index + 1));
  const uint64_t kind = random() % 1000;
  const size_t size = kind == 0 ? random() % (kLargest + 1) : random() % (kind < 10 ? 5000 : 200);
  std::string packet(size, static_cast<char>(random()));
  for (size_t at = 0; at + 8 <= size; at += 1 + size / 8) {
    const uint64_t word = random();
    std::memcpy(&packet[at], &word, sizeof word);
  }
  return packet;
}

bool write(RingWriter& out, const std::string& packet) {
  const size_t half = packet.size() / 2;
  const Written written =
      out.write({packet.data(), half}, {packet.data() + half, packet.size() - half});
  EXPECT(written != Written::kDamaged);
  return written == Written::kWhole;
}

bool take(RingReader& in, std::string& packet, bool* writerWaits = nullptr) {
  size_t size = 0;
  const Found found = in.next(size);
  EXPECT(found != Found::kDamaged);
  if (found != Found::kPacket) return false;
  packet.resize(size);
  in.copy(&packet[0], size);
  const bool waits = in.drop(size);
  if (writerWaits) *writerWaits = waits;
  return true;
}

// A child process that opens the rings of this process.
struct Pair {
  explicit Pair(const std::function<void(SharedRings&)>& body) : rings(SharedRings::make()) {
    EXPECT(rings != nullptr);
    const SharedMemoryAddress address = rings->address();
    std::fflush(stdout);
    child = fork();
    if (child != 0) return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    failures = 0;
    const std::unique_ptr<SharedRings> opened = SharedRings::open(address);
    EXPECT(opened != nullptr);
    if (opened) body(*opened);
    std::fflush(stdout);
    _exit(failures == 0 ? 0 : 1);
  }
  // Waits for the child, and returns its status.
  int end() {
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }

  std::unique_ptr<SharedRings> rings;
  pid_t child;
};

// Sends a million packets to the child, which sends each of them back.
void stream() {
  constexpr uint64_t kCount = 1'000'000;
  Pair pair([](SharedRings& rings) {
    std::string packet;
    for (uint64_t i = 0; i < kCount; i++) {
      while (!take(rings.in(), packet)) sched_yield();
      while (!write(rings.out(), packet)) sched_yield();
    }
  });
  std::string back;
  uint64_t received = 0;
  for (uint64_t sent = 0; received < kCount;) {
    bool moved = false;
    for (; sent < kCount && write(pair.rings->out(), packetOf(sent)); sent++) moved = true;
    for (; take(pair.rings->in(), back); received++) {
      EXPECT(back == packetOf(received));
      moved = true;
    }
    if (!moved) sched_yield();
  }
  EXPECT(pair.end() == 0);
  EXPECT(!pair.rings->in().filled());
}

// Writes packets of each size at each place near the end of the ring.
void wraps() {
  for (size_t size = 0; size < 80; size++) {
    const std::unique_ptr<RingMemory> memory(new RingMemory());
    RingWriter out(*memory);
    RingReader in(*memory);
    std::string packet;
    const std::string filler((kCapacity / 2 - 8) / 8 * 8, 'f');
    for (size_t before = 0; before < 100; before += 8) {
      EXPECT(write(out, filler) && take(in, packet) && packet == filler);
      EXPECT(write(out, std::string(before, 'b')) && take(in, packet));
      for (size_t i = 0; i < 3; i++) EXPECT(write(out, std::string(size, static_cast<char>(i))));
      for (size_t i = 0; i < 3; i++)
        EXPECT(take(in, packet) && packet == std::string(size, static_cast<char>(i)));
      EXPECT(!take(in, packet));
    }
  }
}

// A packet for which there is no room is refused as a whole; the reader reports once that there is
// room.
void full() {
  const std::unique_ptr<RingMemory> memory(new RingMemory());
  RingWriter out(*memory);
  RingReader in(*memory);
  std::string packet;
  bool waits = true;
  EXPECT(write(out, std::string(kLargest, 'a')));
  EXPECT(!write(out, std::string(kLargest, 'b')));
  EXPECT(write(out, "small"));
  EXPECT(take(in, packet, &waits) && packet == std::string(kLargest, 'a'));
  EXPECT(take(in, packet, &waits) && packet == "small" && !waits);
  for (int round = 0; round < 100; round++) {
    uint64_t written = 0;
    while (write(out, packetOf(written))) written++;
    EXPECT(written > 10);
    for (uint64_t i = 0; i < written; i++) {
      EXPECT(take(in, packet, &waits) && packet == packetOf(i));
      EXPECT(waits == (i == 0));
    }
    EXPECT(!take(in, packet));
  }
  EXPECT(write(out, std::string(kCapacity - 8, 'c')) && take(in, packet));
  EXPECT(!write(out, std::string(kCapacity - 7, 'd')));
}

// A killed writer leaves only whole packets.
void torn() {
  for (int round = 0; round < 30; round++) {
    Pair pair([](SharedRings& rings) {
      for (uint64_t i = 0;; i++)
        while (!write(rings.out(), packetOf(i))) sched_yield();
    });
    std::string packet;
    uint64_t received = 0;
    const auto takeAll = [&] {
      for (; take(pair.rings->in(), packet); received++) EXPECT(packet == packetOf(received));
    };
    while (received < 200u * static_cast<unsigned>(round + 1)) {
      takeAll();
      sched_yield();
    }
    kill(pair.child, SIGKILL);
    EXPECT(WIFSIGNALED(pair.end()));
    takeAll();
    EXPECT(!pair.rings->in().filled());
  }
}

// Wrong positions and sizes are detected, and nothing outside the ring is used.
void damaged() {
  const auto outcome = [](uint64_t written, uint64_t size) {
    const std::unique_ptr<RingMemory> memory(new RingMemory());
    memory->written = written;
    std::memcpy(memory->data, &size, sizeof size);
    RingReader in(*memory);
    size_t found = 0;
    return in.next(found);
  };
  const uint64_t most = ~uint64_t{0};
  EXPECT(outcome(0, 0) == Found::kNothing);
  EXPECT(outcome(8, 0) == Found::kPacket);
  EXPECT(outcome(16, 8) == Found::kPacket);
  for (const uint64_t written : {uint64_t{1}, uint64_t{7}, kCapacity + 1, most, most - 7, most / 2})
    EXPECT(outcome(written, 0) == Found::kDamaged);
  for (const uint64_t size : {uint64_t{1}, uint64_t{8}, kCapacity, most, most - 7, most - 8})
    EXPECT(outcome(8, size) == Found::kDamaged);
  for (const uint64_t size : {uint64_t{9}, uint64_t{16}, most - 3})
    EXPECT(outcome(16, size) == Found::kDamaged);
  EXPECT(outcome(12, 3) == Found::kDamaged);  // its padding is missing
  EXPECT(outcome(kCapacity, kCapacity - 8) == Found::kPacket);
  EXPECT(outcome(kCapacity, kCapacity - 7) == Found::kDamaged);

  // A reader that says it has read what is not written, or less than before, makes no room, and is
  // found.
  const std::string packet(kLargest, 'a');
  for (const uint64_t read : {uint64_t{1} << 40, most, kCapacity + 1, uint64_t{8}}) {
    const std::unique_ptr<RingMemory> memory(new RingMemory());
    RingWriter out(*memory);
    RingReader in(*memory);
    std::string taken;
    EXPECT(write(out, packet) && take(in, taken) && write(out, packet) && !write(out, packet));
    memory->read = read;
    EXPECT(out.write({packet.data(), packet.size()}) == Written::kDamaged);
    EXPECT(take(in, taken) && taken == packet);  // was not overwritten
  }
}

// Memory that is not the intended one is refused.
void opened() {
  const std::unique_ptr<SharedRings> rings = SharedRings::make();
  const SharedMemoryAddress right = rings->address();
  const auto open = [](int64_t pid, uint64_t token, int32_t fd) {
    return SharedRings::open({pid, token, fd}) != nullptr;
  };
  EXPECT(open(right.pid, right.token, right.fd));
  EXPECT(!open(right.pid, right.token + 1, right.fd));
  EXPECT(!open(right.pid, right.token, -1) && !open(right.pid, right.token, 1 << 20));
  EXPECT(!open(0, right.token, right.fd) && !open(-1, right.token, right.fd));

  int ends[2];
  EXPECT(pipe(ends) == 0);
  EXPECT(!open(right.pid, right.token, ends[0]) && !open(right.pid, right.token, ends[1]));
  // Right, except that it may become shorter, which would end a process that uses its end.
  const off_t size = lseek(right.fd, 0, SEEK_END);
  const int unsealed = memfd_create("rings", MFD_ALLOW_SEALING);
  EXPECT(ftruncate(unsealed, size) == 0);
  EXPECT(pwrite(unsealed, &right.token, sizeof right.token, 0) == sizeof right.token);
  EXPECT(!open(right.pid, right.token, unsealed));
  EXPECT(fcntl(unsealed, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0);
  EXPECT(open(right.pid, right.token, unsealed));
  EXPECT(ftruncate(right.fd, size - 1) != 0);

  rings->hide();
  EXPECT(!open(right.pid, right.token, right.fd));
  EXPECT(write(rings->out(), "still there"));
}

// Memory of a process is read only as long as the process has its token: its id may be that of
// another one, or of another program.
void peerMemory() {
  const int64_t pid = getpid();
  uint64_t token = 0x1234567890abcdef;
  const uint64_t tokenAt = reinterpret_cast<uint64_t>(&token);
  const std::string sent = packetOf(1000) + std::string(100000, 's');
  std::string got(sent.size(), '\0');
  const auto read = [&](const PeerMemory& memory) {
    return memory.read(&got[0], reinterpret_cast<uint64_t>(sent.data()), got.size());
  };
  EXPECT(!PeerMemory::open(pid, tokenAt, token + 1).readable());
  EXPECT(!PeerMemory::open(pid, 0, token).readable() && !PeerMemory::open(pid, 8, 0).readable());
  EXPECT(!read(PeerMemory()));
  // Harmless wherever it is not needed, and for processes that there cannot be.
  for (const int64_t other : {pid, int64_t{getppid()}, int64_t{1} << 30}) {
    PeerMemory::letRead(other);
    const PeerMemory memory = PeerMemory::open(pid, tokenAt, token);
    EXPECT(memory.readable() && read(memory) && got == sent);
  }
  const PeerMemory memory = PeerMemory::open(pid, tokenAt, token);
  token++;
  EXPECT(!read(memory));
  token--;
  EXPECT(read(memory));
}

}  // namespace

int main(int, char** arguments) {
  const std::map<std::string, void (*)()> checks = {
      {"stream", stream},
      {"wraps", wraps},
      {"full", full},
      {"torn", torn},
      {"damaged", damaged},
      {"opened", opened},
      {"peerMemory", peerMemory},
  };
  checks.at(arguments[1])();
  return failures == 0 ? 0 : 1;
}
