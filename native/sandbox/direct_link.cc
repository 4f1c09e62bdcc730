#include "sandbox/direct_link.h"

#include <chrono>
#include <limits>
#include <utility>

#include "channel/offer.h"
#include "channel/peer_reads.h"
#include "javascript/inbox.h"
#include "javascript/ring_loop.h"
#include "mpi_thread/or_end.h"

namespace mpi_futures {

namespace {

// There is one channel here, with one sender.
constexpr int kChannel = 0;
constexpr int kMaster = 0;

void endForDamage() { endFor("the memory shared with the master is damaged"); }

}  // namespace

DirectLink& DirectLink::instance() {
  static NeverDestroyed<DirectLink> link;
  return *link;
}

bool DirectLink::offer(Napi::Env env, const DoorbellAddress& master, int pipe) {
  if (!doorbell_.isShared()) return false;
  master_ = PeerDoorbell::open(master);
  if (!master_ || !master_->setPipe(pipe)) return false;
  // It is the only one that reads what is offered here.
  PeerMemory::letRead(master.memory.pid);
  memory_ = PeerMemory::open(master.memory.pid, master.tokenAt, master.memory.token);
  if (!memory_.readable()) return false;
  RingLoop::instance().open(env, *this);
  if (RingLoop::instance().pipe() < 0) return false;
  rings_ = SharedRings::make();
  return rings_ != nullptr;
}

void DirectLink::use() {
  rings_->hide();
  used_ = true;
  // The master may have called before.
  RingLoop::instance().call();
}

void DirectLink::send(Bytes payload, const std::vector<Span>& buffers) {
  PackedMessage packed = packMessage(payload.data, payload.size, buffers);
  if (packed.isWhole) {
    put(packed.packet);
    master_->call();
  } else {
    std::vector<Span> parts;
    const Block& body = packed.bulkBody;
    if (body.size() != 0) parts.push_back({body.data(), body.size()});
    parts.insert(parts.end(), buffers.begin(), buffers.end());
    const Offer offer = offerOf(packed.packet, parts, ++offers_);
    put(offer.packet);
    master_->ring();
    await([this] { return read_ == offers_; });
  }
  saysRead();
}

// Not too much at once: the event loop has its turn in between.
void DirectLink::takeFromRings() {
  constexpr int kPacketsPerTurn = 64;
  if (!used_) return;
  for (int taken = 0; taken < kPacketsPerTurn && takeOne();) taken++;
  saysRead();
}

bool DirectLink::takeOne() {
  RingReader& in = rings_->in();
  size_t size = 0;
  const RingReader::Found found = in.next(size);
  if (found == RingReader::Found::kNothing) return false;
  if (found == RingReader::Found::kDamaged) endForDamage();
  Block packet(size);
  in.copy(packet.data(), size);
  if (in.drop(size)) master_->ring();
  take(std::move(packet));
  return true;
}

void DirectLink::take(Block packet) {
  PacketHeader header;
  if (!readHeader(packet, header)) endFor("the master has sent a packet that is cut off");
  if (isPlain(packet)) {
    std::vector<Block> buffers;
    size_t payloadAt = 0;
    const Fault fault = copyBuffers(packet.data() + sizeof header, packet.size() - sizeof header,
                                    header.bufferCount, buffers, payloadAt);
    if (fault != Fault::kNone) endFor("a message of the master could not be received");
    return Inbox::instance().put(Message{kChannel, kMaster, std::move(packet),
                                         sizeof header + payloadAt, std::move(buffers)});
  }
  if (header.kind == PacketKind::kOffered && hasParts(header))
    return takeOffered(std::move(packet), header.tag);
  if (header.kind != PacketKind::kRead) endFor("the master has sent a packet that nobody sends");
  read_ = header.detail;
}

void DirectLink::takeOffered(Block packet, uint32_t number) {
  OpenedOffer opened;
  bool isRead = openOffer(std::move(packet), memory_, opened) == Fault::kNone;
  std::vector<Block> buffers;
  if (isRead && !opened.buffers.empty()) {
    PeerRead read(kMaster, memory_, std::move(opened.addresses), std::move(opened.buffers),
                  [&](bool ok, std::vector<Block> parts) {
                    isRead = ok;
                    buffers = std::move(parts);
                  });
    while (!read.read(std::numeric_limits<size_t>::max())) {
    }
  }
  if (!isRead) endFor("a large message of the master could not be read");
  toSay_.push_back(number);
  Inbox::instance().put(
      Message{kChannel, kMaster, std::move(opened.body), opened.payloadAt, std::move(buffers)});
}

// The master's MPI thread makes room, and rings then.
void DirectLink::put(const Block& packet) {
  using Written = RingWriter::Written;
  const auto isPut = [&] {
    const Written written = rings_->out().write({packet.data(), packet.size()});
    if (written == Written::kDamaged) endForDamage();
    return written == Written::kWhole;
  };
  if (isPut()) return;
  master_->ring();
  await(isPut);
}

// Not called where a packet is taken: to wait for room there would take the next one.
void DirectLink::saysRead() {
  for (; !toSay_.empty(); toSay_.pop_front()) {
    put(packetOf(PacketHeader{PacketKind::kRead, 0, 0, toSay_.front(), 0}, 0));
    master_->ring();
  }
}

// What comes meanwhile waits in the inbox. Its sender calls, so the event loop will deliver it.
template <typename Condition>
void DirectLink::await(Condition condition) {
  constexpr std::chrono::milliseconds kLongest{100};  // a ring may get lost with its sender
  for (;;) {
    const uint32_t ticket = doorbell_.prepare();
    while (takeOne()) {
    }
    if (condition()) return doorbell_.cancel();
    doorbell_.sleep(ticket, kLongest);
  }
}

}  // namespace mpi_futures
