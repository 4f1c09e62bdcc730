// How a process that uses MPI ends: agreed, or by force.
//
// An end is agreed when the master has told every worker to quit and every worker has answered that
// it is about to finalize; before that, those that it has spawned itself have left it. A worker's
// MPI thread obeys even while JavaScript computes: it tells JavaScript, waits a grace, then
// finalizes and ends the process itself. Both sides finalize, so the launcher reports the status of
// rank 0 and nothing is left behind. Nobody enters MPI_Finalize before: whoever does and is left
// alone waits for ever, and can then not even abort.
//
// An end that is not agreed within a deadline comes by force: MPI_Abort with the status of the
// program under a launcher, else _exit. Only the master decides so; a worker that was told to quit
// waits for it. Exit statuses: docs/design/lifecycle.md.
//
// The JavaScript environment that owns MPI is that of the main thread, whose 'exit' event calls
// end(), or that of another thread, which may be gone long before the process ends: environmentEnds
// is a cleanup hook, as no event is certain there.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "channel/channel.h"
#include "mpi_thread/move_only_function.h"

namespace mpi_futures {

class Ending {
 public:
  static Ending& instance();

  // MPI thread. `here`: MPI was started by us, and not by other code of this process.
  void started(bool here) { finalizes_ = here; }
  // True while something is waited for that nobody rings for.
  bool underWay() const { return toldToQuit_ || stage_ == Stage::kAgreeing; }

  // MPI thread, worker: the master says that this process ends.
  void quit(Quit how);
  // MPI thread, in each of its turns.
  void turn();

  // JavaScript thread, at any time. `launched`: there is a launcher to answer to. `connecting`:
  // others wait for this process in collective calls, and cannot be told to quit. `failed`:
  // somebody is missing, and MPI_Finalize would wait for it. `peers`: other processes run the
  // program on their own, and MPI_Finalize waits for them as long as they do.
  void describe(bool launched, bool connecting, bool failed, bool peers);
  // Ends MPI, as the last use of it by the process. Returns when MPI is finalized; if that is
  // not possible, ends the process with `code`.
  void end(int code);
  // Does the same in exit(): the error that ends the process has been printed by then.
  void endAtExit(int code);
  // The JavaScript that owns MPI ends; the process may go on.
  void environmentEnds();
  // JavaScript thread: finalizes if that is agreed within the deadline; without `mpiToo` it only
  // lets what was sent leave. True if MPI is finalized.
  bool finalize(std::chrono::milliseconds deadline, bool mpiToo);
  // MPI thread: finalizes as soon as that is agreed, and then calls `done`.
  void finalizeLater(MoveOnlyFunction<void()> done);
  // MPI_Abort of all connected processes with `code` (0 to 255). Returns if that did not end us.
  // Where MPI could not be started, the launcher is told in another way.
  void abort(int code, std::chrono::milliseconds deadline);

  // Processes are being spawned: the end waits for them, to tell them to quit. JavaScript thread.
  void spawning() { spawning_++; }
  // The spawned processes run, and have no channel by which they are told to quit. Any thread.
  void spawned(MPI_Comm comm);
  // The spawn has failed: there will be no processes. Any thread.
  void spawnFailed() { spawning_--; }
  // The spawned processes have a channel, by which they are told to quit. MPI thread.
  void connected(MPI_Comm comm);

  // Any thread, worker: the master's process has ended. So does this one, with `code` unless its
  // end was agreed.
  void masterEnded(int code);
  // MPI thread, worker: the master is taken for ended.
  void masterSilent(const std::string& reason);
  // Ends the process without running anything more.
  [[noreturn]] static void exitNow(int code);
  // The work of endFor() in or_end.h.
  [[noreturn]] void collapse(const char* reason);

 private:
  using Clock = std::chrono::steady_clock;

  enum class Stage {
    kRunning,
    kAgreeing,    // all were told, and are waited for
    kFinalizing,  // in MPI_Finalize
    kFinalized,
    kUnable,  // MPI stays as it is
  };

  bool settle(Clock::time_point until, std::chrono::milliseconds wait, bool mpiToo);
  void begin(Clock::time_point until, bool mpiToo);
  void enter(Stage stage);
  bool mustWait() const;
  bool quitSpawned();
  void quitPeers(Channel& channel);
  void letSpawnedGo();
  void disconnect(const Channel& channel);
  void answer();
  void finalizeHere();
  void finalizeMpi();
  std::chrono::milliseconds finalizeLimit() const;

  std::atomic<Stage> stage_{Stage::kRunning};
  std::atomic<bool> launched_{false};
  std::atomic<bool> connecting_{false};
  std::atomic<bool> failed_{false};
  std::atomic<bool> peers_{false};
  std::atomic<bool> aborting_{false};
  std::atomic<bool> finalizes_{true};
  int codeAtExit_ = 0;

  // MPI thread.
  std::atomic<bool> toldToQuit_{false};
  Quit how_ = Quit::kFinalize;
  bool resigns_ = false;
  Clock::time_point quitAt_;
  Clock::time_point until_;
  bool mpiToo_ = true;
  bool alone_ = false;       // JavaScript takes no part
  bool owesAnswer_ = false;  // to the master
  MoveOnlyFunction<void()> done_;

  std::atomic<int> spawning_{0};
  std::mutex spawnedMutex_;
  std::vector<MPI_Comm> spawned_;
};

}  // namespace mpi_futures
