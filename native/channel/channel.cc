#include "channel/channel.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <unordered_map>
#include <utility>

#include "channel/delivery_order.h"
#include "channel/ring_link.h"
#include "ending/ending.h"
#include "javascript/callbacks.h"
#include "javascript/inbox.h"
#include "mpi_thread/mpi_thread.h"

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

// In front of every control packet. The body is `bufferCount` sizes (uint64), the buffers if no
// transfer follows, and the payload; both sides run the same build on the same kind of machine, as
// MPI_BYTE demands anyway.
struct PacketHeader {
  PacketKind kind;
  uint32_t bufferCount;
  uint32_t tag;         // of the bulk transfer that follows, 0 if none does: all is in the packet
  uint32_t detail;      // see PacketKind; kQuit: how; kRead: which
  uint64_t bodyInBulk;  // size of the body if it is the first part of the transfer, else 0: the
                        // body is in the packet
};

namespace {

// Packets up to this size are received by one MPI call as a rule. A message that fits goes as one,
// its buffers included: each step of a transfer costs more than copying so little. Larger bodies,
// and all buffers of larger messages, go through the transfer.
constexpr size_t kLongestPacket = 128 << 10;

using Clock = std::chrono::steady_clock;

// A peer that takes leave is lost when nothing of it was found for so long, and in so many turns:
// see the head of channel.h.
constexpr std::chrono::milliseconds kQuiet{20};
constexpr int kQuietTurns = 100;
// Or after this: it may be alive, and go on sending.
constexpr std::chrono::milliseconds kLongestLeave{5000};

Block packetOf(const PacketHeader& header, size_t bodySize) {
  Block packet(sizeof header + bodySize);
  std::memcpy(packet.data(), &header, sizeof header);
  return packet;
}

// Below this the two packets of an offer cost more than chunks do.
constexpr size_t kOfferFrom = 32 << 10;

bool hasParts(const PacketHeader& header) {
  return header.bufferCount != 0 || header.bodyInBulk != 0;
}

// A message that goes on in bulk has a tag, and no other has.
bool isDataRight(const PacketHeader& header) {
  if (header.tag == 0) return header.bodyInBulk == 0;
  return header.tag <= kBulkTags && hasParts(header);
}

// A message that is whole, and for JavaScript alone.
bool isPlain(const Block& packet) {
  PacketHeader header;
  if (packet.size() < sizeof header) return false;
  std::memcpy(&header, packet.data(), sizeof header);
  return header.kind == PacketKind::kData && header.tag == 0 && header.bodyInBulk == 0;
}

size_t totalSize(const std::vector<Span>& parts) {
  size_t total = 0;
  for (const Span& part : parts) total += part.size;
  return total;
}

// Reads the sizes in front of a body and allocates the buffers. An error if the body is too short
// for them, or there is no memory.
int allocateBuffers(const char* body, size_t bodySize, uint32_t count,
                    std::vector<Block>& buffers) try {
  if (bodySize / sizeof(uint64_t) < count) return MPI_ERR_TRUNCATE;
  buffers.reserve(count);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t size;
    std::memcpy(&size, body + i * sizeof size, sizeof size);
    buffers.emplace_back(size);
  }
  return MPI_SUCCESS;
} catch (const std::bad_alloc&) {
  return MPI_ERR_NO_MEM;
}

// Copies buffers out of a body in which they follow their sizes. `end` is where the payload begins.
int copyBuffers(const char* body, size_t bodySize, uint32_t count, std::vector<Block>& buffers,
                size_t& end) try {
  end = count * sizeof(uint64_t);
  if (bodySize < end) return MPI_ERR_TRUNCATE;
  buffers.reserve(count);
  for (uint32_t i = 0; i < count; i++) {
    uint64_t size;
    std::memcpy(&size, body + i * sizeof size, sizeof size);
    if (size > bodySize - end) return MPI_ERR_TRUNCATE;
    buffers.emplace_back(size);
    if (size != 0) std::memcpy(buffers.back().data(), body + end, size);
    end += size;
  }
  return MPI_SUCCESS;
} catch (const std::bad_alloc&) {
  return MPI_ERR_NO_MEM;
}

}  // namespace

struct Channel::Peer {
  enum class State { kThere, kTakingLeave, kLost };

