// The order in which the messages of one peer are delivered. Those without buffers come in the
// order in which they were sent. One with buffers follows all of those that were sent before it,
// but holds up none: it may take long to arrive.
//
// Threads: the MPI thread, under its lock.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "javascript/inbox.h"

namespace mpi_futures {

class DeliveryOrder {
 public:
  // Names a message by the number of messages without buffers that were sent before it.
  using Place = uint64_t;

  // A message without buffers is here.
  void deliver(Message message) { complete(reserve(), std::move(message)); }
  // A message without buffers is on its way; complete() follows.
  Place reserve() {
    row_.emplace_back();
    return delivered_ + row_.size() - 1;
  }
  void complete(Place place, Message message) {
    row_[place - delivered_] = std::move(message);
    while (!row_.empty() && row_.front()) deliverFirst();
  }

  // A message with buffers is on its way; follow() is called when it is here.
  Place behind() const { return delivered_ + row_.size(); }
  void follow(Place place, Message message) {
    if (place <= delivered_) return Inbox::instance().put(std::move(message));
    followers_.emplace_back(place, std::move(message));
  }

  // What is not here will not come: all that waits for it is delivered.
  void giveUpMissing() {
    while (!row_.empty()) deliverFirst();
    deliverFollowers();  // some stay behind a message for which there was no memory
  }

 private:
  // Delivers the first of the row, if it is here, and those with buffers that follow it. Each is
  // out of the row before there may be no memory to deliver it: it would be delivered again, empty.
  void deliverFirst() {
    std::optional<Message> first = std::move(row_.front());
    row_.pop_front();
    delivered_++;
    if (first) Inbox::instance().put(std::move(*first));
    deliverFollowers();
  }
  void deliverFollowers() {
    for (size_t i = 0; i < followers_.size();) {
      if (followers_[i].first > delivered_) {
        i++;
        continue;
      }
      Message follower = std::move(followers_[i].second);
      followers_.erase(followers_.begin() + static_cast<std::ptrdiff_t>(i));
      Inbox::instance().put(std::move(follower));
    }
  }

  Place delivered_ = 0;
  std::deque<std::optional<Message>> row_;  // the messages from delivered_ on; empty: not here yet
  std::vector<std::pair<Place, Message>> followers_;
};

}  // namespace mpi_futures
