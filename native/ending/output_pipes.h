// The output of a worker that has no console of its own: what native code, V8 and child processes
// write to its stdout and stderr. Two pipes, which the master reads: it opens their other ends
// through /proc, so it still has what the worker wrote last when that has died. Linux.
//
// JavaScript thread. The descriptors 1 and 2 are replaced at one stroke, so no other thread of the
// process sees them closed, or opens a file under their numbers.
#pragma once

#include <vector>

#include "system/file_descriptor.h"

namespace mpi_futures {

class OutputPipes {
 public:
  static OutputPipes& instance();

  // The ends to be read: of stdout, of stderr. Empty where there can be none.
  std::vector<int> offer();
  // `taken`: the master has opened both, and stdout and stderr lead there from now on. Otherwise
  // all stays as it was: a pipe that nobody reads takes output only until it is full.
  void settle(bool taken);

 private:
  std::vector<Pipe> pipes_;
};

}  // namespace mpi_futures