  State state = State::kThere;
  DeliveryOrder order;
  uint32_t transfersOut = 0;
  TransferQueue<OutgoingTransfer> outgoing;
  TransferQueue<IncomingTransfer> incoming;
  std::unique_ptr<PeerDoorbell> bell;
  PeerMemory memory;
  std::unique_ptr<RingLink> link;
  std::atomic<RingLink*> direct{nullptr};  // the JavaScript thread may send by it
  bool readsUs = false;
  uint32_t offers = 0;
  std::unordered_map<uint32_t, std::unique_ptr<OutgoingTransfer>> offered;
  // Its part of the channel's counts.
  int sending = 0;
  int transferring = 0;
  int agreeing = 0;
  bool toldToQuit = false;
  // While it takes leave.
  Reason reason;
  Clock::time_point noticedAt;
  Clock::time_point heardAt;
  int quietTurns = 0;

  bool there() const { return state == State::kThere; }
  // One that cannot be rung looks after some time.
  void ring() {
    if (bell) bell->ring();
  }
  void call() {
    if (bell) bell->call();
  }
};

// A control packet that MPI still reads from.
class Channel::PacketOut final : public Completable {
 public:
  PacketOut(std::shared_ptr<Channel> channel, int dest, Block packet)
      : channel_(std::move(channel)), dest_(dest), packet_(std::move(packet)) {}
  int post(MPI_Request* request) {
    return MPI_Isend(packet_.data(), static_cast<int>(packet_.size()), MPI_BYTE, dest_, kControlTag,
                     channel_->comm_, request);
  }
  void completed(int code, const MPI_Status&) override {
    channel_->count(dest_, &Peer::sending, channel_->sending_, -1);
    if (code != MPI_SUCCESS) channel_->sendFailed(dest_, "MPI_Isend", code);
  }

 private:
  const std::shared_ptr<Channel> channel_;
  const int dest_;
  const Block packet_;
};

Channel::Channel(int id, MPI_Comm comm, int peers, int self, bool toMaster)
    : id_(id),
      comm_(comm),
      self_(self),
      toMaster_(toMaster),
      receiver_(comm, kControlTag, peers, *this),
      silentPeers_(toMaster ? 1 : peers - (self < 0 ? 0 : 1)),
      mpiPeers_(silentPeers_.load()),
      heartbeat_(peers) {
  for (int i = 0; i < peers; i++) peers_.push_back(std::make_unique<Peer>());
}

Channel::~Channel() = default;

std::unique_ptr<Outgoing> Channel::pack(int dest, const char* payload, size_t size,
                                        std::vector<Span> buffers, HeldValues held) {
  const size_t sizes = buffers.size() * sizeof(uint64_t);
  const size_t inBuffers = totalSize(buffers);
  const bool whole = sizes + size + inBuffers <= kLongestPacket;
  const size_t bodySize = sizes + size + (whole ? inBuffers : 0);
  const bool bodyInBulk = bodySize > kLongestPacket;
  const PacketHeader header{PacketKind::kData, static_cast<uint32_t>(buffers.size()), 0, 0,
                            bodyInBulk ? bodySize : 0};
  auto outgoing = std::make_unique<Outgoing>();
  outgoing->dest = dest;
  outgoing->packet = packetOf(header, bodyInBulk ? 0 : bodySize);
  Block bulkBody(bodyInBulk ? bodySize : 0);
  char* body = bodyInBulk ? bulkBody.data() : outgoing->packet.data() + sizeof header;
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
  if (!whole) {
    outgoing->transfer = std::make_unique<OutgoingTransfer>(std::move(bulkBody), std::move(buffers),
                                                            std::move(held));
  }
  return outgoing;
}

bool Channel::isLarge(size_t size) { return size > kLongestPacket; }

std::unique_ptr<Outgoing> Channel::packLasting(int dest, Span payload, HeldValues held) {
  auto outgoing = std::make_unique<Outgoing>();
  outgoing->dest = dest;
  outgoing->packet = packetOf(PacketHeader{PacketKind::kData, 0, 0, 0, payload.size}, 0);
  outgoing->transfer =
      std::make_unique<OutgoingTransfer>(Block(), std::vector<Span>{payload}, std::move(held));
  return outgoing;
}

