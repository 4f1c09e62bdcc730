#include "system/file_descriptor.h"

#include <fcntl.h>

#include <string>

namespace mpi_futures {

Pipe makePipe(PipeMode mode) {
  int ends[2];
#ifdef __linux__
  if (pipe2(ends, O_CLOEXEC | (mode == PipeMode::kNonBlocking ? O_NONBLOCK : 0)) != 0) return {};
#else
  if (pipe(ends) != 0) return {};
  for (const int end : ends) {
    fcntl(end, F_SETFD, FD_CLOEXEC);
    if (mode == PipeMode::kNonBlocking) fcntl(end, F_SETFL, O_NONBLOCK);
  }
#endif
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

FileDescriptor openFileOf(int64_t pid, int32_t fd) {
#ifdef __linux__
  const std::string path = "/proc/" + std::to_string(pid) + "/fd/" + std::to_string(fd);
  return FileDescriptor(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
#else
  (void)pid, (void)fd;
  return {};
#endif
}

}  // namespace mpi_futures
