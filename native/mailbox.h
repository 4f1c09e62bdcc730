// The messages that users send each other through a communicator, on their way to JavaScript, which
// matches them with its receives: by the tag that users gave, which is inside of the message, and
// in the order in which they were sent.
//
// While nobody receives, messages stay in MPI, so that senders of large ones wait. What does not
// fit into a packet follows on a tag of its own (lib/communicators has the format).
//
// Threads: all members belong to the MPI thread.
#pragma once

#include <deque>
#include <memory>

#include "memory.h"
#include "mpi_setup.h"
#include "poller.h"
#include "requests.h"

namespace mpi_futures {

class Mailbox final : public Poller {
 public:
  // The tag of packets; all other tags are for what follows them.
  static constexpr int kPacketTag = 0;

  // `id` names the communicator in JavaScript.
  Mailbox(int id, MPI_Comm comm);
  ~Mailbox() override;

  void listen(bool on);
  bool progress() override;

 private:
  class Packet;

  void receive(MPI_Message message, const MPI_Status& status);
  void deliver();
  void failed(const char* call, int code);

  const int id_;
  const MPI_Comm comm_;
  bool listening_ = false;
  std::deque<std::unique_ptr<Packet>> packets_;  // in order; nearly always empty
};

}  // namespace mpi_futures
