#include "channel/channel.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "channel/delivery_order.h"
#include "channel/offer.h"
#include "channel/ring_link.h"
#include "channel/sent_offers.h"
#include "ending/ending.h"
#include "javascript/callbacks.h"
#include "javascript/inbox.h"
#include "mpi_thread/mpi_thread.h"
#include "mpi_thread/or_end.h"

namespace mpi_futures {

namespace {

// Below this the two packets of an offer cost more than chunks do.
constexpr size_t kOfferFrom = 32 << 10;

// A message that goes on in bulk has a tag, and no other has.
bool isDataRight(const PacketHeader& header) {
  if (header.tag == 0) return header.bodyInBulk == 0;
  return header.tag <= kBulkTags && hasParts(header);
}

// MPI's code for the same fault.
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
  bool isDamaged = false;  // nothing that it sends can be trusted
  SentOffers offers;
  // Its part of the channel's counts.
  int sending = 0;
  int transferring = 0;
  int agreeing = 0;
  bool toldToQuit = false;
  std::optional<LeaveTaking> leave;  // in the state kTakingLeave

  bool there() const { return state == State::kThere; }
  void takeBackOffers() {
    if (bell) return offers.keepUntilEndOf(bell->pid());
    offers.clear();
  }
  // A peer that cannot be rung looks after some time.
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

void Channel::send(std::unique_ptr<Outgoing> outgoing) {
  Peer& peer = *peers_[outgoing->dest];
  if (!peer.there() || closing_) return;
  const int dest = outgoing->dest;
  // Without a doorbell nobody would know when a peer is gone that may be reading.
  const bool isOffered = !hasMpi() || (peer.readsUs && peer.bell && outgoing->transfer &&
                                       totalSize(outgoing->transfer->parts()) >= kOfferFrom);
  if (outgoing->transfer && isOffered) {
    peer.offers.add(*outgoing);
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
    // The peer's MPI thread takes all other packets, and makes room, whatever its JavaScript does.
    // A peer without MPI may wait for this packet.
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
  if (payload.size > kLongestPacket) return false;
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

// True while a peer has not read what it was offered.
bool Channel::offersAny() const {
  return std::any_of(peers_.begin(), peers_.end(),
                     [](const auto& peer) { return !peer->offers.empty(); });
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
  // A peer may have been stopped, or have died, when it was about to call: the next one calls
  // again.
  if (came) MpiThread::instance().doorbell().answered();
  return came || left;
}

// Takes a limited number of packets, since other peers send, too. True if there was any.
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

void Channel::hasEnded(int peer) {
  takeLeave(peer, [](Napi::Env env) { return Napi::Error::New(env, "its process has ended"); });
}

void Channel::takeLeave(int index, LeaveTaking::Reason reason) {
  Peer& peer = *peers_[index];
  if (!peer.there()) return;
  sendNoMore(index);
  peer.state = Peer::State::kTakingLeave;
  peer.leave.emplace(std::move(reason));
  takingLeave_++;
  Inbox::instance().put(
      [id = id_, index](Napi::Env env) { Callbacks::instance().peerLeaves(env, id, index); });
}

// True if any peer has come to its end.
bool Channel::endLeaves() {
  if (takingLeave_ == 0) return false;
  bool any = false;
  for (int i = 0; i < peers(); i++) {
    Peer& peer = *peers_[i];
    if (peer.state != Peer::State::kTakingLeave) continue;
    if (!peer.leave->isOver(hasMpi(), !reads_.empty())) continue;
    any = true;
    peer.incoming.close();
    if (givesUpMissing(i)) receiver_.giveUpMissing(i);
    if (givesUpMissing(i)) peer.order.giveUpMissing();
    receiveNoMore(i);
    Inbox::instance().put([id = id_, i, reason = peer.leave->takeReason()](Napi::Env env) {
      Callbacks::instance().peerLost(env, id, i, reason(env));
    });
  }
  return any;
}

bool Channel::allThere() const {
  return std::all_of(peers_.begin(), peers_.end(), [](const auto& peer) { return peer->there(); });
}

// The peer is sent nothing, and nothing that it still has to do is waited for.
void Channel::sendNoMore(int index) {
  Peer& peer = *peers_[index];
  heartbeat_.forget(index);
  sending_ -= peer.sending;
  transferring_ -= peer.transferring;
  agreeing_ -= peer.agreeing;
  if (!peer.bell) silentPeers_--;
  peer.takeBackOffers();
  peer.outgoing.close();
  peer.direct = nullptr;
  if (peer.link) peer.link->sendNoMore();
  // Memory that MPI still reads from stays where it is, with its requests: they may end or not.
}

void Channel::receiveNoMore(int index) {
  Peer& peer = *peers_[index];
  if (peer.state == Peer::State::kTakingLeave) takingLeave_--;
  peer.state = Peer::State::kLost;
  peer.incoming.close();
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
  if (!drained_ || sending() || transferring() || offersAny()) return moved;
  for (auto& peer : peers_) peer->bell.reset();
  std::exchange(drained_, {})();
  return true;
}

void Channel::heard(int source) {
  Peer& peer = *peers_[source];
  heartbeat_.heard(source);
  if (peer.state == Peer::State::kTakingLeave) peer.leave->heard();
}

void Channel::packet(int source, Block packet) {
  PacketHeader header;
  if (!readHeader(packet, header)) return trustNoMore(source, MPI_ERR_TRUNCATE);
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
      return peer.offers.read(header.detail);
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
    if (fault != Fault::kNone) return faulty(source, "MPI_Imrecv", codeOf(fault));
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
    if (code != MPI_SUCCESS) return faulty(source, "MPI_Irecv", code);
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
  if (fault != Fault::kNone)
    return faulty(source, fault == Fault::kUnreadable ? "process_vm_readv" : "MPI_Imrecv",
                  codeOf(fault));
  if (opened.buffers.empty()) {
    sendControl(source, PacketKind::kRead, header.tag);
    return peer.order.deliver(Message{id_, source, std::move(opened.body), opened.payloadAt, {}});
  }
  const DeliveryOrder::Place place = peer.order.behind();
  auto ended = [this, source, body = std::move(opened.body), payloadAt = opened.payloadAt, place,
                offer = header.tag](bool ok, std::vector<Block> parts) mutable {
    count(source, &Peer::transferring, transferring_, -1);
    heard(source);
    if (!ok) return missing(source, "process_vm_readv", MPI_ERR_OTHER);
    sendControl(source, PacketKind::kRead, offer);
    peers_[source]->order.follow(
        place, Message{id_, source, std::move(body), payloadAt, std::move(parts)});
  };
  count(source, &Peer::transferring, transferring_, 1);
  reads_.add(std::make_unique<PeerRead>(source, peer.memory, std::move(opened.addresses),
                                        std::move(opened.buffers), std::move(ended)));
}

// A peer that was given up, and is there again, is answered, too: it would end, and maybe the job
// with it.
void Channel::answer(int peer) {
  sendPacket(peer, packetOf(PacketHeader{PacketKind::kPong, 0, 0, 0, 0}, 0));
}

void Channel::fellSilent(int peer, std::chrono::milliseconds silence) {
  const std::string reason = "nothing was heard from it for " + std::to_string(silence.count()) +
                             " ms, longer than the heartbeat allows";
  if (toMaster_) return Ending::instance().masterSilent(reason);
  takeLeave(peer, [reason](Napi::Env env) { return Napi::Error::New(env, reason); });
}

// Messages that the peer has sent before may still come.
void Channel::sendFailed(int peer, const char* call, int code) {
  takeLeave(peer,
            [failure = MpiFailure(call, code)](Napi::Env env) { return toError(env, failure); });
}

// A large message of the peer will never be whole, as a rule because the peer has died. What a
// worker has sent behind it counts. What a master sends builds on what it has sent before.
void Channel::missing(int source, const char* call, int code) {
  if (toMaster_) return receiver_.cutOff(source, call, code);
  sendFailed(source, call, code);
}

// A message contradicts itself, or cannot be had.
void Channel::faulty(int source, const char* call, int code) {
  if (code == MPI_ERR_TRUNCATE) return trustNoMore(source, code);
  missing(source, call, code);
}

bool Channel::givesUpMissing(int source) {
  const Peer& peer = *peers_[source];
  return !toMaster_ && !peer.isDamaged && peer.state != Peer::State::kLost;
}

// The peer has sent what no process of this version sends: nothing of it can be trusted any more.
void Channel::misunderstood(int source, const PacketHeader& header) {
  const std::string reason =
      "it has sent a message that no process of this version sends (kind " +
      std::to_string(static_cast<uint32_t>(header.kind)) + ", " +
      std::to_string(header.bufferCount) + " buffers, tag " + std::to_string(header.tag) +
      ", detail " + std::to_string(header.detail) + ", " + std::to_string(header.bodyInBulk) +
      " bytes): start all processes with the same version of mpi-futures";
  takeLeave(source, [reason](Napi::Env env) { return Napi::Error::New(env, reason); });
  trustNoMore(source, MPI_ERR_OTHER);
}

// What comes next in the peer's ring cannot be known any more.
void Channel::damaged(int source) {
  takeLeave(source, [](Napi::Env env) {
    return Napi::Error::New(env, "the memory that it shares with this process is damaged");
  });
  trustNoMore(source, MPI_ERR_OTHER);
}

void Channel::trustNoMore(int source, int code) {
  peers_[source]->isDamaged = true;
  receiver_.cutOff(source, "MPI_Imrecv", code);
}

// A packet of the peer is missing, and none that comes behind it is used.
void Channel::cutOff(int source, const char* call, int code) { sendFailed(source, call, code); }

}  // namespace mpi_futures
