// Messages that are read from the sender's memory: it keeps what it has offered until the receiver
// says that it has read it.
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "channel/memory.h"
#include "channel/peer_memory.h"
#include "mpi_thread/move_only_function.h"

namespace mpi_futures {

// One message whose parts are read from a peer's memory.
class PeerRead {
 public:
  // Part i of the peer, at addresses[i], goes to parts[i]. `ended` is called once: false if it
  // could not be read.
  PeerRead(int peer, PeerMemory memory, std::vector<uint64_t> addresses, std::vector<Block> parts,
           MoveOnlyFunction<void(bool ok, std::vector<Block> parts)> ended)
      : peer_(peer),
        memory_(memory),
        addresses_(std::move(addresses)),
        parts_(std::move(parts)),
        ended_(std::move(ended)) {}

  int peer() const { return peer_; }

  // Reads at most `most` bytes. True when all is done.
  bool read(size_t most) {
    while (most > 0) {
      while (part_ < parts_.size() && offset_ == parts_[part_].size()) {
        part_++;
        offset_ = 0;
      }
      if (part_ == parts_.size()) return end(true);
      const size_t size = std::min(most, parts_[part_].size() - offset_);
      if (!memory_.read(parts_[part_].data() + offset_, addresses_[part_] + offset_, size))
        return end(false);
      offset_ += size;
      most -= size;
    }
    return false;
  }

 private:
  bool end(bool ok) {
    ended_(ok, std::move(parts_));
    return true;
  }

  int peer_;
  PeerMemory memory_;
  std::vector<uint64_t> addresses_;
  std::vector<Block> parts_;
  MoveOnlyFunction<void(bool, std::vector<Block>)> ended_;
  size_t part_ = 0;
  size_t offset_ = 0;
};

// All reads of a channel, a slice of each in turn, so that small messages and other peers get their
// turns in between.
class PeerReads {
 public:
  bool empty() const { return queue_.empty(); }
  void add(std::unique_ptr<PeerRead> read) { queue_.push_back(std::move(read)); }

  // Drops the reads from `peer`, without calling their `ended`.
  void drop(int peer) {
    queue_.erase(std::remove_if(queue_.begin(), queue_.end(),
                                [peer](const auto& read) { return read->peer() == peer; }),
                 queue_.end());
  }

  void readSome() {
    constexpr size_t kSlice = size_t{2} << 20;
    std::unique_ptr<PeerRead> first = std::move(queue_.front());
    queue_.pop_front();
    if (!first->read(kSlice)) queue_.push_back(std::move(first));
  }

 private:
  std::deque<std::unique_ptr<PeerRead>> queue_;
};

}  // namespace mpi_futures
