// How the MPI thread waits when it found nothing to do: hot, then yielding, then asleep.
//
// MPI has no way to wait for "a message or a wake-up", so the thread polls. Polling hot for 250 µs
// after activity makes the next answer of a busy exchange cheap. sched_yield in every turn costs
// nothing on an idle core and keeps a full machine going (without it: up to 40 % less throughput).
// A sleep of any length really takes 60 µs and more.
#pragma once

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "channel/memory.h"
#include "mpi_thread/doorbell.h"

namespace mpi_futures {

// The events that the thread may count on while it sleeps.
struct Expectation {
  bool transferPending;               // what comes moves only when MPI is polled: never sleep
  bool nothingExpected;               // no answer is outstanding and every wake-up will be rung
  bool peersRing;                     // every peer on this process's channels rings the doorbell
  bool bellsComeLast;                 // and what it has sent is here by then: it comes by a ring
  std::chrono::microseconds longest;  // there is something to do after that time
};

class Waiting {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::microseconds kLongestNap{1000000};

  explicit Waiting(OwnDoorbell& bell) : bell_(bell) {}

  // Longest sleep between two polls while an answer is expected from a peer that cannot ring.
  void setBackoff(std::chrono::microseconds longest) { backoff_ = longest; }

  void active() {
    lastActive_ = Clock::now();
    nap_ = kFirstNap;
    turns_ = 0;
    // Where there is always something to do, naps never become long.
    if (lastActive_ - lastTrim_ >= kTrimEvery) trim();
  }

  // One turn of waiting. `lookAgain` polls once more and returns true if there was something to do.
  template <typename LookAgain>
  void idle(const Expectation& expectation, LookAgain lookAgain) {
    // MPI need not be polled: JavaScript takes what comes, and all else is rung for.
    if (expectation.bellsComeLast && !expectation.transferPending)
      return sleep(expectation, lookAgain);
    if ((++turns_ & 7) != 0) return yield();
    const auto since = Clock::now() - lastActive_;
    if (since < kHot || expectation.transferPending) return yield();
    sleep(expectation, lookAgain);
  }

 private:
  static constexpr std::chrono::microseconds kHot{250};
  static constexpr std::chrono::microseconds kFirstNap{20};
  static constexpr std::chrono::microseconds kLongestNapWithBells{100000};
  static constexpr std::chrono::seconds kTrimEvery{1};

  static void yield() { sched_yield(); }

  // Gives back the memory that is kept for a moment.
  void trim() {
    lastTrim_ = lastActive_;
    Block::trim();
  }

  template <typename LookAgain>
  void sleep(const Expectation& expectation, LookAgain lookAgain) {
    const uint32_t ticket = bell_.prepare();
    if (lookAgain()) {
      bell_.cancel();
      return active();
    }
    std::chrono::microseconds limit =
        expectation.peersRing ? kLongestNapWithBells : backoff_.load();
    if (expectation.nothingExpected) limit = kLongestNap;
    limit = std::min(limit, expectation.longest);
    if (expectation.bellsComeLast) nap_ = limit;
    if (nap_ == limit) trim();
    if (bell_.sleep(ticket, std::min(nap_, limit)))
      return active();  // the bell may be ahead of its message: poll hot
    nap_ = std::min(nap_ * 2, limit);
  }

  OwnDoorbell& bell_;
  std::atomic<std::chrono::microseconds> backoff_{std::chrono::microseconds{1000}};
  Clock::time_point lastActive_ = Clock::now();
  Clock::time_point lastTrim_ = lastActive_;
  std::chrono::microseconds nap_ = kFirstNap;
  unsigned turns_ = 0;
};

}  // namespace mpi_futures
