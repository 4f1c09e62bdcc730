// The messages that one peer was offered and has not read (offer.h). They stay where they are until
// then.
//
// Threads: the MPI thread, under its lock.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "channel/memory.h"
#include "channel/outgoing.h"

namespace mpi_futures {

class SentOffers {
 public:
  bool empty() const { return offers_.empty(); }
  // The packet of the message becomes that of an offer. What would have followed it is kept here.
  void add(Outgoing& outgoing);
  void read(uint32_t number) { offers_.erase(number); }
  void clear() { offers_.clear(); }
  // The peer is given up, and may be reading: it would take what comes there next for the message.
  // So all is kept as long as its process is there.
  void keepUntilEndOf(int64_t pid);

 private:
  struct Offered {
    std::unique_ptr<OutgoingTransfer> transfer;
    Block table;  // of its addresses
  };

  uint32_t next_ = 0;
  std::unordered_map<uint32_t, Offered> offers_;
};

}  // namespace mpi_futures
