#include "channel/channel.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <string>
#include <unordered_map>
#include <utility>

#include "channel/delivery_order.h"
#include "channel/offer.h"
#include "channel/ring_link.h"
#include "ending/ending.h"
#include "ending/process_watch.h"
#include "javascript/callbacks.h"
#include "javascript/inbox.h"
#include "mpi_thread/mpi_thread.h"
#include "mpi_thread/or_end.h"

namespace mpi_futures {

namespace {

using Clock = std::chrono::steady_clock;

// A peer that takes leave is lost when nothing of it was found for so long, and in so many turns:
// see the head of channel.h.
constexpr std::chrono::milliseconds kQuiet{20};
constexpr int kQuietTurns = 100;
// Or after this: it may be alive, and go on sending.
constexpr std::chrono::milliseconds kLongestLeave{5000};

// Below this the two packets of an offer cost more than chunks do.
constexpr size_t kOfferFrom = 32 << 10;

// A message that goes on in bulk has a tag, and no other has.
bool isDataRight(const PacketHeader& header) {
  if (header.tag == 0) return header.bodyInBulk == 0;
  return header.tag <= kBulkTags && hasParts(header);
}

// The one of MPI that says the same.
int codeOf(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return MPI_SUCCESS;
    case Fault::kCutOff:
      return MPI_ERR_TRUNCATE;
    case Fault::kNoMemory:
      return MPI_ERR_NO_MEM;
    case Fault::kUnreadable:
      break;
  }
  return MPI_ERR_OTHER;
}

// What a peer was offered, with the table of its addresses.
struct Offered {
  std::unique_ptr<OutgoingTransfer> transfer;
  Block table;
};

using Offers = std::unordered_map<uint32_t, Offered>;

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
  Offers offered;
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
  // It may be reading them, and would take what comes there next for the message. So they are kept
  // as long as its process is there.
  void takeBackOffers() {
    if (offered.empty()) return;
    const auto kept = std::make_shared<Offers>(std::exchange(offered, {}));
    if (bell)
      ProcessWatch::instance().keep(bell->pid(), [kept] {
        kept->clear();
        Inbox::instance().flush();
      });
  }
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

Channel::~Channel() {
  for (const auto& peer : peers_) orEnd([&] { peer->takeBackOffers(); });
}

std::shared_ptr<Channel> Channel::direct(int id, DirectPeer peer) {
  auto channel = std::make_shared<Channel>(id, MPI_COMM_NULL, 1, -1, false);
  Peer& only = *channel->peers_.front();
  only.bell = std::move(peer.bell);
  only.memory = peer.memory;
  only.readsUs = true;
  channel->silentPeers_--;
  only.link = std::make_unique<RingLink>(std::move(peer.rings));
  channel->useRings(0, peer.pipe);
  return channel;
}

std::unique_ptr<Outgoing> Channel::pack(int dest, const char* payload, size_t size,
                                        std::vector<Span> buffers, HeldValues held) {
  PackedMessage packed = packMessage(payload, size, buffers);
  auto outgoing = std::make_unique<Outgoing>();
  outgoing->dest = dest;
  outgoing->packet = std::move(packed.packet);
  if (!packed.isWhole) {
    outgoing->transfer = std::make_unique<OutgoingTransfer>(std::move(packed.bulkBody),
                                                            std::move(buffers), std::move(held));
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
  const bool isOffered = !hasMpi() || (peer.readsUs && outgoing->transfer &&
                                       totalSize(outgoing->transfer->parts()) >= kOfferFrom);
  if (outgoing->transfer && isOffered) {
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
    const RingLink::Written written = peer.link->send(std::move(packet));
    if (written == RingLink::Written::kDamaged) return damaged(dest);
    const bool sent = written == RingLink::Written::kWhole;
    if (!sent) count(dest, &Peer::sending, sending_, 1);
    if (sent && (plain || !hasMpi())) peer.call();
    // Its MPI thread takes all else, and makes room, whatever its JavaScript does. One without MPI
    // may wait for this packet.
    if (!sent || !plain) peer.ring();
    return;
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
  if (!hasMpi() || std::exchange(peers_[dest]->toldToQuit, true)) return;
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
  int sent = 0;
  const RingLink::Written last = peer.link->sendWaiting(sent);
  count(dest, &Peer::sending, sending_, -sent);
  if (last == RingLink::Written::kDamaged) damaged(dest);
  if (sent == 0) return false;
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
  const uint32_t number = peer.offers++;
  Offer offer = offerOf(outgoing.packet, outgoing.transfer->parts(), number);
  outgoing.packet = std::move(offer.packet);
  peer.offered.emplace(number, Offered{std::move(outgoing.transfer), std::move(offer.table)});
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
    // What is in a ring is all there.
    const bool quiet = hasMpi() ? peer.quietTurns > kQuietTurns && now - peer.heardAt > kQuiet
                                : peer.quietTurns > 1 && reads_.empty();
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
  peer.takeBackOffers();
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
  // Where all send by rings only bulk comes by MPI, and that has its own requests. Now and then MPI
  // gets a turn for its own work.
  constexpr unsigned kTurnsWithout = 64;
  const bool mpiHasTurn = hasMpi() && (!allSendByRing() || ++turns_ % kTurnsWithout == 0);
  if (mpiHasTurn && receiver_.receive()) moved = true;
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
  if (!readHeader(packet, header)) return receiver_.cutOff(source, "MPI_Imrecv", MPI_ERR_TRUNCATE);
  Peer& peer = *peers_[source];
  if (peer.state == Peer::State::kLost && header.kind != PacketKind::kPing) return;
  if (toMaster_ && source != 0) return;  // nobody but the master has anything to say here
  switch (header.kind) {
    case PacketKind::kData:
      if (!isDataRight(header) || (header.tag != 0 && !hasMpi()))
        return misunderstood(source, header);
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
      if (!hasMpi()) return misunderstood(source, header);
      return answer(source);
    case PacketKind::kPong:
      return;
    case PacketKind::kAway:
      return heartbeat_.away(source, header.detail != 0);
  }
  misunderstood(source, header);  // of no kind
}

void Channel::receiveData(int source, Block packet) {
  const PacketHeader header = headerOf(packet);
  Peer& peer = *peers_[source];
  if (header.tag == 0) {
    std::vector<Block> copies;
    size_t payloadAt = 0;
    const Fault fault = copyBuffers(packet.data() + sizeof header, packet.size() - sizeof header,
                                    header.bufferCount, copies, payloadAt);
    if (fault != Fault::kNone) return receiver_.cutOff(source, "MPI_Imrecv", codeOf(fault));
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
        return codeOf(allocateBuffers(body.data() + bodyAt, body.size() - bodyAt, buffers, blocks));
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
  const PacketHeader header = headerOf(packet);
  Peer& peer = *peers_[source];
  OpenedOffer opened;
  const Fault fault = openOffer(std::move(packet), peer.memory, opened);
  if (fault != Fault::kNone) {
    const char* call = fault == Fault::kUnreadable ? "process_vm_readv" : "MPI_Imrecv";
    return receiver_.cutOff(source, call, codeOf(fault));
  }
  if (opened.buffers.empty()) {
    sendControl(source, PacketKind::kRead, header.tag);
    return peer.order.deliver(Message{id_, source, std::move(opened.body), opened.payloadAt, {}});
  }
  const DeliveryOrder::Place place = peer.order.behind();
  auto ended = [this, source, body = std::move(opened.body), payloadAt = opened.payloadAt, place,
                offer = header.tag](bool ok, std::vector<Block> parts) mutable {
    count(source, &Peer::transferring, transferring_, -1);
    heard(source);
    if (!ok) return receiver_.cutOff(source, "process_vm_readv", MPI_ERR_OTHER);
    sendControl(source, PacketKind::kRead, offer);
    peers_[source]->order.follow(
        place, Message{id_, source, std::move(body), payloadAt, std::move(parts)});
  };
  count(source, &Peer::transferring, transferring_, 1);
  reads_.add(std::make_unique<PeerRead>(source, peer.memory, std::move(opened.addresses),
                                        std::move(opened.buffers), std::move(ended)));
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