void Channel::send(std::unique_ptr<Outgoing> outgoing) {
  Peer& peer = *peers_[outgoing->dest];
  if (!peer.there() || closing_) return;
  const int dest = outgoing->dest;
  if (outgoing->transfer && peer.readsUs && totalSize(outgoing->transfer->parts()) >= kOfferFrom) {
    offer(peer, *outgoing);
  } else if (outgoing->transfer) {
    const uint32_t tag = 1 + peer.transfersOut++ % kBulkTags;
    std::memcpy(outgoing->packet.data() + offsetof(PacketHeader, tag), &tag, sizeof tag);
    count(dest, &Peer::transferring, transferring_, 1);
    peer.outgoing.add(std::move(outgoing->transfer),
                      Route{comm_, dest, static_cast<int>(tag),
                            [this, kept = shared_from_this(), dest](int code) {
                              count(dest, &Peer::transferring, transferring_, -1);
                              peers_[dest]->outgoing.oneEnded();
                              if (code != MPI_SUCCESS) sendFailed(dest, "MPI_Isend", code);
                            }});
  }
  sendPacket(dest, std::move(outgoing->packet));
}

void Channel::sendPacket(int dest, Block packet) {
  Peer& peer = *peers_[dest];
  if (peer.link && peer.link->used()) {
    const bool plain = isPlain(packet);
    if (!peer.link->send(std::move(packet))) {
      count(dest, &Peer::sending, sending_, 1);
    } else if (plain) {
      return peer.call();
    }
    // Its MPI thread makes room, whatever its JavaScript does.
    return peer.ring();
  }
  const auto out = std::make_shared<PacketOut>(shared_from_this(), dest, std::move(packet));
  count(dest, &Peer::sending, sending_, 1);
  MPI_Request request = MPI_REQUEST_NULL;
  const int code = out->post(&request);
  if (code != MPI_SUCCESS) return out->completed(code, MPI_Status{});
  MpiThread::instance().requests().add(request, out);
  peer.ring();
}

bool Channel::sendAtOnce(int dest, Bytes payload) {
  if (isLarge(payload.size)) return false;
  const PacketHeader header{PacketKind::kData, 0, 0, 0, 0};
  return writeAtOnce(dest, {reinterpret_cast<const char*>(&header), sizeof header}, payload);
}

bool Channel::sendAtOnce(const Outgoing& outgoing) {
  if (outgoing.transfer) return false;
  return writeAtOnce(outgoing.dest, {outgoing.packet.data(), outgoing.packet.size()}, {});
}

bool Channel::writeAtOnce(int dest, Bytes head, Bytes body) {
  Peer& peer = *peers_[dest];
  RingLink* const link = peer.direct;
  if (link == nullptr || !MpiThread::instance().hasRunAll() || !link->sendAtOnce(head, body))
    return false;
  peer.call();
  return true;
}

void Channel::sendQuit(int dest, Quit how) {
  if (std::exchange(peers_[dest]->toldToQuit, true)) return;
  heartbeat_.forget(dest);  // it has its own time to end
  if (how == Quit::kFinalize || how == Quit::kResign) count(dest, &Peer::agreeing, agreeing_, 1);
  sendControl(dest, PacketKind::kQuit, static_cast<uint32_t>(how));
}

void Channel::sendReady() { sendControl(0, PacketKind::kReady, 0); }

void Channel::connectDoorbell(int index, std::unique_ptr<PeerDoorbell> bell, PeerMemory memory,
                              int pipe) {
  Peer& peer = *peers_[index];
  if (peer.bell || !peer.there()) return;
  if (bell) {
    peer.bell = std::move(bell);
    peer.memory = memory;
    silentPeers_--;
  }
  if (pipe >= 0) useRings(index, pipe);
  if (peer.memory.readable()) sendControl(index, PacketKind::kReadable, 0);
}

void Channel::addRings(int index, std::unique_ptr<SharedRings> rings) {
  Peer& peer = *peers_[index];
  if (!peer.link && peer.there()) peer.link = std::make_unique<RingLink>(std::move(rings));
}

void Channel::useRings(int index, int pipe) {
  Peer& peer = *peers_[index];
  if (!peer.link || peer.link->used() || !peer.there()) return;
  if (peer.bell) peer.bell->setPipe(pipe);
  peer.link->use();
  byRing_.push_back(index);
  ringPeers_++;
  mpiPeers_--;
  if (!closing_) peer.direct = peer.link.get();
}

