#include "ending/output_pipes.h"

#include <fcntl.h>
#include <unistd.h>

#include "mpi_thread/never_destroyed.h"

namespace mpi_futures {

OutputPipes& OutputPipes::instance() {
  static NeverDestroyed<OutputPipes> pipes;
  return *pipes;
}

std::vector<int> OutputPipes::offer() {
#ifdef __linux__
  while (pipes_.size() < 2) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
      settle(false);
      return {};
    }
    pipes_.push_back({ends[0], ends[1]});
  }
  return {pipes_[0].read, pipes_[1].read};
#else
  return {};
#endif
}

void OutputPipes::settle(bool taken) {
  int descriptor = STDOUT_FILENO;
  for (const Pipe& pipe : pipes_) {
    if (taken) dup2(pipe.write, descriptor++);
    close(pipe.write);
    close(pipe.read);
  }
  pipes_.clear();
}

}  // namespace mpi_futures
