#include "channel/peer_memory.h"

#ifdef __linux__
#include <sys/prctl.h>
#include <sys/uio.h>
#endif

#include "ending/environment.h"

namespace mpi_futures {

namespace {

bool isOff() { return isSwitchedOff("MPI_FUTURES_PEER_MEMORY"); }

}  // namespace

PeerMemory PeerMemory::open(int64_t pid, uint64_t tokenAt, uint64_t token) {
  PeerMemory memory;
  if (isOff() || tokenAt == 0) return memory;
  memory.pid_ = pid;
  memory.tokenAt_ = tokenAt;
  memory.token_ = token;
  uint64_t word = 0;
  return memory.read(&word, tokenAt, sizeof word) ? memory : PeerMemory();
}

void PeerMemory::letRead(int64_t pid) {
#ifdef PR_SET_PTRACER
  // EINVAL: this kernel has no such rule, or there is no such process.
  if (!isOff()) prctl(PR_SET_PTRACER, static_cast<unsigned long>(pid), 0, 0, 0);
#else
  (void)pid;
#endif
}

bool PeerMemory::read(void* to, uint64_t address, size_t size) const {
#ifdef __linux__
  auto* at = static_cast<char*>(to);
  while (size > 0) {
    uint64_t token = 0;
    const iovec local[] = {{&token, sizeof token}, {at, size}};
    // NOLINTBEGIN: addresses in another process
    const iovec remote[] = {{reinterpret_cast<void*>(tokenAt_), sizeof token},
                            {reinterpret_cast<void*>(address), size}};
    // NOLINTEND
    const ssize_t got = process_vm_readv(static_cast<pid_t>(pid_), local, 2, remote, 2, 0);
    const ssize_t ofToken = sizeof token;
    if (got <= ofToken || token != token_) return false;
    at += got - ofToken;
    address += got - ofToken;
    size -= got - ofToken;
  }
  return true;
#else
  (void)to, (void)address, (void)size;
  return false;
#endif
}

}  // namespace mpi_futures