bool Channel::ringsFilled() const {
  return std::any_of(byRing_.begin(), byRing_.end(),
                     [this](int peer) { return peers_[peer]->link->in().filled(); });
}

bool Channel::waitsForRoom() const {
  return std::any_of(peers_.begin(), peers_.end(),
                     [](const auto& peer) { return peer->link && peer->link->waits(); });
}

void Channel::receivePlain() {
  for (const int source : byRing_) receiveFromRing(source, Which::kPlain);
}

// True if anything has come, or has left.
bool Channel::turnRings() {
  bool came = false;
  bool left = false;
  for (size_t i = 0; i < byRing_.size(); i++) {  // a peer that is lost leaves them
    const int index = byRing_[i];
    if (receiveFromRing(index, Which::kAll)) came = true;
    if (sendWaiting(index)) left = true;
  }
  // A peer that was stopped, or has died, when it was about to call: the next one is to call again.
  if (came) MpiThread::instance().doorbell().answered();
  return came || left;
}

// Not too much at once: others have something to send, too. True if there was anything.
bool Channel::receiveFromRing(int source, Which which) try {
  constexpr int kPacketsPerTurn = 64;
  Peer& peer = *peers_[source];
  RingReader& in = peer.link->in();
  bool writerWaits = false;
  int received = 0;
  for (; received < kPacketsPerTurn && peer.state != Peer::State::kLost; received++) {
    size_t size = 0;
    const RingReader::Found found = in.next(size);
    if (found == RingReader::Found::kNothing) break;
    if (found == RingReader::Found::kDamaged) {
      if (which == Which::kAll) damaged(source);
      break;
    }
    Block packet(size);
    in.copy(packet.data(), size);
    if (which == Which::kPlain && !isPlain(packet)) break;
    if (in.drop(size)) writerWaits = true;
    heard(source);
    receiver_.handOver(source, std::move(packet));
  }
  if (writerWaits) peer.ring();
  return received != 0;
} catch (const std::bad_alloc&) {
  receiver_.cutOff(source, "MPI_Imrecv", MPI_ERR_NO_MEM);
  return true;
}

bool Channel::sendWaiting(int dest) {
  Peer& peer = *peers_[dest];
  const int sent = peer.link->sendWaiting();
  if (sent == 0) return false;
  count(dest, &Peer::sending, sending_, -sent);
  peer.call();
  peer.ring();  // some may be for its MPI thread
  return true;
}

void Channel::heartbeat(int peer, std::chrono::milliseconds limit) {
  if (!peers_[peer]->there() || peers_[peer]->toldToQuit || closing_) return;
  heartbeat_.watch(peer, limit);
  if (!toMaster_) sendControl(peer, PacketKind::kHeartbeat, static_cast<uint32_t>(limit.count()));
}

void Channel::sayAway(bool on) {
  for (int peer = 0; peer < peers(); peer++)
    if (heartbeat_.watches(peer)) sendControl(peer, PacketKind::kAway, on ? 1 : 0);
}

void Channel::close(MoveOnlyFunction<void()> drained) {
  closing_ = true;
  drained_ = std::move(drained);
  for (int peer = 0; peer < peers(); peer++) {
    heartbeat_.forget(peer);
    peers_[peer]->direct = nullptr;
  }
}

void Channel::sendControl(int dest, PacketKind kind, uint32_t detail) {
  if (!peers_[dest]->there()) return;
  sendPacket(dest, packetOf(PacketHeader{kind, 0, 0, detail, 0}, 0));
}

// Puts the addresses of the parts into the packet and keeps them until they are read.
void Channel::offer(Peer& peer, Outgoing& outgoing) {
  const std::vector<Span> parts = outgoing.transfer->parts();
  const Block& plain = outgoing.packet;
  PacketHeader header;
  std::memcpy(&header, plain.data(), sizeof header);
  header.kind = PacketKind::kOffered;
  header.tag = peer.offers++;
  const size_t addresses = parts.size() * sizeof(uint64_t);
  const size_t bodySize = plain.size() - sizeof header;
  Block packet = packetOf(header, addresses + bodySize);
  char* at = packet.data() + sizeof header;
  for (const Span& part : parts) {
    const auto address = reinterpret_cast<uint64_t>(part.data);
    std::memcpy(at, &address, sizeof address);
    at += sizeof address;
  }
  std::memcpy(at, plain.data() + sizeof header, bodySize);
  outgoing.packet = std::move(packet);
  peer.offered.emplace(header.tag, std::move(outgoing.transfer));
  offered_++;
}

