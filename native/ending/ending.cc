#include "ending/ending.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <system_error>
#include <thread>
#include <utility>

#include "communicators/communicator.h"
#include "communicators/library.h"
#include "ending/pmix_connection.h"
#include "ending/process_manager.h"
#include "javascript/callbacks.h"
#include "javascript/inbox.h"
#include "mpi_thread/mpi_thread.h"
#include "mpi_thread/never_destroyed.h"
#include "mpi_thread/or_end.h"

namespace mpi_futures {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kGrace{200};       // for JavaScript to end the process itself
constexpr milliseconds kAgreement{5000};  // for spawns and collective calls to return, and for all
                                          // workers to answer
constexpr milliseconds kBlocked{500};     // longer, for a MPI thread that is inside such a call
constexpr milliseconds kLastSends{500};   // for the last packets to leave where nothing is agreed
constexpr milliseconds kFinalize{10000};  // for MPI_Finalize to return, once that is agreed
constexpr milliseconds kNoticed{1000};    // for the launcher to notice that
constexpr milliseconds kUnlimited = std::chrono::hours(24 * 365);
constexpr milliseconds kOrphaned{2000};  // the same without master and launcher
constexpr milliseconds kAbort{2000};     // for the launcher to end us
constexpr milliseconds kOutput{100};     // for it to read, before that, what was printed

// Ends the process if it is still there after `after`.
void guardExit(milliseconds after, int code) {
  try {
    std::thread([after, code] {
      std::this_thread::sleep_for(after);
      _exit(code);
    }).detach();
  } catch (const std::system_error&) {  // there can be no more threads
    alarm(static_cast<unsigned>(after / std::chrono::seconds(1)) + 1);
  }
}

// Nothing that MPI left behind is destroyed, for it was not finalized.
void skipDestructors() {
#ifdef __GLIBC__
  on_exit([](int status, void*) { Ending::exitNow(status); }, nullptr);
#endif
}

// By this process, which is its master.
bool isSpawned(const Channel& channel) {
  int isInter = 0;
  if (!channel.toMaster() && channel.hasMpi()) MPI_Comm_test_inter(channel.comm(), &isInter);
  return isInter != 0;
}

// True for the master of ranks of its own mpiexec, if some cannot ring: they are on other hosts.
bool endsByResigning() {
  if (!shouldResign()) return false;
  for (const auto& channel : MpiThread::instance().channels()) {
    if (!channel->hasMpi()) continue;
    int isInter = 0;
    MPI_Comm_test_inter(channel->comm(), &isInter);
    if (!isInter && !channel->toMaster() && !channel->peersRing()) return true;
  }
  return false;
}

// The launcher will say that this process has failed, and cannot say why.
void finalizeFailed(int code) {
  const MpiFailure failure("MPI_Finalize", code);
  std::fprintf(stderr,
               "mpi-futures: MPI was not finalized, which the launcher takes for a failure of this "
               "process: %s: %s\n",
               failure.call.c_str(), failure.text.c_str());
  skipDestructors();
}

// At the end of the process, finishes what could not be finished at the end of a thread.
void finishAtExit() {
#ifdef __GLIBC__
  on_exit([](int status, void*) { orEnd([=] { Ending::instance().end(status); }); }, nullptr);
#endif
}

}  // namespace

Ending& Ending::instance() {
  static NeverDestroyed<Ending> ending;
  return *ending;
}

void Ending::quit(Quit how) {
  if (toldToQuit_) return;
  how_ = how;
  quitAt_ = Clock::now() + kGrace;
  toldToQuit_ = true;
  Inbox::instance().put([](Napi::Env) { Callbacks::instance().quit(); });
}

void Ending::turn() {
  if (!underWay()) return;
  if (stage_ == Stage::kRunning && Clock::now() > quitAt_) {  // JavaScript is busy: end without it
    guardExit(finalizeLimit(), 0);
    alone_ = true;
    begin(Clock::time_point::max(), true);
  }
  if (stage_ != Stage::kAgreeing) return;
  const bool waiting = mustWait();  // asked first: a spawn may return this moment
  if (!quitSpawned() && !waiting) {
    if (toldToQuit_ && mpiToo_) letSpawnedGo();
    if (owesAnswer_) {
      answer();
    } else {
      finalizeHere();
    }
  } else if (Clock::now() > until_) {
    enter(Stage::kUnable);
  }
}

void Ending::begin(Clock::time_point until, bool mpiToo) {
  until_ = until;
  if (stage_ != Stage::kRunning) return;
  mpiToo_ = mpiToo && how_ != Quit::kLeave;
  resigns_ = mpiToo_ && !peers_ && (toldToQuit_ ? how_ == Quit::kResign : endsByResigning());
  if (!mpiToo_) until_ = std::min(until, Clock::now() + kLastSends);
  owesAnswer_ = toldToQuit_ && (how_ == Quit::kFinalize || how_ == Quit::kResign);
  bool hasSpawned = false;
  for (const auto& channel : MpiThread::instance().channels()) {
    if (channel->toMaster()) continue;
    hasSpawned = hasSpawned || isSpawned(*channel);
    quitPeers(*channel);
  }
  enter(Stage::kAgreeing);
  if (owesAnswer_ && !hasSpawned) answer();
}

