#include "communicators/mailbox.h"

#include <memory>
#include <utility>

#include "javascript/block_values.h"
#include "javascript/callbacks.h"
#include "javascript/inbox.h"
#include "mpi_thread/mpi_thread.h"

namespace mpi_futures {

Mailbox::Mailbox(int id, MPI_Comm comm, int sources)
    : id_(id), receiver_(comm, kPacketTag, sources, *this) {}

void Mailbox::listen(bool on) {
  if (listening_ == on) return;
  listening_ = on;
  if (on) {
    MpiThread::instance().attach(shared_from_this());
  } else {
    MpiThread::instance().detach(*this);
  }
}

void Mailbox::packet(int source, Block packet) {
  Inbox::instance().put([id = id_, source, packet = std::move(packet)](Napi::Env env) mutable {
    const Napi::Value bytes = toArrayBuffer(env, std::move(packet));
    Callbacks::instance().packet(env, id, source, bytes);
  });
}

void Mailbox::cutOff(int source, const char* call, int code) {
  const MpiFailure failure(call, code);
  Inbox::instance().put([id = id_, source, failure](Napi::Env env) {
    Callbacks::instance().packet(env, id, source, toError(env, failure).Value());
  });
}

}  // namespace mpi_futures
