#include "mailbox.h"

#include <cstring>
#include <utility>

#include "callbacks.h"
#include "inbox.h"
#include "js_bridge.h"
#include "mpi_thread.h"

namespace mpi_futures {

namespace {
constexpr int kPacketsPerTurn = 64;
}

// A packet that MPI may still write to.
class Mailbox::Packet final : public Completable {
 public:
  Packet(Mailbox& mailbox, int source, size_t size)
      : mailbox_(mailbox), source_(source), block_(size) {}
  int source() const { return source_; }
  Block& block() { return block_; }
  bool done() const { return done_; }
  void completed(int code) override {
    done_ = true;
    if (code != MPI_SUCCESS) mailbox_.failed("MPI_Imrecv", code);
    mailbox_.deliver();
  }

 private:
  Mailbox& mailbox_;
  int source_;
  Block block_;
  bool done_ = false;
};

Mailbox::Mailbox(int id, MPI_Comm comm) : id_(id), comm_(comm) {}

Mailbox::~Mailbox() = default;

void Mailbox::listen(bool on) {
  if (listening_ == on) return;
  listening_ = on;
  if (on) {
    MpiThread::instance().attach(this);
  } else {
    MpiThread::instance().detach(this);
  }
}

bool Mailbox::progress() {
  for (int i = 0; i < kPacketsPerTurn; i++) {
    int found = 0;
    MPI_Message message = MPI_MESSAGE_NULL;
    MPI_Status status;
    const int code = MPI_Improbe(MPI_ANY_SOURCE, kPacketTag, comm_, &found, &message, &status);
    if (code != MPI_SUCCESS) {
      failed("MPI_Improbe", code);
      return true;
    }
    if (!found) return i > 0;
    receive(message, status);
  }
  return true;
}

void Mailbox::receive(MPI_Message message, const MPI_Status& status) {
  int size = 0;
  MPI_Get_count(&status, MPI_BYTE, &size);
  packets_.push_back(std::make_unique<Packet>(*this, status.MPI_SOURCE, size));
  Packet& packet = *packets_.back();
  MPI_Request request;
  const int code = MPI_Imrecv(packet.block().data(), size, MPI_BYTE, &message, &request);
  if (code != MPI_SUCCESS) return packet.completed(code);
  // Most are there already, and need no turn of their own.
  int done = 0;
  if (MPI_Test(&request, &done, MPI_STATUS_IGNORE) == MPI_SUCCESS && done)
    return packet.completed(MPI_SUCCESS);
  MpiThread::instance().requests().add(request, &packet);
}

void Mailbox::deliver() {
  while (!packets_.empty() && packets_.front()->done()) {
    // Shared, as what is put into the inbox must be copyable.
    const std::shared_ptr<Packet> packet = std::move(packets_.front());
    packets_.pop_front();
    Inbox::instance().put([id = id_, packet](Napi::Env env) {
      const int source = packet->source();
      const Napi::Value bytes = toArrayBuffer(env, std::move(packet->block()));
      Callbacks::instance().packet(env, id, source, bytes);
    });
  }
}

void Mailbox::failed(const char* call, int code) {
  listen(false);
  const MpiFailure failure(call, code);
  Inbox::instance().put([id = id_, failure](Napi::Env env) {
    Callbacks::instance().packet(env, id, -1, toError(env, failure).Value());
  });
}

}  // namespace mpi_futures