void Ending::quitPeers(Channel& channel) {
  Quit how = resigns_ ? Quit::kResign : Quit::kFinalize;
  if (toldToQuit_ && isSpawned(channel))
    how = channel.allThere() ? Quit::kDisconnect : Quit::kLeave;
  if (!mpiToo_) how = Quit::kLeave;
  for (int peer = 0; peer < channel.peers(); peer++) {
    if (peer != channel.self()) channel.sendQuit(peer, how);
  }
}

// Worker. All together could not finalize: Open MPI's MPI_Finalize waits for all who are connected
// in a process that has two such communicators, and for nobody in one that has one
// (https://github.com/open-mpi/ompi/issues/13127). Where one has died the communicator is freed:
// that waits for nobody, and MPI_Finalize then knows nothing of them.
void Ending::letSpawnedGo() {
  MpiThread& thread = MpiThread::instance();
  const std::vector<std::shared_ptr<Channel>> channels = thread.channels();
  for (const auto& channel : channels) {
    if (!isSpawned(*channel)) continue;
    channel->close([] {});
    thread.detach(*channel);
    if (channel->allThere()) {
      disconnect(*channel);
    } else {
      MPI_Comm comm = channel->comm();
      MPI_Comm_free(&comm);
    }
  }
}

// The other side may wait in the same call for ever if this one fails: it ends when this process
// has.
void Ending::disconnect(const Channel& channel) {
  MPI_Comm comm = channel.comm();
  const int code = MPI_Comm_disconnect(&comm);
  if (code == MPI_SUCCESS) return;
  const MpiFailure failure("MPI_Comm_disconnect", code);
  collapse((failure.call + ": " + failure.text).c_str());
}

void Ending::answer() {
  owesAnswer_ = false;
  for (const auto& channel : MpiThread::instance().channels()) {
    if (channel->toMaster()) channel->sendReady();
  }
}

void Ending::enter(Stage stage) {
  stage_ = stage;
  MpiThread::instance().notify();
}

bool Ending::mustWait() const {
  const MpiThread& thread = MpiThread::instance();
  bool busy = mpiToo_ && (spawning_ != 0 || thread.blocked() || thread.operating());
  for (const auto& channel : thread.channels())
    busy = busy || (channel->hasMpi() && channel->sending()) || (mpiToo_ && channel->agreeing());
  return busy;
}

// JavaScript, which is ending, cannot tell those that were spawned in the last moment. True if
// there are any.
bool Ending::quitSpawned() {
  std::vector<MPI_Comm> untold;
  {
    std::lock_guard<std::mutex> guard(spawnedMutex_);
    untold.swap(spawned_);
  }
  for (MPI_Comm comm : untold) {
    int size = 0;
    MPI_Comm_remote_size(comm, &size);
    auto channel = std::make_shared<Channel>(-1, comm, size, -1, false);  // until the end
    MpiThread::instance().attach(channel);
    quitPeers(*channel);
  }
  return !untold.empty();
}

void Ending::finalizeHere() {
  if (mpiToo_) {
    enter(Stage::kFinalizing);
    if (toldToQuit_ && how_ == Quit::kDisconnect) {
      for (const auto& channel : MpiThread::instance().channels()) {
        if (channel->toMaster()) disconnect(*channel);
      }
    }
    finalizeMpi();
    MpiThread::instance().finalized();
  }
  if (alone_) {
    resignUnlessDone();
    exitNow(0);
  }
  if (done_) done_();
  enter(mpiToo_ ? Stage::kFinalized : Stage::kUnable);
}

void Ending::finalizeMpi() {
  // The code that has started MPI finalizes it, unless this process ends without running anything
  // more.
  if (!finalizes_ && !alone_) return;
  if (resigns_ && resign()) return skipDestructors();
  const PmixConnection server;
  int finalized = 0;  // by other code of this process
  MPI_Finalized(&finalized);
  if (!finalized) Communicator::freeMerged();
  const int code = finalized ? MPI_SUCCESS : MPI_Finalize();
  if (code != MPI_SUCCESS) return finalizeFailed(code);
  server.awaitClosed(kNoticed);
}

bool Ending::finalize(milliseconds deadline, bool mpiToo) {
  return settle(Clock::now() + deadline, deadline + kBlocked, mpiToo);
}

void Ending::finalizeLater(MoveOnlyFunction<void()> done) {
  done_ = std::move(done);
  begin(Clock::time_point::max(), true);
}

// Asks for the agreement until `until`, and waits for the answer no longer than `wait`.
bool Ending::settle(Clock::time_point until, milliseconds wait, bool mpiToo) {
  MpiThread& thread = MpiThread::instance();
  if (!thread.started()) return true;
  thread.run([this, until, mpiToo] { begin(until, mpiToo); });
  const auto is = [this](Stage stage) { return stage_ == stage; };
  thread.waitUntil(
      [&] {
        return thread.ended() || is(Stage::kFinalizing) || is(Stage::kFinalized) ||
               is(Stage::kUnable);
      },
      wait);
  if (is(Stage::kFinalizing))
    thread.waitUntil([&] { return is(Stage::kFinalized); }, finalizeLimit());
  return is(Stage::kFinalized) || (thread.ended() && thread.level() < 0);
}

