// A channel's way to one peer of this host beside MPI: the rings between the two, and what waits
// for room in them.
//
// Threads: the MPI thread, under its lock, but for sendAtOnce(). What is read is under that lock,
// what is written under a lock of its own: the JavaScript thread sends while the MPI thread is
// busy.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>

#include "channel/memory.h"
#include "rings/shared_rings.h"

namespace mpi_futures {

class RingLink {
 public:
  using Written = RingWriter::Written;

  explicit RingLink(std::unique_ptr<SharedRings> rings) : rings_(std::move(rings)) {}

  bool used() const { return used_; }
  // The peer has opened the rings, too. Nobody else can from now on.
  void use() {
    used_ = true;
    rings_->hide();
  }

  // kNoRoom: it waits here until sendWaiting() finds some.
  Written send(Block packet) {
    std::lock_guard<std::mutex> guard(writing_);
    const Written written = waits_ ? Written::kNoRoom : write(packet);
    if (written != Written::kNoRoom) return written;
    waiting_.push_back(std::move(packet));
    waits_ = true;
    return written;
  }
  // JavaScript thread: sends the two parts as one packet if that can be done now.
  bool sendAtOnce(Bytes first, Bytes second) {
    std::unique_lock<std::mutex> guard(writing_, std::try_to_lock);
    return guard && !waits_ && rings_->out().write(first, second) == Written::kWhole;
  }
  bool waits() const { return waits_; }
  // `sent` is how many packets have found room.
  Written sendWaiting(int& sent) {
    sent = 0;
    if (!waits_) return Written::kWhole;
    std::lock_guard<std::mutex> guard(writing_);
    for (; !waiting_.empty(); waiting_.pop_front(), sent++) {
      const Written written = write(waiting_.front());
      if (written != Written::kWhole) return written;
    }
    waits_ = false;
    return Written::kWhole;
  }
  void sendNoMore() {
    std::lock_guard<std::mutex> guard(writing_);
    waiting_.clear();
    waits_ = false;
  }

  RingReader& in() { return rings_->in(); }

 private:
  Written write(const Block& packet) { return rings_->out().write({packet.data(), packet.size()}); }

  const std::unique_ptr<SharedRings> rings_;
  bool used_ = false;
  std::mutex writing_;
  std::deque<Block> waiting_;
  std::atomic<bool> waits_{false};
};

}  // namespace mpi_futures
