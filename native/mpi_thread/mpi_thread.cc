#include "mpi_thread/mpi_thread.h"

#include <sched.h>

#include <algorithm>
#include <system_error>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include "channel/channel.h"
#include "ending/ending.h"
#include "javascript/inbox.h"

namespace mpi_futures {

namespace {

// Lowers the priority of this thread. MPI waits by polling, and on a full machine what it waits
// for, such as the start of processes, needs the same cores.
void giveWay() {
#ifdef __linux__
  constexpr int kNice = 10;
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
#endif
}

}  // namespace

MpiThread& MpiThread::instance() {
  static NeverDestroyed<MpiThread> thread;
  return *thread;
}

void MpiThread::start(std::function<int()> initialize) try {
  std::thread([this, initialize = std::move(initialize)] {
    id_ = std::this_thread::get_id();
    orEnd([&] {
      level_ = initialize();
      Inbox::instance().flush();
      if (live()) loop();
      end();
    });
  }).detach();  // nobody can join it safely at exit: it may be inside MPI (see ending.h)
} catch (...) {
  end();  // there is no thread
  throw;
}

// Nothing is run any more. What is dropped is dropped without the lock: it may put things into the
// inbox.
void MpiThread::end() {
  std::vector<Command> dropped;
  {
    std::lock_guard<std::mutex> guard(queueMutex_);
    ended_ = true;
    dropped.swap(queue_);
    toRun_ -= dropped.size();
    queued_ = false;
  }
  dropped.clear();
  Inbox::instance().flush();
  notify();
}

void MpiThread::run(Command command) {
  {
    std::lock_guard<std::mutex> guard(queueMutex_);
    if (!ended_) {
      queue_.push_back(std::move(command));
      toRun_++;
      queued_ = true;
    }
  }
  if (!ended_) return doorbell_.ring();
  command = Command();
  Inbox::instance().flush();
}

void MpiThread::awaitQueued(std::chrono::milliseconds deadline) {
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!hasRunAll() || !hasWrittenAll()) {
    if (std::chrono::steady_clock::now() > end) return;
    sched_yield();
  }
}

bool MpiThread::hasWrittenAll() {
  std::unique_lock<std::mutex> guard(mpi_, std::try_to_lock);
  return guard && !anyChannel([](const Channel& channel) { return channel.waitsForRoom(); });
}

void MpiThread::takeFromRings() {
  std::unique_lock<std::mutex> guard(mpi_, std::try_to_lock);
  if (!guard) return doorbell_.ring();
  for (const auto& channel : channels_) channel->receivePlain();
}

bool MpiThread::ringsFilled() {
  std::unique_lock<std::mutex> guard(mpi_, std::try_to_lock);
  return guard && anyChannel([](const Channel& channel) { return channel.ringsFilled(); });
}

bool MpiThread::looksForTasks() {
  std::unique_lock<std::mutex> guard(mpi_, std::try_to_lock);
  return guard && anyChannel([](const Channel& channel) {
           return channel.toMaster() && channel.allSendByRing();
         });
}

template <typename Condition>
bool MpiThread::anyChannel(Condition condition) {
  return std::any_of(channels_.begin(), channels_.end(),
                     [&](const auto& channel) { return condition(*channel); });
}

void MpiThread::runBlocking(Command command) {
  run([this, command = std::make_shared<Command>(std::move(command))] { block(command); });
}

void MpiThread::block(const std::shared_ptr<Command>& command) {
  if (level_ >= MPI_THREAD_MULTIPLE) {
    blockingCalls_++;
    try {
      std::thread([this, command] {
        orEnd([&] {
          giveWay();
          (*command)();
          blockingCalls_--;
        });
      }).detach();
      return;
    } catch (const std::system_error&) {  // there can be no more threads: it is done here
      blockingCalls_--;
    }
  }
  for (const auto& channel : channels_) channel->sayAway(true);
  (*command)();
  for (const auto& channel : channels_) channel->sayAway(false);
}

