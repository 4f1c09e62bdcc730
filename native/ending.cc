#include "ending.h"

#include <unistd.h>

#include <cstdio>
#include <thread>

#include "callbacks.h"
#include "inbox.h"
#include "mpi_thread.h"

namespace mpi_futures {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kGrace{200};           // for JavaScript to end the process itself
constexpr milliseconds kFinalizeGuard{2000};  // for MPI_Finalize to return
constexpr milliseconds kLastCalls{
    2500};  // for the last packets to leave, and for spawns and collective calls to return

// Ends the process if it is still there after `after`.
void guardExit(milliseconds after, int code) {
  std::thread([after, code] {
    std::this_thread::sleep_for(after);
    _exit(code);
  }).detach();
}

}  // namespace

Ending& Ending::instance() {
  static Ending& ending = *new Ending;
  return ending;
}

void Ending::quit(Quit how) {
  if (toldToQuit_) return;
  toldToQuit_ = true;
  how_ = how;
  quitAt_ = Clock::now() + kGrace;
  underWay_ = true;
  Inbox::instance().put([](Napi::Env) { Callbacks::instance().quit(); });
}

void Ending::turn() {
  if (!underWay_) return;
  if (finalizing_) {
    quitSpawned();
    if (!mustWait() || Clock::now() > waitUntil_) finalizeHere();
  } else if (toldToQuit_ && Clock::now() > quitAt_) {  // JavaScript is busy: end without it
    guardExit(kFinalizeGuard, 0);
    finalizeHere();
    std::fflush(nullptr);
    _exit(0);
  }
}

bool Ending::mustWait() const {
  const MpiThread& thread = MpiThread::instance();
  bool busy = spawning_ || thread.blocked();
  for (const Channel* channel : thread.channels()) busy = busy || channel->sending();
  return busy;
}

// JavaScript, which is ending, cannot tell those that were spawned in the last moment.
void Ending::quitSpawned() {
  MPI_Comm comm = spawning_ ? spawned_.exchange(MPI_COMM_NULL) : MPI_COMM_NULL;
  if (comm == MPI_COMM_NULL) return;
  int size = 0;
  MPI_Comm_remote_size(comm, &size);
  auto* channel = new Channel(-1, comm, size, -1, false);  // as long as the process
  MpiThread::instance().attach(channel);
  for (int peer = 0; peer < size; peer++) channel->sendQuit(peer, Quit::kFinalize);
  spawning_ = false;
}

void Ending::finalizeHere() {
  finalizing_ = false;
  MpiThread::instance().finalized();
  if (!mpiToo_ || spawning_ || MpiThread::instance().blocked()) return;
  if (toldToQuit_ && how_ == Quit::kDisconnect) {
    for (const Channel* channel : MpiThread::instance().channels()) {
      MPI_Comm comm = channel->comm();
      MPI_Comm_disconnect(&comm);
    }
  }
  MPI_Finalize();
  finalized_ = true;
}

bool Ending::finalize(milliseconds deadline, bool mpiToo) {
  MpiThread& thread = MpiThread::instance();
  if (!thread.started()) return true;
  thread.run([this, &thread, mpiToo] {
    for (Channel* channel : thread.channels()) {
      if (channel->toMaster()) continue;
      for (int peer = 0; peer < channel->peers(); peer++) {
        if (peer != channel->self()) channel->sendQuit(peer, Quit::kFinalize);
      }
    }
    finalizing_ = true;
    mpiToo_ = mpiToo;
    waitUntil_ = Clock::now() + kLastCalls;
    underWay_ = true;
  });
  return thread.waitUntil([&thread] { return thread.ended(); }, deadline) &&
         (finalized_ || thread.level() < 0);
}

void Ending::abort(int code, milliseconds deadline) {
  MpiThread& thread = MpiThread::instance();
  if (!thread.started() || thread.ended()) return;
  thread.run([code] { MPI_Abort(MPI_COMM_WORLD, code); });
  std::this_thread::sleep_for(deadline);  // ended by the abort, as a rule
}

void Ending::masterEnded(int code) {
  if (!toldToQuit_) _exit(code);  // nothing that could wait for a lock of a busy thread
  guardExit(kFinalizeGuard, 0);   // the master was faster; this process is about to end by itself
}

void Ending::exitNow(int code) {
  std::fflush(nullptr);
  _exit(code);
}

}  // namespace mpi_futures
