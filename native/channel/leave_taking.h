// The time from the notice of a peer's end to its loss.
//
// The end of a peer is noticed when its process has ended, when a call of MPI has failed for it, or
// when it has been silent for too long. From then on nothing is sent to it. But what it had sent
// may still be on its way: in the memory that processes of one host share, or in a socket. The
// kernel has all of it by the time at which a pidfd tells of the end, but MPI finds it only in
// turns of progress, some messages in each. So this process goes on receiving until nothing of that
// peer has come for 20 ms and 100 turns. The last message was found in the first or second turn,
// 6 ms after the notice where the machine was busy, over TCP and shared memory, also when this
// process had been stopped before. A message that is not whole by then is given up. The messages of
// a worker that waited for it are delivered.
//
// Threads: the MPI thread, under its lock.
#pragma once

#include <napi.h>

#include <chrono>
#include <functional>
#include <utility>

namespace mpi_futures {

class LeaveTaking {
 public:
  // Makes the error that says why the peer is lost.
  using Reason = std::function<Napi::Error(Napi::Env)>;

  explicit LeaveTaking(Reason reason) : reason_(std::move(reason)) {}

  // Something of the peer has come.
  void heard() {
    heardAt_ = Clock::now();
    quietTurns_ = 0;
  }
  // To be asked in each turn. `byMpi`: what the peer has sent may come by MPI, and not by rings
  // alone. `isReading`: memory of the peer is being read.
  bool isOver(bool byMpi, bool isReading) {
    quietTurns_++;
    const auto now = Clock::now();
    if (now - noticedAt_ >= kLongest) return true;
    // What is in a ring is all there.
    if (!byMpi) return quietTurns_ > 1 && !isReading;
    return quietTurns_ > kQuietTurns && now - heardAt_ > kQuiet;
  }
  Reason takeReason() { return std::move(reason_); }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds kQuiet{20};
  static constexpr int kQuietTurns = 100;
  // The peer may be alive, and go on sending.
  static constexpr std::chrono::milliseconds kLongest{5000};

  Reason reason_;
  const Clock::time_point noticedAt_ = Clock::now();
  Clock::time_point heardAt_ = noticedAt_;
  int quietTurns_ = 0;
};

}  // namespace mpi_futures
