#include "ending/output_pipes.h"

#include <unistd.h>

#include <utility>

#include "mpi_thread/never_destroyed.h"

namespace mpi_futures {

OutputPipes& OutputPipes::instance() {
  static NeverDestroyed<OutputPipes> pipes;
  return *pipes;
}

std::vector<int> OutputPipes::offer() {
#ifdef __linux__
  while (pipes_.size() < 2) {
    Pipe pipe = makePipe(PipeMode::kBlocking);
    if (!pipe.read) {
      pipes_.clear();
      return {};
    }
    pipes_.push_back(std::move(pipe));
  }
  return {pipes_[0].read.get(), pipes_[1].read.get()};
#else
  return {};
#endif
}

void OutputPipes::settle(bool taken) {
  int descriptor = STDOUT_FILENO;
  for (const Pipe& pipe : pipes_)
    if (taken) dup2(pipe.write.get(), descriptor++);
  pipes_.clear();
}

}  // namespace mpi_futures