void Channel::hasEnded(int peer) {
  takeLeave(peer, [](Napi::Env env) { return Napi::Error::New(env, "its process has ended"); });
}

void Channel::takeLeave(int index, Reason reason) {
  Peer& peer = *peers_[index];
  if (!peer.there()) return;
  sendNoMore(index);
  peer.state = Peer::State::kTakingLeave;
  peer.reason = std::move(reason);
  peer.noticedAt = peer.heardAt = Clock::now();
  takingLeave_++;
  Inbox::instance().put(
      [id = id_, index](Napi::Env env) { Callbacks::instance().peerLeaves(env, id, index); });
}

// True if any peer has come to its end.
bool Channel::endLeaves() {
  if (takingLeave_ == 0) return false;
  bool any = false;
  const auto now = Clock::now();
  for (int i = 0; i < peers(); i++) {
    Peer& peer = *peers_[i];
    if (peer.state != Peer::State::kTakingLeave) continue;
    peer.quietTurns++;
    const bool quiet = peer.quietTurns > kQuietTurns && now - peer.heardAt > kQuiet;
    if (!quiet && now - peer.noticedAt < kLongestLeave) continue;
    any = true;
    receiveNoMore(i);
    Inbox::instance().put([id = id_, i, reason = std::move(peer.reason)](Napi::Env env) {
      Callbacks::instance().peerLost(env, id, i, reason(env));
    });
  }
  return any;
}

bool Channel::allThere() const {
  return std::all_of(peers_.begin(), peers_.end(), [](const auto& peer) { return peer->there(); });
}

// Nothing that the peer still has to do is waited for.
void Channel::sendNoMore(int index) {
  Peer& peer = *peers_[index];
  heartbeat_.forget(index);
  sending_ -= peer.sending;
  transferring_ -= peer.transferring;
  agreeing_ -= peer.agreeing;
  offered_ -= static_cast<int>(peer.offered.size());
  if (!peer.bell) silentPeers_--;
  peer.offered.clear();
  peer.outgoing.clear();
  peer.direct = nullptr;
  if (peer.link) peer.link->sendNoMore();
  // Memory that MPI still reads from stays where it is, with its requests: they may end or not.
}

void Channel::receiveNoMore(int index) {
  Peer& peer = *peers_[index];
  if (peer.state == Peer::State::kTakingLeave) takingLeave_--;
  peer.state = Peer::State::kLost;
  peer.incoming.clear();
  reads_.drop(index);
  if (!peer.link || !peer.link->used()) {
    mpiPeers_--;
    return;
  }
  byRing_.erase(std::find(byRing_.begin(), byRing_.end(), index));
  ringPeers_--;
}

// A peer that is not there is not counted any more.
void Channel::count(int index, int Peer::* own, std::atomic<int>& all, int difference) {
  Peer& peer = *peers_[index];
  if (!peer.there()) return;
  peer.*own += difference;
  all += difference;
}

bool Channel::progress() {
  bool moved = turnRings();
  // By MPI only bulk comes then, and that has its own requests. Now and then MPI gets a turn for
  // what it does of itself.
  constexpr unsigned kTurnsWithout = 64;
  if ((!allSendByRing() || ++turns_ % kTurnsWithout == 0) && receiver_.receive()) moved = true;
  if (!reads_.empty()) reads_.readSome();
  heartbeat_.look(
      [this](int peer) { sendControl(peer, PacketKind::kPing, 0); },
      [this](int peer, std::chrono::milliseconds silence) { fellSilent(peer, silence); });
  if (endLeaves()) moved = true;
  if (!drained_ || sending() || transferring() || offered_ != 0) return moved;
  for (auto& peer : peers_) peer->bell.reset();
  std::exchange(drained_, {})();
  return true;
}

void Channel::heard(int source) {
  Peer& peer = *peers_[source];
  heartbeat_.heard(source);
  if (peer.state != Peer::State::kTakingLeave) return;
  peer.heardAt = Clock::now();
  peer.quietTurns = 0;
}

