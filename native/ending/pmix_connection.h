// The connection of this process to the PMIx server that started it: Open MPI's mpiexec, or its
// daemon on this host. The thread that finalizes MPI makes it, and waits with it.
#pragma once

#include <chrono>

#include "system/file_descriptor.h"

namespace mpi_futures {

// Made before MPI_Finalize, which closes the connection, and used after it to wait until the server
// has noticed. A process that ends before that can make the next MPI_Comm_spawn hang. If the kernel
// first tells the server (OpenPMIx before the change below) that the process has ended, the server
// closes its socket without removing it from the event loop. The next process that is accepted on
// the same descriptor is then never heard. https://github.com/openpmix/openpmix/pull/4279
class PmixConnection {
 public:
  PmixConnection();

  // Returns when the server has closed its end, or after `limit`; at once where there is none, and
  // where the system does not tell (other than Linux).
  void awaitClosed(std::chrono::milliseconds limit) const;

 private:
  FileDescriptor socket_;  // a duplicate of PMIx's own
};

}  // namespace mpi_futures
