// A message that is too large for a packet, offered to a receiver that can read the sender's
// memory (peer_memory.h): the packet says where its parts are, and the receiver says when it has
// read them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "channel/packet.h"
#include "channel/peer_memory.h"

namespace mpi_futures {

struct Offer {
  Block packet;
  Block table;  // the addresses, if they are too many for a packet: to be kept like the parts
};

// Offers a message. `packet` is that of the message, and `parts` what is not in it: its body, if
// that is in bulk, then its buffers.
Offer offerOf(const Block& packet, const std::vector<Span>& parts, uint32_t number);

// An offer, as far as its receiver knows it before it has read the buffers.
struct OpenedOffer {
  Block body;
  size_t payloadAt;                 // in the body
  std::vector<uint64_t> addresses;  // of the buffers
  std::vector<Block> buffers;       // to be read into
};

// Reads the body in one go, if it was offered, too. `packet` has a header with hasParts().
Fault openOffer(Block packet, const PeerMemory& memory, OpenedOffer& opened);

}  // namespace mpi_futures