void Channel::packet(int source, Block packet) {
  PacketHeader header;
  if (packet.size() < sizeof header)
    return receiver_.cutOff(source, "MPI_Imrecv", MPI_ERR_TRUNCATE);
  std::memcpy(&header, packet.data(), sizeof header);
  Peer& peer = *peers_[source];
  if (peer.state == Peer::State::kLost && header.kind != PacketKind::kPing) return;
  if (toMaster_ && source != 0) return;  // nobody but the master has anything to say here
  switch (header.kind) {
    case PacketKind::kData:
      if (!isDataRight(header)) return misunderstood(source, header);
      return receiveData(source, std::move(packet));
    case PacketKind::kQuit:
      if (!toMaster_ || header.detail > static_cast<uint32_t>(Quit::kResign))
        return misunderstood(source, header);
      heartbeat_.forget(source);
      return Ending::instance().quit(static_cast<Quit>(header.detail));
    case PacketKind::kOffered:
      if (!peer.memory.readable() || !hasParts(header)) return misunderstood(source, header);
      return readOffered(source, std::move(packet));
    case PacketKind::kRead:
      offered_ -= static_cast<int>(peer.offered.erase(header.detail));
      return;
    case PacketKind::kReadable:
      peer.readsUs = true;
      return;
    case PacketKind::kReady:
      if (!peer.there()) return;
      if (!peer.toldToQuit) return misunderstood(source, header);
      sendNoMore(source);  // what is still on the way to it will not be read
      return receiveNoMore(source);
    case PacketKind::kHeartbeat:
      if (!toMaster_) return misunderstood(source, header);
      return heartbeat(source, std::chrono::milliseconds(header.detail));
    case PacketKind::kPing:
      return answer(source);
    case PacketKind::kPong:
      return;
    case PacketKind::kAway:
      return heartbeat_.away(source, header.detail != 0);
  }
  misunderstood(source, header);  // of no kind
}

void Channel::receiveData(int source, Block packet) {
  PacketHeader header;
  std::memcpy(&header, packet.data(), sizeof header);
  Peer& peer = *peers_[source];
  if (header.tag == 0) {
    std::vector<Block> copies;
    size_t payloadAt = 0;
    const int code = copyBuffers(packet.data() + sizeof header, packet.size() - sizeof header,
                                 header.bufferCount, copies, payloadAt);
    if (code != MPI_SUCCESS) return receiver_.cutOff(source, "MPI_Imrecv", code);
    return peer.order.deliver(
        Message{id_, source, std::move(packet), sizeof header + payloadAt, std::move(copies)});
  }
  const uint32_t buffers = header.bufferCount;
  const bool ordered = buffers == 0;
  const DeliveryOrder::Place place = ordered ? peer.order.reserve() : peer.order.behind();
  const bool bodyPending = header.bodyInBulk != 0;
  const size_t bodyAt = bodyPending ? 0 : sizeof header;
  auto transfer = std::make_shared<IncomingTransfer>(
      bodyPending ? Block(header.bodyInBulk) : std::move(packet), bodyPending,
      [buffers, bodyAt](const Block& body, std::vector<Block>& blocks) {
        return allocateBuffers(body.data() + bodyAt, body.size() - bodyAt, buffers, blocks);
      });
  IncomingTransfer* const calling = transfer.get();  // whoever calls `ended` is there
  const size_t payloadAt = bodyAt + buffers * sizeof(uint64_t);
  auto ended = [this, kept = shared_from_this(), source, calling, payloadAt, ordered,
                place](int code) {
    Peer& peer = *peers_[source];
    count(source, &Peer::transferring, transferring_, -1);
    heard(source);
    peer.incoming.oneEnded();
    if (code == MPI_SUCCESS) code = calling->problem();
    if (code != MPI_SUCCESS) return receiver_.cutOff(source, "MPI_Irecv", code);
    if (peer.state == Peer::State::kLost) return;
    Message message{id_, source, calling->takeBody(), payloadAt, calling->takeBuffers()};
    if (ordered) return peer.order.complete(place, std::move(message));
    peer.order.follow(place, std::move(message));
  };
  count(source, &Peer::transferring, transferring_, 1);
  peer.incoming.add(std::move(transfer), Route{comm_, source, static_cast<int>(header.tag), ended});
}

