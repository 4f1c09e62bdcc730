#include "ending/process_watch.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "mpi_thread/never_destroyed.h"
#include "mpi_thread/or_end.h"
#include "system/file_descriptor.h"

namespace mpi_futures {

namespace {

constexpr int kPollInterval = 100;  // milliseconds, where there is no pidfd

struct Watched {
  int64_t pid;
  FileDescriptor fd;  // none: no pidfd, poll
  std::function<void()> ended;
  bool isKept;
};

FileDescriptor openProcess(int64_t pid) {
#if defined(__linux__) && defined(SYS_pidfd_open)
  return FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
#else
  (void)pid;
  errno = ENOSYS;
  return {};
#endif
}

bool gone(const Watched& watched) {
  if (!watched.fd) return kill(static_cast<pid_t>(watched.pid), 0) != 0 && errno == ESRCH;
  pollfd look{watched.fd.get(), POLLIN, 0};
  return poll(&look, 1, 0) == 1;
}

}  // namespace

struct ProcessWatch::State {
  std::mutex mutex;
  std::vector<Watched> watched;
  Pipe wake = makePipe(PipeMode::kNonBlocking);
};

ProcessWatch& ProcessWatch::instance() {
  static NeverDestroyed<ProcessWatch> watch;
  return *watch;
}

ProcessWatch::ProcessWatch() : state_(std::make_unique<State>()) {
  if (!state_->wake.read) return;
  try {
    std::thread([this] { orEnd([this] { run(); }); }).detach();
  } catch (const std::system_error&) {  // there can be no more threads: nothing can be watched
    state_->wake = Pipe();
  }
}

bool ProcessWatch::add(int64_t pid, std::function<void()> ended, bool isKept) {
  if (!state_->wake.read && !isKept) return false;
  FileDescriptor fd = openProcess(pid);
  if (!fd && errno == ESRCH) return false;
  if (!fd && kill(static_cast<pid_t>(pid), 0) != 0 && errno == ESRCH) return false;
  {
    std::lock_guard<std::mutex> guard(state_->mutex);
    state_->watched.push_back({pid, std::move(fd), std::move(ended), isKept});
  }
  wake();
  return true;
}

void ProcessWatch::unwatch(int64_t pid) {
  std::lock_guard<std::mutex> guard(state_->mutex);
  for (Watched& watched : state_->watched) {
    if (watched.pid == pid && !watched.isKept)
      watched.ended = nullptr;  // the thread drops it: it may be polling the descriptor
  }
  wake();
}

void ProcessWatch::wake() {
  const ssize_t written = write(state_->wake.write.get(), "", 1);
  (void)written;  // a full pipe wakes as well
}

void ProcessWatch::run() {
  std::vector<pollfd> polled;
  std::vector<std::function<void()>> ended;
  for (;;) {
    bool mustPoll = false;
    polled.assign(1, pollfd{state_->wake.read.get(), POLLIN, 0});
    ended.clear();
    {
      std::lock_guard<std::mutex> guard(state_->mutex);
      auto& all = state_->watched;
      for (size_t i = 0; i < all.size();) {
        const bool dropped = !all[i].ended;
        if (!dropped && !gone(all[i])) {
          if (all[i].fd) polled.push_back({all[i].fd.get(), POLLIN, 0});
          mustPoll = mustPoll || !all[i].fd;
          i++;
          continue;
        }
        if (!dropped) ended.push_back(std::move(all[i].ended));
        if (i + 1 < all.size()) all[i] = std::move(all.back());
        all.pop_back();
      }
    }
    for (const auto& callback : ended) callback();
    poll(polled.data(), polled.size(), mustPoll ? kPollInterval : -1);
    char buffer[64];
    while (read(state_->wake.read.get(), buffer, sizeof buffer) > 0) continue;
  }
}

bool dieWithParent() {
#ifdef __linux__
  const pid_t parent = getppid();
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return false;
  if (getppid() != parent) raise(SIGKILL);  // it ended in between
  return true;
#else
  return false;
#endif
}

}  // namespace mpi_futures