bool MpiThread::waitUntil(std::function<bool()> condition, std::chrono::milliseconds deadline) {
  std::unique_lock<std::mutex> guard(waitMutex_);
  return waited_.wait_for(guard, deadline, condition);
}

void MpiThread::notify() {
  std::lock_guard<std::mutex> guard(waitMutex_);
  waited_.notify_all();
}

void MpiThread::expect(bool answers) {
  if (answersExpected_.exchange(answers) != answers && answers && !sleepsUntilRung_)
    doorbell_.ring();
}

void MpiThread::detach(const Channel& channel) {
  channels_.erase(std::remove_if(channels_.begin(), channels_.end(),
                                 [&](const auto& one) { return one.get() == &channel; }),
                  channels_.end());
}

void MpiThread::detach(const Poller& poller) {
  pollers_.erase(std::remove_if(pollers_.begin(), pollers_.end(),
                                [&](const auto& one) { return one.get() == &poller; }),
                 pollers_.end());
}

void MpiThread::loop() {
#ifdef __linux__
  prctl(PR_SET_TIMERSLACK,
        1000UL);  // nanoseconds; the default of 50 µs would double the shortest sleeps
#endif
  Inbox& inbox = Inbox::instance();
  waiting_.active();
  while (live()) {
    const bool moved = turn();
    inbox.flush();
    if (moved) {
      waiting_.active();
      continue;
    }
    const Expectation now = expectation();
    sleepsUntilRung_ = now.bellsComeLast;
    waiting_.idle(now, [&] {
      const bool movedAgain = turn();
      inbox.flush();
      return movedAgain || !live();
    });
  }
}

bool MpiThread::turn() {
  std::lock_guard<std::mutex> guard(mpi_);
  bool moved = runQueued();
  if (!live()) return true;
  if (requests_.test()) moved = true;
  for (size_t i = 0; i < channels_.size(); i++) {
    const std::shared_ptr<Channel> channel = channels_[i];  // it may detach itself
    if (channel->progress()) moved = true;
  }
  for (size_t i = 0; i < pollers_.size(); i++) {
    const std::shared_ptr<Poller> poller = pollers_[i];
    if (poller->progress()) moved = true;
  }
  Ending::instance().turn();
  return moved;
}

bool MpiThread::runQueued() {
  if (!queued_) return false;
  std::vector<Command> commands;
  {
    std::lock_guard<std::mutex> guard(queueMutex_);
    commands.swap(queue_);
    queued_ = false;
  }
  for (Command& command : commands) {
    if (live()) command();
  }
  toRun_ -= commands.size();
  return true;
}

Expectation MpiThread::expectation() const {
  // Without the lock: only this thread changes channels_, and what is asked of them is atomic.
  const bool ending = Ending::instance().underWay();
  Expectation expectation{false, !answersExpected_ && !ending, !ending, !ending,
                          Waiting::kLongestNap};
  for (const auto& channel : channels_) {
    if (channel->transferring() || channel->takingLeave()) expectation.transferPending = true;
    if (!channel->peersRing()) expectation.peersRing = false;
    if (!channel->allSendByRing()) expectation.bellsComeLast = false;
    if (channel->toMaster() || channel->sending())
      expectation.nothingExpected = false;  // a worker expects its next task
    // MPI is to be given turns for it.
    if (channel->sending() && channel->hasMpi()) expectation.bellsComeLast = false;
    const std::chrono::milliseconds look = channel->looksEvery();
    if (look.count() != 0)
      expectation.longest = std::min<std::chrono::microseconds>(expectation.longest, look);
  }
  if (!pollers_.empty() || operating()) {
    expectation.peersRing = expectation.bellsComeLast = false;
    expectation.nothingExpected = false;
  }
  if (bulkOperations_ != 0) expectation.transferPending = true;
  return expectation;
}

}  // namespace mpi_futures
