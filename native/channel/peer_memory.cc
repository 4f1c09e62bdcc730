#include "channel/peer_memory.h"

#ifdef __linux__
#include <sys/uio.h>
#endif

#include "ending/environment.h"

namespace mpi_futures {

PeerMemory PeerMemory::open(int64_t pid, uint64_t address, uint64_t expected) {
  PeerMemory memory;
  if (isSwitchedOff("MPI_FUTURES_PEER_MEMORY")) return memory;
  memory.pid_ = pid;
  uint64_t word = 0;
  if (address == 0 || !memory.read(&word, address, sizeof word) || word != expected)
    memory.pid_ = 0;
  return memory;
}

bool PeerMemory::read(void* to, uint64_t address, size_t size) const {
#ifdef __linux__
  auto* at = static_cast<char*>(to);
  while (size > 0) {
    const iovec local{at, size};
    const iovec remote{reinterpret_cast<void*>(address),
                       size};  // NOLINT: an address in another process
    const ssize_t got = process_vm_readv(static_cast<pid_t>(pid_), &local, 1, &remote, 1, 0);
    if (got <= 0) return false;
    at += got;
    address += got;
    size -= got;
  }
  return true;
#else
  (void)to, (void)address, (void)size;
  return false;
#endif
}

}  // namespace mpi_futures
