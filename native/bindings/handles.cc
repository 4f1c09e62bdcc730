#include "bindings/handles.h"

#include "javascript/arguments.h"

namespace mpi_futures {

NeverDestroyed<Table<Communicator>> communicators;
NeverDestroyed<Table<std::shared_ptr<Channel>>> channels;
NeverDestroyed<std::map<int, std::shared_ptr<Mailbox>>> mailboxes;

Napi::Value describe(Napi::Env env, const Communicator& comm) {
  if (comm.handle == MPI_COMM_NULL) return env.Null();
  Napi::Object result = Napi::Object::New(env);
  result.Set("id", communicators->add(comm));
  result.Set("rank", comm.rank);
  result.Set("size", comm.size);
  result.Set("remoteSize", comm.remoteSize);
  result.Set("isInter", comm.isInter);
  return result;
}

const Communicator& communicator(const Napi::Value& id) {
  const Communicator* found = communicators->find(integer(id));
  if (found == nullptr)
    throw Napi::Error::New(id.Env(), "The communicator was freed or disconnected from");
  return *found;
}

std::shared_ptr<Channel> channel(const Napi::Value& id) {
  const std::shared_ptr<Channel>* found = channels->find(integer(id));
  return found == nullptr ? nullptr : *found;
}

}  // namespace mpi_futures
