// Communicators: made, spawned, given up. JavaScript thread only, as all of bindings/.
#include <functional>
#include <memory>
#include <utility>

#include "bindings/exports.h"
#include "bindings/handles.h"
#include "communicators/spawn.h"
#include "ending/ending.h"
#include "javascript/arguments.h"
#include "javascript/async_call.h"
#include "mpi_thread/mpi_thread.h"

namespace mpi_futures {

namespace {

// whySpawnIsImpossible(): Promise<string>
Napi::Value whySpawnIsImpossibleAsync(const Info& info) {
  return callAsync(
      PendingPromise(info.Env()), [] { return whySpawnIsImpossible(); },
      [](Napi::Env env, const std::string& reason) { return Napi::String::New(env, reason); });
}

// spawn(command, arguments, count, [key, value, …]): Promise<Communicator> — may never be settled,
// so it does not keep the event loop alive. May follow initialize() at once.
Napi::Value spawnAsync(const Info& info) {
  const SpawnRequest request{text(info[0]), texts(info[1]), integer(info[2]), textPairs(info[3])};
  Ending::instance().spawning();
  return callAsync(
      PendingPromise::unheld(info.Env()),
      [request] {
        try {
          const Communicator comm = spawn(request);
          Ending::instance().spawned(comm.handle);
          return comm;
        } catch (...) {
          Ending::instance().spawnFailed();
          throw;
        }
      },
      [](Napi::Env env, const Communicator& comm) { return describe(env, comm); });
}

Napi::Value describeLater(Napi::Env env, std::function<Communicator()> make) {
  return callAsync(PendingPromise(env), std::move(make),
                   [](Napi::Env env, const Communicator& made) { return describe(env, made); });
}

// duplicate(communicator): Promise<Communicator> — collective
Napi::Value duplicate(const Info& info) {
  const Communicator comm = communicator(info[0]);
  return describeLater(info.Env(), [comm] { return comm.duplicate(); });
}

// Before its communicator ends: MPI must not be asked for its packets any more.
void closeMailbox(int id) {
  const auto found = mailboxes->find(id);
  if (found == mailboxes->end()) return;
  const std::shared_ptr<Mailbox> mailbox = std::move(found->second);
  mailboxes->erase(found);
  MpiThread::instance().run([mailbox] { mailbox->listen(false); });
}

// From the call on the communicator cannot be named any more.
Napi::Value endCommunicator(const Info& info, void (Communicator::*how)()) {
  const Communicator comm = communicator(info[0]);
  communicators->remove(integer(info[0]));
  closeMailbox(integer(info[0]));
  return callAsync(
      PendingPromise(info.Env()),
      [comm, how] {
        Communicator ended = comm;
        (ended.*how)();
        return 0;
      },
      [](Napi::Env env, int) { return env.Undefined(); });
}

// disconnect(communicator): Promise<void> — collective
Napi::Value disconnect(const Info& info) {
  return endCommunicator(info, &Communicator::disconnect);
}

// free(communicator): Promise<void> — collective
Napi::Value freeCommunicator(const Info& info) {
  return endCommunicator(info, &Communicator::free);
}

// duplicateSelf(): Promise<Communicator> — of MPI_COMM_SELF
Napi::Value duplicateSelf(const Info& info) {
  return describeLater(info.Env(), [] { return Communicator::of(MPI_COMM_SELF).duplicate(); });
}

// split(communicator, color, key): Promise<Communicator | null> — collective; null for a color
// below 0
Napi::Value split(const Info& info) {
  const Communicator comm = communicator(info[0]);
  const int color = integer(info[1]);
  const int key = integer(info[2]);
  return describeLater(info.Env(), [comm, color, key] { return comm.split(color, key); });
}

// merge(communicator, high): Promise<Communicator> — collective, of both groups
Napi::Value merge(const Info& info) {
  const Communicator comm = communicator(info[0]);
  const bool high = info[1].As<Napi::Boolean>();
  return describeLater(info.Env(), [comm, high] { return comm.merge(high); });
}

// spawnFrom(communicator, root, command, arguments, count, [key, value, …]): Promise<Communicator>
// — collective; what is spawned ends by itself
Napi::Value spawnFrom(const Info& info) {
  const Communicator comm = communicator(info[0]);
  const int root = integer(info[1]);
  const SpawnRequest request{text(info[2]), texts(info[3]), integer(info[4]), textPairs(info[5])};
  return describeLater(info.Env(),
                       [comm, root, request] { return spawn(request, comm.handle, root); });
}

// problemOfInfo([key, value, …]): Promise<string>
Napi::Value problemOfInfoAsync(const Info& info) {
  return callAsync(
      PendingPromise(info.Env()), [pairs = textPairs(info[0])] { return problemOfInfo(pairs); },
      [](Napi::Env env, const std::string& problem) { return Napi::String::New(env, problem); });
}

}  // namespace

void addCommunicators(const Exports& add) {
  add("whySpawnIsImpossible", whySpawnIsImpossibleAsync);
  add("spawn", spawnAsync);
  add("duplicate", duplicate);
  add("disconnect", disconnect);
  add("free", freeCommunicator);
  add("duplicateSelf", duplicateSelf);
  add("split", split);
  add("merge", merge);
  add("spawnFrom", spawnFrom);
  add("problemOfInfo", problemOfInfoAsync);
}

}  // namespace mpi_futures
