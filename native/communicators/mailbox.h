// The messages that users send each other through a communicator, on their way to JavaScript, which
// matches them with its receives: by the tag that users gave, which is inside of the message, and
// in the order in which they were sent.
//
// While nobody receives, messages stay in MPI, so that senders of large ones wait. What does not
// fit into a packet follows on a tag of its own (lib/mpi has the format).
//
// Threads: all members belong to the MPI thread. It is shared by JavaScript, until the communicator
// is freed, and by packets that MPI still writes to.
#pragma once

#include <memory>

#include "channel/packet_receiver.h"
#include "communicators/counted.h"
#include "communicators/mpi_setup.h"
#include "mpi_thread/poller.h"

namespace mpi_futures {

class Mailbox final : public std::enable_shared_from_this<Mailbox>,
                      public Poller,
                      private Counted<Mailbox>,
                      private PacketReceiver::Sink {
 public:
  using Counted::alive;
  // The tag of packets; all other tags are for what follows them.
  static constexpr int kPacketTag = 0;

  // `id` names the communicator in JavaScript; `sources`: how many ranks may send through it.
  Mailbox(int id, MPI_Comm comm, int sources);

  void listen(bool on);
  bool progress() override { return receiver_.receive(); }

 private:
  std::shared_ptr<void> keep() override { return shared_from_this(); }
  void packet(int source, Block packet) override;
  void cutOff(int source, const char* call, int code) override;

  const int id_;
  bool listening_ = false;
  PacketReceiver receiver_;
};

}  // namespace mpi_futures
