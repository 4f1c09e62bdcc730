// Reading the memory of a peer on the same host (Linux: process_vm_readv).
//
// Open MPI connects spawned processes by TCP, also on one host, which costs four copies and many
// system calls for what one copy does. The receiver reads straight from the sender's buffers into
// its own. Whether that is allowed (same user; not across containers; see letRead()) is found out
// by trying, once per peer; where it is not, transfers go through MPI.
//
// A process is named by its id, which may be that of another one once it has ended. So each read
// reads its token as well, in the same call of the system, which is about one process throughout.
//
// Threads: opened on the JavaScript thread, read from on the MPI thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mpi_futures {

class PeerMemory {
 public:
  PeerMemory() = default;
  // `token` must be at `tokenAt` of process `pid`; otherwise nothing of it can be read.
  static PeerMemory open(int64_t pid, uint64_t tokenAt, uint64_t token);
  // Process `pid` and all that it has started may read this process from now on, also where the
  // kernel's ptrace_scope is 1. There a process lets one other do so, the latest one that it names.
  // Does nothing where there is no such rule.
  static void letRead(int64_t pid);

  bool readable() const { return pid_ != 0; }
  // False if it could not be read in full: the process has ended, as a rule.
  bool read(void* to, uint64_t address, size_t size) const;

 private:
  int64_t pid_ = 0;
  uint64_t tokenAt_ = 0;
  uint64_t token_ = 0;
};

}  // namespace mpi_futures
