#include "channel/outgoing.h"

#include <utility>

namespace mpi_futures {

std::unique_ptr<Outgoing> Outgoing::pack(int dest, Span payload, std::vector<Span> buffers,
                                         HeldValues held) {
  PackedMessage packed = packMessage(payload.data, payload.size, buffers);
  auto outgoing = std::make_unique<Outgoing>();
  outgoing->dest = dest;
  outgoing->packet = std::move(packed.packet);
  if (!packed.isWhole) {
    outgoing->transfer = std::make_unique<OutgoingTransfer>(std::move(packed.bulkBody),
                                                            std::move(buffers), std::move(held));
  }
  return outgoing;
}

std::unique_ptr<Outgoing> Outgoing::packLasting(int dest, Span payload, HeldValues held) {
  auto outgoing = std::make_unique<Outgoing>();
  outgoing->dest = dest;
  outgoing->packet = packetOf(PacketHeader{PacketKind::kData, 0, 0, 0, payload.size}, 0);
  outgoing->transfer =
      std::make_unique<OutgoingTransfer>(Block(), std::vector<Span>{payload}, std::move(held));
  return outgoing;
}

}  // namespace mpi_futures
