// THE thread that owns MPI: it initialises the library, makes progress, and finalizes it.
//
// The threads that may call MPI, by the level that the library grants (MPI 4.1, section 11.6):
//
//  - SINGLE, FUNNELED: this thread only. All else is queued to it.
//  - SERIALIZED: also the JavaScript thread, for a send of its own, if it gets the lock at once. It
//    never waits.
//  - MULTIPLE: also helper threads, without the lock, for calls that block (spawn, disconnect).
//    Messages flow on meanwhile.
//
// One lock serialises the calls of this thread and of the JavaScript thread at every level. Under
// MULTIPLE the library would lock too, but with a wait.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "communicators/mpi_setup.h"
#include "javascript/ring_source.h"
#include "mpi_thread/doorbell.h"
#include "mpi_thread/move_only_function.h"
#include "mpi_thread/never_destroyed.h"
#include "mpi_thread/or_end.h"
#include "mpi_thread/poller.h"
#include "mpi_thread/requests.h"
#include "mpi_thread/waiting.h"

namespace mpi_futures {

class Channel;

// Is dropped where it can be of no use: MPI has ended, or could not be started. Then what it owns
// is freed.
using Command = MoveOnlyFunction<void()>;

class MpiThread final : public RingSource {
 public:
  // Never destroyed: exit() may run while the thread still does.
  static MpiThread& instance();

  // Starts the thread. `initialize` runs on it first and returns the thread level that was granted,
  // or a negative number if there is no MPI to progress; the thread then ends, and ended() is true.
  void start(std::function<int()> initialize);
  bool started() const { return started_; }
  // The first to call this may start the thread.
  bool claim() { return !started_.exchange(true); }
  // True from MPI_Init_thread to MPI_Finalize.
  bool live() const { return initialized() && !finalized_; }
  bool ended() const { return ended_; }
  int level() const { return level_; }
  bool initialized() const { return level_ >= 0; }
  // True if the calling thread may call MPI, without the lock.
  bool mayCall() const {
    return level_ >= MPI_THREAD_MULTIPLE || std::this_thread::get_id() == id_;
  }

  // From any thread: runs on the MPI thread, in order.
  void run(Command command);
  // JavaScript thread: runs here if allowed and possible without waiting, else on the MPI thread.
  // Keeps the order of run().
  template <typename F>
  void runSoon(F command);
  // JavaScript thread: true if all that it has given to this thread has run.
  bool hasRunAll() const { return toRun_ == 0; }
  // JavaScript thread: what has come by rings for it goes to the inbox. Where the MPI thread is at
  // it, that does it.
  void takeFromRings() override;
  // JavaScript thread: true if there is something to take, as far as can be said without waiting.
  bool ringsFilled() override;
  // JavaScript thread: true if this process waits for tasks of a master that sends them by a ring.
  bool looksForTasks() override;
  // JavaScript thread: waits until all that was to run has run, and what was sent by rings is in
  // them, at most until the deadline.
  void awaitQueued(std::chrono::milliseconds deadline);
  // For calls that block in MPI: beside the MPI thread where the level allows it. They begin in the
  // order of run().
  void runBlocking(Command command);
  // True while a helper thread is inside such a call: MPI cannot be finalized then.
  bool blocked() const { return blockingCalls_ != 0; }
  // JavaScript thread: waits until `condition`, which something on the MPI thread makes true before
  // it calls notify(). False when the deadline has passed.
  bool waitUntil(std::function<bool()> condition, std::chrono::milliseconds deadline);
  void notify();

  // JavaScript thread. Whether answers are outstanding: if not, the thread sleeps until rung.
  void expect(bool answers);
  void setBackoff(std::chrono::microseconds longest) { waiting_.setBackoff(longest); }
  OwnDoorbell& doorbell() override { return doorbell_; }
  // Any thread. Counts operations of communicators (operation.h): no doorbell rings at their ends.
  void operationBegins(bool bulk) { (bulk ? bulkOperations_ : operations_)++; }
  void operationEnds(bool bulk) { (bulk ? bulkOperations_ : operations_)--; }
  bool operating() const { return operations_ != 0 || bulkOperations_ != 0; }

  // MPI thread only.
  Requests& requests() { return requests_; }
  const std::vector<std::shared_ptr<Channel>>& channels() const { return channels_; }
  void attach(std::shared_ptr<Channel> channel) { channels_.push_back(std::move(channel)); }
  void detach(const Channel& channel);
  void attach(std::shared_ptr<Poller> poller) { pollers_.push_back(std::move(poller)); }
  void detach(const Poller& poller);
  void finalized() { finalized_ = true; }  // ends the loop

 private:
  friend union NeverDestroyed<MpiThread>;
  MpiThread() : waiting_(doorbell_) {}
  void loop();
  void block(const std::shared_ptr<Command>& command);
  void end();
  bool turn();
  bool runQueued();
  bool hasWrittenAll();
  template <typename Condition>
  bool anyChannel(Condition condition);
  Expectation expectation() const;

  std::mutex mpi_;  // guards MPI calls, requests_ and channels_

  std::mutex queueMutex_;
  std::vector<Command> queue_;
  std::atomic<bool> queued_{false};
  std::atomic<size_t> toRun_{0};  // of all that was queued
  std::mutex waitMutex_;
  std::condition_variable waited_;

  std::atomic<bool> started_{false};
  std::atomic<bool> ended_{false};
  // Negative before MPI is there. Other threads act by themselves from the moment on that it is
  // set.
  std::atomic<int> level_{-1};
  std::atomic<bool> finalized_{false};
  std::thread::id id_;  // set before anything else of it can be seen
  std::atomic<int> blockingCalls_{0};
  std::atomic<bool> answersExpected_{false};
  std::atomic<bool> sleepsUntilRung_{false};  // it does the same whether or not they are
  OwnDoorbell doorbell_;
  Waiting waiting_;
  Requests requests_;
  std::vector<std::shared_ptr<Channel>> channels_;
  std::vector<std::shared_ptr<Poller>> pollers_;
  std::atomic<int> operations_{0};
  std::atomic<int> bulkOperations_{0};
};

template <typename F>
void MpiThread::runSoon(F command) {
  if (level_ >= MPI_THREAD_SERIALIZED && !queued_ && mpi_.try_lock()) {
    std::unique_lock<std::mutex> guard(mpi_, std::adopt_lock);
    if (live()) {
      orEnd(command);
      guard.unlock();
      doorbell_.ring();  // the thread now has a request to test and an answer to wait for
      return;
    }
  }
  run(Command(std::move(command)));
}

}  // namespace mpi_futures
