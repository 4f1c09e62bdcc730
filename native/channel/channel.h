// Framed messages between a master and its workers over one communicator.
//
// A message is a payload (opaque) and any number of buffers. It goes out as one control packet;
// what is too large for it follows on the bulk tags, in chunks, straight from the sender's memory
// and into the receiver's (transfer.h). Delivery to JavaScript is when all of a message is there,
// so a large message with buffers may be overtaken by later small ones: a 64 MB transfer delays
// small tasks by a millisecond, not by thirty. All others arrive in the order they were sent.
//
// Between processes of one host that may read each other's memory, what would follow on the bulk
// tags is offered instead: the receiver reads it from the sender's memory and says when it has it
// (peer_reads.h).
//
// A peer that has died is lost in two steps. When its end is noticed, nothing is sent to it any
// more, and JavaScript is told so (leave_taking.h). When what it had sent has come, JavaScript is
// told that the peer is lost, in one order with the messages: nothing of it comes after that.
//
// Between processes of one host packets do not go through MPI but through a ring in each direction,
// where they can share memory: in the same order, and bulk as before. See docs/design/one_host.md.
//
// With a process that has no MPI, the sandbox of an isolated worker, a channel has nothing but the
// rings and such offers: see direct(), and docs/design/isolation.md.
//
// Control and bulk are told apart by tag on one communicator that nobody else uses: no second
// collective call is needed at the start, and none at the end.
//
// Threads: all members belong to the MPI thread (under its lock), unless marked otherwise.
#pragma once

#include <napi.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "channel/heartbeat.h"
#include "channel/leave_taking.h"
#include "channel/memory.h"
#include "channel/outgoing.h"
#include "channel/packet.h"
#include "channel/packet_receiver.h"
#include "channel/peer_memory.h"
#include "channel/peer_reads.h"
#include "communicators/counted.h"
#include "communicators/mpi_setup.h"
#include "mpi_thread/doorbell.h"
#include "mpi_thread/move_only_function.h"
#include "rings/shared_rings.h"

