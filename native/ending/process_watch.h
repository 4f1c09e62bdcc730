// Notices the end of processes on this host at once: MPI never reports it by itself (Iprobe on a
// dead peer just finds nothing). Linux: a pidfd, readable as soon as the process has ended, also
// while it is a zombie. Elsewhere the process is looked at ten times per second.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "mpi_thread/never_destroyed.h"

namespace mpi_futures {

class ProcessWatch {
 public:
  static ProcessWatch& instance();  // never destroyed; its thread starts with the first watch

  // `ended` is called once, on the watching thread. False if the process cannot be watched, or has
  // ended already.
  bool watch(int64_t pid, std::function<void()> ended) { return add(pid, std::move(ended), false); }
  void unwatch(int64_t pid);
  // As watch(), for a function that owns what must stay while the process is there: unwatch() does
  // not remove it. If the process has ended already, `ended` is dropped here; where nothing can be
  // watched, never.
  void keep(int64_t pid, std::function<void()> ended) { add(pid, std::move(ended), true); }

 private:
  friend union NeverDestroyed<ProcessWatch>;
  struct State;
  ProcessWatch();
  ~ProcessWatch();
  bool add(int64_t pid, std::function<void()> ended, bool isKept);
  void run();
  void wake();
  const std::unique_ptr<State> state_;
};

// The process is killed when its parent (the launcher's daemon on this host) has ended. Linux only;
// false elsewhere.
bool dieWithParent();

}  // namespace mpi_futures
