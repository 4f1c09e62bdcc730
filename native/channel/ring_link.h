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
  explicit RingLink(std::unique_ptr<SharedRings> rings) : rings_(std::move(rings)) {}

  bool used() const { return used_; }
  // The peer has opened the rings, too: nobody else is to.
  void use() {
    used_ = true;
    rings_->hide();
  }

  // False if it has to wait for room.
  bool send(Block packet) {
    std::lock_guard<std::mutex> guard(writing_);
    if (!waits_ && rings_->out().write({packet.data(), packet.size()})) return true;
    waiting_.push_back(std::move(packet));
    waits_ = true;
    return false;
  }
  // JavaScript thread: sends the two parts as one packet if that can be done now.
  bool sendAtOnce(Bytes first, Bytes second) {
    std::unique_lock<std::mutex> guard(writing_, std::try_to_lock);
    return guard && !waits_ && rings_->out().write(first, second);
  }
  bool waits() const { return waits_; }
  // How many packets have found room.
  int sendWaiting() {
    if (!waits_) return 0;
    std::lock_guard<std::mutex> guard(writing_);
    int sent = 0;
    for (; !waiting_.empty(); waiting_.pop_front(), sent++) {
      const Block& packet = waiting_.front();
      if (!rings_->out().write({packet.data(), packet.size()})) break;
    }
    waits_ = !waiting_.empty();
    return sent;
  }
  void sendNoMore() {
    std::lock_guard<std::mutex> guard(writing_);
    waiting_.clear();
    waits_ = false;
  }

  RingReader& in() { return rings_->in(); }

 private:
  const std::unique_ptr<SharedRings> rings_;
  bool used_ = false;
  std::mutex writing_;
  std::deque<Block> waiting_;
  std::atomic<bool> waits_{false};
};

}  // namespace mpi_futures