void Channel::readOffered(int source, Block packet) {
  PacketHeader header;
  std::memcpy(&header, packet.data(), sizeof header);
  Peer& peer = *peers_[source];
  const bool bodyOffered = header.bodyInBulk != 0;
  const size_t parts = size_t{header.bufferCount} + (bodyOffered ? 1 : 0);
  const size_t bodyAt = sizeof header + parts * sizeof(uint64_t);
  if (packet.size() < bodyAt) return receiver_.cutOff(source, "MPI_Imrecv", MPI_ERR_TRUNCATE);
  std::vector<uint64_t> addresses(parts);
  std::memcpy(addresses.data(), packet.data() + sizeof header, parts * sizeof(uint64_t));

  // The sizes are in the body: if it is offered too, it is read first, and in one go.
  Block body = bodyOffered ? Block(header.bodyInBulk) : std::move(packet);
  if (bodyOffered && !peer.memory.read(body.data(), addresses[0], body.size())) {
    return receiver_.cutOff(source, "process_vm_readv", MPI_ERR_OTHER);
  }
  const size_t sizesAt = bodyOffered ? 0 : bodyAt;
  std::vector<Block> buffers;
  const int code =
      allocateBuffers(body.data() + sizesAt, body.size() - sizesAt, header.bufferCount, buffers);
  if (code != MPI_SUCCESS) return receiver_.cutOff(source, "MPI_Imrecv", code);
  if (bodyOffered) addresses.erase(addresses.begin());
  const size_t payloadAt = sizesAt + header.bufferCount * sizeof(uint64_t);
  if (buffers.empty()) {
    sendControl(source, PacketKind::kRead, header.tag);
    return peer.order.deliver(Message{id_, source, std::move(body), payloadAt, {}});
  }
  const DeliveryOrder::Place place = peer.order.behind();
  auto ended = [this, source, body = std::move(body), payloadAt, place, offer = header.tag](
                   bool ok, std::vector<Block> parts) mutable {
    count(source, &Peer::transferring, transferring_, -1);
    heard(source);
    if (!ok) return receiver_.cutOff(source, "process_vm_readv", MPI_ERR_OTHER);
    sendControl(source, PacketKind::kRead, offer);
    peers_[source]->order.follow(
        place, Message{id_, source, std::move(body), payloadAt, std::move(parts)});
  };
  count(source, &Peer::transferring, transferring_, 1);
  reads_.add(std::make_unique<PeerRead>(source, peer.memory, std::move(addresses),
                                        std::move(buffers), std::move(ended)));
}

// Also one that was given up, and is there again: it would end, and maybe the job with it.
void Channel::answer(int peer) {
  sendPacket(peer, packetOf(PacketHeader{PacketKind::kPong, 0, 0, 0, 0}, 0));
}

void Channel::fellSilent(int peer, std::chrono::milliseconds silence) {
  const std::string reason = "nothing was heard from it for " + std::to_string(silence.count()) +
                             " ms, longer than the heartbeat allows";
  if (toMaster_) return Ending::instance().masterSilent(reason);
  takeLeave(peer, [reason](Napi::Env env) { return Napi::Error::New(env, reason); });
}

// Messages that it has sent before may still come.
void Channel::sendFailed(int peer, const char* call, int code) {
  takeLeave(peer,
            [failure = MpiFailure(call, code)](Napi::Env env) { return toError(env, failure); });
}

// It has sent what this process cannot have been sent: nothing of it can be trusted from now on.
void Channel::misunderstood(int source, const PacketHeader& header) {
  const std::string reason =
      "it has sent a message that no process of this version sends (kind " +
      std::to_string(static_cast<uint32_t>(header.kind)) + ", " +
      std::to_string(header.bufferCount) + " buffers, tag " + std::to_string(header.tag) +
      ", detail " + std::to_string(header.detail) + ", " + std::to_string(header.bodyInBulk) +
      " bytes): start all processes with the same version of mpi-futures";
  takeLeave(source, [reason](Napi::Env env) { return Napi::Error::New(env, reason); });
  receiver_.cutOff(source, "MPI_Imrecv", MPI_ERR_OTHER);
}

// What comes next in its ring cannot be known any more.
void Channel::damaged(int source) {
  takeLeave(source, [](Napi::Env env) {
    return Napi::Error::New(env, "the memory that it shares with this process is damaged");
  });
  receiver_.cutOff(source, "MPI_Imrecv", MPI_ERR_OTHER);
}

// Something of it is missing, and nothing that is behind that may be used.
void Channel::cutOff(int source, const char* call, int code) { sendFailed(source, call, code); }

}  // namespace mpi_futures
