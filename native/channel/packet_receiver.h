// Receives the packets of one tag of a communicator, whoever sent them: those of a channel, and
// those of a mailbox. The packets of one source are handed over in the order in which they were
// sent.
//
// An error belongs to one source, and the others go on. Where MPI_Improbe fails for any source, as
// it does with ULFM once a process has died, each source is asked for itself: so it is found which
// of them cannot be heard any more. If none of them is, the error has passed.
//
// Threads: all members belong to the MPI thread (under its lock).
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "channel/memory.h"
#include "communicators/mpi_setup.h"

namespace mpi_futures {

class PacketReceiver {
 public:
  class Sink {
   public:
    virtual ~Sink() = default;
    // An owner that keeps the receiver while MPI writes to something of it.
    virtual std::shared_ptr<void> keep() { return nullptr; }
    // Something has begun to come from `source`.
    virtual void heard(int source) { (void)source; }
    // Throws std::bad_alloc where there is no memory for it.
    virtual void packet(int source, Block packet) = 0;
    // Once: a packet of `source` is missing, and none of those behind it will come.
    virtual void cutOff(int source, const char* call, int code) = 0;
    // True if giveUpMissing() follows a cutOff().
    virtual bool givesUpMissing(int source) {
      (void)source;
      return false;
    }
  };

  // `sources` is the number of ranks that may send.
  PacketReceiver(MPI_Comm comm, int tag, int sources, Sink& sink);
  ~PacketReceiver();

  // Receives what has come, not too much at once. True if there was anything.
  bool receive();
  // A packet of `source` has come in another way.
  void handOver(int source, Block packet);
  // Packets of `source` are received from now on, and dropped. The sink is told why, once.
  void cutOff(int source, const char* call, int code);
  // A packet of `source` that is not whole never will be: those behind it are handed over now.
  void giveUpMissing(int source);

 private:
  class Packet;
  struct Source {
    bool isCutOff = false;
    std::deque<std::shared_ptr<Packet>> coming;  // in order; nearly always empty
  };

  bool receiveOne();
  int probe(int source, bool& found);
  void take(MPI_Message message, const MPI_Status& status);
  void completed(int source);

  const MPI_Comm comm_;
  const int tag_;
  Sink& sink_;
  std::vector<Source> sources_;
  size_t next_ = 0;  // of those that are asked one by one
};

}  // namespace mpi_futures
