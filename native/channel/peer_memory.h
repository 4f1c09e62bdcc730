// Reading the memory of a peer on the same host (Linux: process_vm_readv).
//
// Open MPI connects spawned processes by TCP, also on one host, which costs four copies and many
// system calls for what one copy does. The receiver reads straight from the sender's buffers into
// its own. Whether that is allowed (same user; not under the kernel's ptrace_scope = 1, nor across
// containers) is found out by trying, once per peer; where it is not, transfers go through MPI.
//
// Threads: opened on the JavaScript thread, read from on the MPI thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace mpi_futures {

class PeerMemory {
 public:
  PeerMemory() = default;
  // `word` at `address` of process `pid` must read as `expected`; otherwise nothing of it can be
  // read.
  static PeerMemory open(int64_t pid, uint64_t address, uint64_t expected);

  bool readable() const { return pid_ != 0; }
  // False if it could not be read in full: the process has ended, as a rule.
  bool read(void* to, uint64_t address, size_t size) const;

 private:
  int64_t pid_ = 0;
};

}  // namespace mpi_futures
