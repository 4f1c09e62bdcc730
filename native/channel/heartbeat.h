// Notices peers that have fallen silent, for those whose process cannot be watched
// (process_watch.h): as a rule, those on other hosts.
//
// Every packet is a sign of life. A process that has heard nothing for a third of the limit pings,
// once, and the peer's MPI thread answers, whatever its JavaScript does: so nothing is sent while
// messages flow, and a message costs one flag.
//
// Silence is counted by looks at that flag. A look that comes late, as this process was stopped,
// the machine slept or MPI blocked, counts nothing and lets everybody begin anew: their messages
// may wait here.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <utility>
#include <vector>

namespace mpi_futures {

class Heartbeat {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  explicit Heartbeat(size_t peers) : peers_(peers) {}

  // MPI thread, under its lock. `limit` holds for all peers from now on; 0: silence means nothing.
  void watch(int peer, milliseconds limit) {
    limit_ = limit;
    if (!std::exchange(peers_[peer].watched, true)) watched_++;
    begin(peers_[peer]);
  }
  // Under the lock.
  void forget(int peer) {
    if (std::exchange(peers_[peer].watched, false)) watched_--;
  }
  bool watches(int peer) const { return limit_.load() > milliseconds(0) && peers_[peer].watched; }
  void heard(int peer) { peers_[peer].heard = true; }
  // The peer says that it will be, or no longer is, where it cannot answer.
  void away(int peer, bool on) {
    peers_[peer].away = on;
    begin(peers_[peer]);
  }

  // Any thread: how often to look, 0 for never.
  milliseconds interval() const {
    const milliseconds limit = limit_;
    if (watched_ == 0 || limit <= milliseconds(0)) return milliseconds(0);
    return std::max(limit / kLooks, milliseconds(1));
  }

  // MPI thread, often: calls ping(peer) and silent(peer, for how long) where it is time to.
  template <typename Ping, typename Silent>
  void look(Ping ping, Silent silent) {
    const milliseconds interval = this->interval();
    if (interval == milliseconds(0)) return;
    const Clock::time_point now = Clock::now();
    const Clock::duration since = now - lookedAt_;
    if (since < interval) return;
    lookedAt_ = now;
    const bool late = since > kLate * interval;
    for (size_t i = 0; i < peers_.size(); i++) {
      Peer& peer = peers_[i];
      if (!peer.watched) continue;
      if (std::exchange(peer.heard, false) || late) {
        begin(peer);
        continue;
      }
      peer.silence += since;
      if (peer.silence > limit_.load() * (peer.away ? kAway : 1)) {
        forget(static_cast<int>(i));
        silent(static_cast<int>(i), std::chrono::duration_cast<milliseconds>(peer.silence));
      } else if (!peer.away && peer.silence >= limit_.load() / 3 &&
                 !std::exchange(peer.pinged, true)) {
        ping(static_cast<int>(i));
      }
    }
  }

 private:
  static constexpr int kLooks = 12;  // in the time of the limit
  static constexpr int kLate = 3;    // intervals
  static constexpr int kAway = 8;    // limits: it may also die where it cannot answer

  struct Peer {
    bool watched = false;
    bool heard = false;
    bool pinged = false;
    bool away = false;
    Clock::duration silence{0};
  };

  static void begin(Peer& peer) {
    peer.silence = Clock::duration::zero();
    peer.pinged = false;
  }

  std::vector<Peer> peers_;
  std::atomic<milliseconds> limit_{milliseconds(0)};
  std::atomic<int> watched_{0};
  Clock::time_point lookedAt_;
};

}  // namespace mpi_futures
