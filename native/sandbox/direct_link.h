// The direct way from a sandbox to the master of its host, which has MPI: the rings between the
// two, and the memory of each that the other reads. See docs/design/isolation.md.
//
// There is no other thread that would take what comes, or send what waits. So the JavaScript thread
// takes it in its event loop (ring_loop.h), and waits itself where it has something to send: for
// room, or for the master to have read a large message. Then all of it is out of this process, and
// nothing that happens to the process takes it along. The master's MPI thread sees to both,
// whatever its JavaScript does; and the kernel ends this process when the master has ended
// (sandbox.cc).
//
// Threads: the JavaScript thread only.
#pragma once

#include <napi.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "channel/packet.h"
#include "channel/peer_memory.h"
#include "javascript/ring_source.h"
#include "mpi_thread/doorbell.h"
#include "mpi_thread/never_destroyed.h"
#include "rings/shared_rings.h"

namespace mpi_futures {

class DirectLink final : public RingSource {
 public:
  // Never destroyed, as the event loop.
  static DirectLink& instance();

  // Whether this process and the master can share rings and read each other, as far as this side
  // can say. `pipe` calls the master.
  bool offer(Napi::Env env, const DoorbellAddress& master, int pipe);
  // What the master opens. After offer().
  const DoorbellAddress& bellAddress() const { return doorbell_.address(); }
  SharedMemoryAddress ringsAddress() const { return rings_->address(); }

  // The master has opened the rings: what is in them is taken from now on.
  void use();
  // Returns when all of it is out of this process. After use().
  void send(Bytes payload, const std::vector<Span>& buffers);

  void takeFromRings() override;
  bool ringsFilled() override { return used_ && rings_->in().filled(); }
  bool looksForTasks() override { return used_; }
  OwnDoorbell& doorbell() override { return doorbell_; }

 private:
  friend union NeverDestroyed<DirectLink>;
  DirectLink() = default;

  bool takeOne();
  void take(Block packet);
  void takeOffered(Block packet, uint32_t number);
  void put(const Block& packet);
  void saysRead();
  template <typename Condition>
  void await(Condition condition);

  OwnDoorbell doorbell_;
  std::unique_ptr<PeerDoorbell> master_;
  PeerMemory memory_;
  std::unique_ptr<SharedRings> rings_;
  bool used_ = false;
  uint32_t offers_ = 0;         // made
  uint32_t read_ = 0;           // of these
  std::deque<uint32_t> toSay_;  // the master's offers that are read here
};

}  // namespace mpi_futures