namespace mpi_futures {

enum class Quit : uint32_t {
  kFinalize = 0,    // the master is ending too: MPI_Finalize on both sides
  kDisconnect = 1,  // only this pool ends: the communicator is disconnected first
  kLeave = 2,       // the master cannot finalize: nobody does
  kResign = 3,      // as kFinalize, with resign() in place of MPI_Finalize
};

// Shared by whoever may still use it: the MPI thread while it is attached, JavaScript until it is
// closed, and all that MPI has been given and not given back. The last of them is on the MPI
// thread, and frees it.
class Channel final : public std::enable_shared_from_this<Channel>,
                      private Counted<Channel>,
                      private PacketReceiver::Sink {
 public:
  // `peers` is the number of ranks in the (remote) group and `self` this process's rank among them,
  // -1 if it is none; `toMaster` is true on workers, which address rank 0 only.
  // Always in a std::shared_ptr.
  Channel(int id, MPI_Comm comm, int peers, int self, bool toMaster);
  ~Channel() override;
  using Counted::alive;

  // A process of this host that has no MPI. Each of the two can read the other's memory.
  struct DirectPeer {
    std::unique_ptr<PeerDoorbell> bell;
    PeerMemory memory;
    std::unique_ptr<SharedRings> rings;
    int pipe;
  };
  // A channel to one such process, by rings alone: peer 0 of it. No call of MPI is for it.
  static std::shared_ptr<Channel> direct(int id, DirectPeer peer);
  bool hasMpi() const { return comm_ != MPI_COMM_NULL; }

  int id() const { return id_; }
  MPI_Comm comm() const { return comm_; }
  bool toMaster() const { return toMaster_; }
  int peers() const { return static_cast<int>(peers_.size()); }
  int self() const { return self_; }

  void send(std::unique_ptr<Outgoing> outgoing);
  // JavaScript thread: sends a message that fits into a packet now, if nothing that was sent before
  // it waits and the way is free. False if not: it is to be sent by send().
  bool sendAtOnce(int dest, Bytes payload);
  bool sendAtOnce(const Outgoing& outgoing);
  // Takes effect once per peer: later calls do nothing.
  void sendQuit(int dest, Quit how);
  // Worker: tells the master that it is about to finalize, as it was told to.
  void sendReady();
  // The peer is on this host: it can be woken, and maybe read from. `pipe` is not -1 if it uses the
  // rings that this process has offered: see useRings().
  void connectDoorbell(int peer, std::unique_ptr<PeerDoorbell> bell, PeerMemory memory, int pipe);
  // Rings between this process and the peer, made here or by the peer, and not used yet.
  void addRings(int peer, std::unique_ptr<SharedRings> rings);
  // All packets of both sides go by the rings from now on. The peer's last one by MPI has come, and
  // says so. `pipe` wakes its JavaScript thread.
  void useRings(int peer, int pipe);

  // The peer's process cannot be watched: it is lost when nothing was heard of it for `limit`; 0:
  // never. The master tells the worker, which does the same.
  void heartbeat(int peer, std::chrono::milliseconds limit);
  // This process cannot answer for a while, or can again.
  void sayAway(bool on);
  // How often progress() must be called for the heartbeat, 0 if there is none. Any thread.
  std::chrono::milliseconds looksEvery() const { return heartbeat_.interval(); }

  // The peer's process has ended.
  void hasEnded(int peer);

  // JavaScript thread, under the lock: hands what has come by rings for that thread to the inbox,
  // up to the first packet that is for the MPI thread. The sender of that has rung the MPI thread.
  void receivePlain();
  // Under the lock.
  bool ringsFilled() const;
  // One turn: receives what has come. True if anything happened.
  bool progress();
  // True while anything sent has not left, or a transfer is under way.
  bool sending() const { return sending_ != 0; }
  bool transferring() const { return transferring_ != 0; }
  // False once the end of a peer was noticed: no collective call would return.
  bool allThere() const;
  // True while what peers had sent before they died is waited for.
  bool takingLeave() const { return takingLeave_ != 0; }
  // True while a peer that was told to finalize has not said that it is about to.
  bool agreeing() const { return agreeing_ != 0; }
  // True if all control packets of peers come by rings.
  bool allSendByRing() const { return ringPeers_ != 0 && mpiPeers_ == 0; }
  // Under the lock: true while a packet waits for room in a ring.
  bool waitsForRoom() const;
  bool peersRing() const { return silentPeers_ == 0; }
  // Nothing more is sent. `drained` is called once, in one of the next turns, when all that was
  // sent has left and all that was offered is read.
  void close(MoveOnlyFunction<void()> drained);

 private:
  struct Peer;
  class PacketOut;

  void sendControl(int dest, PacketKind kind, uint32_t detail);
  void sendPacket(int dest, Block packet);
  bool writeAtOnce(int dest, Bytes head, Bytes body);
  bool offersAny() const;
  bool turnRings();
  enum class Which { kAll, kPlain };
  bool receiveFromRing(int source, Which which);
  bool sendWaiting(int dest);
  void damaged(int source);
  void trustNoMore(int source, int code);
  void count(int peer, int Peer::* own, std::atomic<int>& all, int difference);
  void readOffered(int source, Block packet);
  std::shared_ptr<void> keep() override { return shared_from_this(); }
  void heard(int source) override;
  void packet(int source, Block packet) override;
  void cutOff(int source, const char* call, int code) override;
  bool givesUpMissing(int source) override;
  void receiveData(int source, Block packet);
  void missing(int source, const char* call, int code);
  void faulty(int source, const char* call, int code);
  void misunderstood(int source, const PacketHeader& header);
  void answer(int peer);
  void sendFailed(int peer, const char* call, int code);
  void fellSilent(int peer, std::chrono::milliseconds silence);
  void takeLeave(int peer, LeaveTaking::Reason reason);
  bool endLeaves();
  void sendNoMore(int peer);
  void receiveNoMore(int peer);

  const int id_;
  const MPI_Comm comm_;
  const int self_;
  const bool toMaster_;
  unsigned turns_ = 0;
  bool closing_ = false;
  MoveOnlyFunction<void()> drained_;
  std::vector<std::unique_ptr<Peer>> peers_;
  std::atomic<int> sending_{0};
  std::atomic<int> transferring_{0};
  std::atomic<int> agreeing_{0};
  std::atomic<int> takingLeave_{0};
  PacketReceiver receiver_;
  PeerReads reads_;
  // Of the peers that send anything: those that cannot ring, that send by MPI, that send by a ring.
  std::atomic<int> silentPeers_;
  std::atomic<int> mpiPeers_;
  std::atomic<int> ringPeers_{0};
  std::vector<int> byRing_;  // the last ones
  Heartbeat heartbeat_;
};

}  // namespace mpi_futures
