// How a process that uses MPI ends: agreed, or by force.
//
// An end is agreed when the master has told every worker to quit. The worker's MPI thread obeys
// even while JavaScript computes: it tells JavaScript, waits a grace, then finalizes and ends the
// process itself. Both sides finalize, so the launcher reports the status of rank 0 and nothing is
// left behind. A worker that finalizes without that waits for ever in MPI_Finalize, or leaves
// mpiexec hanging.
//
// All waits have a deadline; when it passes the process ends by _exit. Exit statuses:
// docs/lifecycle.md.
#pragma once

#include <atomic>
#include <chrono>

#include "channel.h"

namespace mpi_futures {

class Ending {
 public:
  static Ending& instance();

  bool underWay() const { return underWay_; }

  // MPI thread, worker: the master says that this process ends.
  void quit(Quit how);
  // MPI thread, in each of its turns.
  void turn();

  // JavaScript thread, as the last thing it does with MPI: tells all workers to quit, or follows
  // the master's word to; then finalizes, unless `mpiToo` is false (somebody is missing, and
  // MPI_Finalize would wait for it). False if that could not be done within the deadline; what is
  // left then is exitNow.
  bool finalize(std::chrono::milliseconds deadline, bool mpiToo);
  // JavaScript thread: MPI_Abort of all connected processes with `code` (1 to 255). Returns if that
  // did not end us.
  void abort(int code, std::chrono::milliseconds deadline);
  // Processes are being spawned: the end waits for them, to tell them to quit. JavaScript thread.
  void spawning() {
    spawned_ = MPI_COMM_NULL;
    spawning_ = true;
  }
  // They are there. Any thread.
  void spawned(MPI_Comm comm) { spawned_ = comm; }
  // JavaScript knows them, and tells them to quit from here on; or there will be none. Any thread.
  void spawnTaken() { spawning_ = false; }

  // Any thread, worker: the master's process has ended. So does this one, with `code` unless its
  // end was agreed.
  void masterEnded(int code);
  // Ends the process without running anything more.
  [[noreturn]] static void exitNow(int code);

 private:
  using Clock = std::chrono::steady_clock;

  bool mustWait() const;
  void quitSpawned();
  void finalizeHere();

  std::atomic<bool> underWay_{false};
  std::atomic<bool> toldToQuit_{false};
  Quit how_ = Quit::kFinalize;
  Clock::time_point quitAt_;
  bool finalizing_ = false;
  bool mpiToo_ = true;
  std::atomic<bool> finalized_{false};
  std::atomic<bool> spawning_{false};
  std::atomic<MPI_Comm> spawned_{MPI_COMM_NULL};
  Clock::time_point waitUntil_;
};

}  // namespace mpi_futures
