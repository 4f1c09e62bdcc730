// A message on its way out: its packet, and what follows that.
//
// Threads: packed on the JavaScript thread; the MPI thread has it then.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "channel/memory.h"
#include "channel/packet.h"
#include "channel/transfer.h"
#include "javascript/held_values.h"

namespace mpi_futures {

struct Outgoing {
  int dest;
  Block packet;
  std::unique_ptr<OutgoingTransfer> transfer;  // null: all of the message is in the packet

  // Copies what fits into the packet. `held` is the memory of `buffers`.
  static std::unique_ptr<Outgoing> pack(int dest, Span payload, std::vector<Span> buffers,
                                        HeldValues held);
  // For a large payload that is sent from where it is: `held` is its memory.
  static std::unique_ptr<Outgoing> packLasting(int dest, Span payload, HeldValues held);
};

}  // namespace mpi_futures