milliseconds Ending::finalizeLimit() const { return peers_ ? kUnlimited : kFinalize; }

void Ending::describe(bool launched, bool connecting, bool failed, bool peers) {
  launched_ = launched;
  connecting_ = connecting;
  failed_ = failed;
  peers_ = peers;
}

void Ending::end(int code) {
  if (!MpiThread::instance().started() || stage_ == Stage::kFinalized || aborting_) return;
  if (toldToQuit_) {
    if (!settle(Clock::time_point::max(), finalizeLimit(), true)) exitNow(code);
    return;
  }
  if (launched_ && failed_) {
    if (code == 0)
      std::fprintf(
          stderr,
          "mpi-futures: the program ends with status 1, because another of its processes was "
          "lost, or could not be started\n");
    const int status = code == 0 ? 1 : code;
    const MpiThread& thread = MpiThread::instance();
    // MPI_Init may wait for ever, and MPI_Abort would wait for it. Open MPI's mpiexec needs none.
    if (isOpenMpi() && !thread.initialized() && !thread.ended()) {
      std::this_thread::sleep_for(kOutput);
      exitNow(status);
    }
    abort(status, kAbort);
  }
  if (launched_ && connecting_) abort(code, kAbort);
  // They may wait for a message from this process, which will not come.
  if (launched_ && peers_ && code != 0) abort(code, kAbort);
  if (finalize(kAgreement, !failed_)) return;
  if (launched_ && peers_ && MpiThread::instance().operating()) {
    std::fprintf(
        stderr,
        "mpi-futures: the program has ended while operations that it had begun were pending\n");
    if (code == 0) code = 1;
  }
  if (launched_) abort(code, kAbort);
  exitNow(code);
}

void Ending::endAtExit(int code) {
  codeAtExit_ = code;
  std::atexit([] { orEnd([] { instance().end(instance().codeAtExit_); }); });
}

void Ending::environmentEnds() {
  const MpiThread& thread = MpiThread::instance();
  if (!thread.started() || thread.ended()) return;
  // Under a launcher that would end the program.
  const bool keep = launched_ && (failed_ || connecting_);
  // The agreement has time until the process ends.
  if (keep || !settle(Clock::time_point::max(), kAgreement, !failed_)) finishAtExit();
}

void Ending::abort(int code, milliseconds deadline) {
  MpiThread& thread = MpiThread::instance();
  if (!thread.started()) return;
  if (thread.ended() && thread.initialized()) return;
  aborting_ = true;
  std::this_thread::sleep_for(kOutput);
  if (thread.ended()) {  // without having started MPI
    askForAbort(code);
    exitNow(code);
  }
  // MPI_Init waits for the other ranks, and perhaps for ever.
  if (!thread.initialized()) askForAbort(code);
  thread.run([code] { MPI_Abort(MPI_COMM_WORLD, code); });
  std::this_thread::sleep_for(deadline);  // ended by the abort, as a rule
}

void Ending::spawned(MPI_Comm comm) {
  std::lock_guard<std::mutex> guard(spawnedMutex_);
  spawned_.push_back(comm);
  spawning_--;
}

void Ending::connected(MPI_Comm comm) {
  std::lock_guard<std::mutex> guard(spawnedMutex_);
  spawned_.erase(std::remove(spawned_.begin(), spawned_.end(), comm), spawned_.end());
}

void Ending::masterEnded(int code) {
  if (!toldToQuit_) _exit(code);  // nothing that could wait for a lock of a busy thread
  // The master was faster; this process is about to end by itself.
  guardExit(launched_ ? kFinalize : kOrphaned, 0);
}

void Ending::masterSilent(const std::string& reason) {
  if (!toldToQuit_)
    std::fprintf(stderr, "mpi-futures: a worker ends because it has lost its master: %s\n",
                 reason.c_str());
  masterEnded(1);
}

void Ending::collapse(const char* reason) {
  char line[256];
  const int length = std::snprintf(
      line, sizeof line, "mpi-futures: this process ends, and with it the program: %s\n", reason);
  const ssize_t written = write(STDERR_FILENO, line, std::min<size_t>(length, sizeof line - 1));
  (void)written;
  alarm(static_cast<unsigned>(kAbort / std::chrono::seconds(1)));
  MpiThread& thread = MpiThread::instance();
  if (launched_ && thread.live() && thread.mayCall()) {
    std::this_thread::sleep_for(kOutput);
    MPI_Abort(MPI_COMM_WORLD, 1);
  }
  _exit(1);
}

void endFor(const char* reason) { Ending::instance().collapse(reason); }

void Ending::exitNow(int code) {
  std::fflush(nullptr);
  _exit(code);
}

}  // namespace mpi_futures
