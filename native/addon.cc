// What JavaScript sees (lib/addon/addon.ts declares it). Thin: each function reads its arguments
// and calls one of the other rooms. Everything here runs on the JavaScript thread of the one
// environment that has initialised MPI.

#include <napi.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include "channel/channel.h"
#include "communicators/collectives.h"
#include "communicators/communicator.h"
#include "communicators/mailbox.h"
#include "communicators/operation.h"
#include "communicators/spawn.h"
#include "communicators/world.h"
#include "ending/ending.h"
#include "ending/output_pipes.h"
#include "ending/process_manager.h"
#include "ending/process_watch.h"
#include "javascript/arguments.h"
#include "javascript/async_call.h"
#include "javascript/held_values.h"
#include "javascript/inbox.h"
#include "javascript/js_bridge.h"
#include "mpi_thread/mpi_thread.h"
#include "mpi_thread/never_destroyed.h"

namespace mpi_futures {
namespace {

using Info = Napi::CallbackInfo;

// What JavaScript names by small integers, none of them twice. JavaScript thread only. The tables
// are never destroyed; what they hold goes when JavaScript has closed it.
template <typename T>
class Table {
 public:
  int add(T thing) {
    things_.emplace(next_, std::move(thing));
    return next_++;
  }
  // Null for one that is gone.
  T* find(int id) {
    const auto found = things_.find(id);
    return found == things_.end() ? nullptr : &found->second;
  }
  void remove(int id) { things_.erase(id); }
  int next() const { return next_; }
  size_t size() const { return things_.size(); }

 private:
  std::unordered_map<int, T> things_;
  int next_ = 0;
};

NeverDestroyed<Table<Communicator>> communicators;
NeverDestroyed<Table<std::shared_ptr<Channel>>> channels;
// By the communicators that have received.
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

// JavaScript counts them from 0 to 3; their values differ between binary interfaces.
constexpr int kThreadLevels[] = {MPI_THREAD_SINGLE, MPI_THREAD_FUNNELED, MPI_THREAD_SERIALIZED,
                                 MPI_THREAD_MULTIPLE};

Napi::Value describe(Napi::Env env, const World& world) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("unusable", world.unusable);
  result.Set("threadLevel", std::distance(std::begin(kThreadLevels),
                                          std::find(std::begin(kThreadLevels),
                                                    std::end(kThreadLevels), world.threadLevel)));
  result.Set("world", describe(env, world.world));
  result.Set("parent", describe(env, world.parent));
  result.Set("universeSize", world.universeSize);
  result.Set("processorName", world.processor);
  return result;
}

const Communicator& communicator(const Napi::Value& id) {
  const Communicator* found = communicators->find(integer(id));
  if (found == nullptr)
    throw Napi::Error::New(id.Env(), "The communicator was freed or disconnected from");
  return *found;
}

// Null for one that was closed: what is still asked of it is for nobody.
std::shared_ptr<Channel> channel(const Napi::Value& id) {
  const std::shared_ptr<Channel>* found = channels->find(integer(id));
  return found == nullptr ? nullptr : *found;
}

// setVariable(name, value) — in the environment that the MPI library reads, where it is not set
// there.
void setVariable(const Info& info) {
  ::setenv(info[0].As<Napi::String>().Utf8Value().c_str(),
           info[1].As<Napi::String>().Utf8Value().c_str(), 0);
}

// takeSocket(): number — see process_manager.h.
Napi::Value takeSocketOfLauncher(const Info& info) {
  return Napi::Number::New(info.Env(), takeSocket());
}

// libraryVersion(): string — also before MPI is initialised.
Napi::Value libraryVersion(const Info& info) {
  char version[MPI_MAX_LIBRARY_VERSION_STRING];
  int length = 0;
  MPI_Get_library_version(version, &length);
  return Napi::String::New(info.Env(), version, length);
}

// initialize(threadLevel, handlers): Promise<World>
Napi::Value initialize(const Info& info) {
  Napi::Env env = info.Env();
  MpiThread& thread = MpiThread::instance();
  if (!thread.claim()) throw Napi::Error::New(env, "MPI belongs to another thread of this process");
  const int level = kThreadLevels[integer(info[0])];
  const Napi::Object handlers = info[1].As<Napi::Object>();
  Callbacks::instance().open(handlers);
  Inbox::instance().open(env, handlers.Get("messages").As<Napi::Function>(),
                         handlers.Get("delivered").As<Napi::Function>());
  env.AddCleanupHook([] { orEnd([] { Ending::instance().environmentEnds(); }); });

  const PendingPromise pending(env);
  thread.start([pending, level] {
    try {
      const World world = initializeWorld(level);
      pending.resolve([world](Napi::Env env) { return describe(env, world); });
      if (!world.unusable.empty()) return -1;
      Ending::instance().started(world.isStartedHere);
      return world.threadLevel;
    } catch (...) {
      pending.reject(currentFailure());
      return -1;
    }
  });
  return pending.promise();
}

// hold(on): void — the event loop stays alive while there are more calls with true than with false
void hold(const Info& info) {
  if (info[0].As<Napi::Boolean>()) {
    Inbox::instance().hold(info.Env());
  } else {
    Inbox::instance().release(info.Env());
  }
}

// expect(on): void — whether answers are outstanding.
void expect(const Info& info) { MpiThread::instance().expect(info[0].As<Napi::Boolean>()); }

// setBackoff(milliseconds): void
void setBackoff(const Info& info) {
  const double milliseconds = info[0].As<Napi::Number>();
  MpiThread::instance().setBackoff(
      std::chrono::microseconds(static_cast<int64_t>(milliseconds * 1000)));
}

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

// duplicate(communicator): Promise<Communicator> — collective
Napi::Value duplicate(const Info& info) {
  const Communicator comm = communicator(info[0]);
  return callAsync(
      PendingPromise(info.Env()), [comm] { return comm.duplicate(); },
      [](Napi::Env env, const Communicator& copy) { return describe(env, copy); });
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

Napi::Value describeLater(Napi::Env env, std::function<Communicator()> make) {
  return callAsync(PendingPromise(env), std::move(make),
                   [](Napi::Env env, const Communicator& made) { return describe(env, made); });
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

// listen(communicator, on): void — whether packets are to be received
void listen(const Info& info) {
  const int id = integer(info[0]);
  const bool on = info[1].As<Napi::Boolean>();
  auto found = mailboxes->find(id);
  if (found == mailboxes->end()) {
    if (!on) return;
    const Communicator& comm = communicator(info[0]);
    const int sources = comm.isInter ? comm.remoteSize : comm.size;
    found = mailboxes->emplace(id, std::make_shared<Mailbox>(id, comm.handle, sources)).first;
  }
  MpiThread::instance().run([mailbox = found->second, on] { mailbox->listen(on); });
}

Span heldSpan(const Napi::Value& view, HeldValues& held) {
  const BytesView memory = held.add(view);
  return Span{memory.data, memory.size};
}

// Views of memory with the rank that each is for, from [rank, view, rank, view, …].
struct Part {
  int rank;
  Span span;
};

std::vector<Part> partsOf(const Napi::Value& value, HeldValues& held, size_t& bytes) {
  const auto flat = value.As<Napi::Array>();
  std::vector<Part> parts;
  for (uint32_t i = 0; i + 1 < flat.Length(); i += 2) {
    const Span memory = heldSpan(flat.Get(i + 1), held);
    parts.push_back({integer(flat.Get(i)), memory});
    bytes += memory.size;
  }
  return parts;
}

// exchange(communicator, tag, [rank, view, …], [rank, view, …]): Promise<void> — sends the first,
// receives the others
Napi::Value exchange(const Info& info) {
  const MPI_Comm comm = communicator(info[0]).handle;
  const int tag = integer(info[1]);
  HeldValues held;
  size_t bytes = 0;
  const std::vector<Part> sent = partsOf(info[2], held, bytes);
  const std::vector<Part> received = partsOf(info[3], held, bytes);
  return Operation::begin(info.Env(), std::move(held), bytes,
                          [comm, tag, sent, received](Operation& operation) {
                            for (const Part& part : received)
                              operation.receive(part.span, comm, part.rank, tag);
                            for (const Part& part : sent)
                              operation.send(part.span, comm, part.rank, tag);
                          });
}

// sendWithContents(communicator, rank, packet, tag, contents): Promise<void> — the packet to the
// mailbox of the rank, the contents by the tag
Napi::Value sendWithContents(const Info& info) {
  const MPI_Comm comm = communicator(info[0]).handle;
  const int dest = integer(info[1]);
  HeldValues held;
  const Span packet = heldSpan(info[2], held);
  const int tag = integer(info[3]);
  const Span contents = heldSpan(info[4], held);
  return Operation::begin(info.Env(), std::move(held), contents.size,
                          [comm, dest, packet, tag, contents](Operation& operation) {
                            operation.send(packet, comm, dest, Mailbox::kPacketTag);
                            // Nobody would receive them, and they would wait for ever.
                            if (operation.hasFailed()) return;
                            operation.send(contents, comm, dest, tag);
                          });
}

// broadcast(communicator, view, root): Promise<void>
Napi::Value broadcastFrom(const Info& info) {
  const MPI_Comm comm = communicator(info[0]).handle;
  HeldValues held;
  const Span memory = heldSpan(info[1], held);
  const int root = integer(info[2]);
  return Operation::begin(
      info.Env(), std::move(held), memory.size,
      [comm, memory, root](Operation& operation) { broadcast(operation, comm, memory, root); });
}

// allgather(communicator, view, into, [bytes, …]): Promise<void> — bytes of each rank
Napi::Value allgatherInto(const Info& info) {
  const MPI_Comm comm = communicator(info[0]).handle;
  HeldValues held;
  const Span from = heldSpan(info[1], held);
  const Span into = heldSpan(info[2], held);
  const auto given = info[3].As<Napi::Array>();
  std::vector<size_t> sizes;
  for (uint32_t i = 0; i < given.Length(); i++)
    sizes.push_back(static_cast<size_t>(longInteger(given.Get(i))));
  return Operation::begin(info.Env(), std::move(held), into.size,
                          [comm, from, into, sizes](Operation& operation) {
                            allgather(operation, comm, from, into, sizes);
                          });
}

// reduce(communicator, kind, view, into, type, operation, root): Promise<void>
Napi::Value reduceInto(const Info& info) {
  const MPI_Comm comm = communicator(info[0]).handle;
  const auto kind = static_cast<Reduction>(integer(info[1]));
  HeldValues held;
  const Span from = heldSpan(info[2], held);
  const Span into = heldSpan(info[3], held);
  const int type = integer(info[4]);
  const int op = integer(info[5]);
  const int root = integer(info[6]);
  return Operation::begin(info.Env(), std::move(held), from.size, [=](Operation& operation) {
    reduce(operation, comm, kind, from, into, type, op, root);
  });
}

// allocate(bytes): ArrayBuffer — of any content
Napi::Value allocate(const Info& info) {
  return toArrayBuffer(info.Env(), Block(static_cast<size_t>(longInteger(info[0]))));
}

// standardVersion(): [version, subversion] — also before MPI is initialised
Napi::Value standardVersion(const Info& info) {
  int version = 0;
  int subversion = 0;
  MPI_Get_version(&version, &subversion);
  Napi::Array result = Napi::Array::New(info.Env(), 2);
  result.Set(0u, version);
  result.Set(1u, subversion);
  return result;
}

// errorClasses(): { name: number }
Napi::Value errorClasses(const Info& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  // They are constants of an enum in the mpi.h of MPI 5.
  const auto set = [&result](const char* name, int errorClass) { result.Set(name, errorClass); };
  set("arg", MPI_ERR_ARG);
  set("comm", MPI_ERR_COMM);
  set("count", MPI_ERR_COUNT);
  set("op", MPI_ERR_OP);
  set("other", MPI_ERR_OTHER);
  set("root", MPI_ERR_ROOT);
  set("type", MPI_ERR_TYPE);
  return result;
}

// openChannel(communicator, toMaster): number
Napi::Value openChannel(const Info& info) {
  const Communicator& comm = communicator(info[0]);
  const int peers = comm.isInter ? comm.remoteSize : comm.size;
  const int self = comm.isInter ? -1 : comm.rank;
  const auto opened = std::make_shared<Channel>(channels->next(), comm.handle, peers, self,
                                                info[1].As<Napi::Boolean>());
  MpiThread& thread = MpiThread::instance();
  thread.run([&thread, opened] {
    thread.attach(opened);
    Ending::instance().connected(opened->comm());
  });
  return Napi::Number::New(info.Env(), channels->add(opened));
}

// send(channel, rank, payload, length, buffers | undefined, lasting): void — buffers must not be
// written to any more, nor the payload if it is `lasting`: a large one is not copied then.
void send(const Info& info) {
  Napi::Env env = info.Env();
  const std::shared_ptr<Channel> target = channel(info[0]);
  if (!target) return;
  const int dest = integer(info[1]);
  const BytesView payload = bytesOf(info[2]);
  const size_t length = static_cast<size_t>(longInteger(info[3]));
  MpiThread& thread = MpiThread::instance();
  if (length > payload.size || dest < 0 || dest >= target->peers())
    throw Napi::RangeError::New(env, "send");

  std::vector<Span> spans;
  HeldValues held;
  if (info[4].IsArray()) {
    auto buffers = info[4].As<Napi::Array>();
    for (uint32_t i = 0; i < buffers.Length(); i++) spans.push_back(heldSpan(buffers.Get(i), held));
  }
  const bool lasting = spans.empty() && info[5].ToBoolean() && Channel::isLarge(length);
  if (lasting) held.add(info[2]);
  std::unique_ptr<Outgoing> outgoing =
      lasting ? Channel::packLasting(dest, Span{payload.data, length}, std::move(held))
              : Channel::pack(dest, payload.data, length, std::move(spans), std::move(held));
  const bool bulk = outgoing->transfer != nullptr;
  auto start = [target, outgoing = std::move(outgoing)]() mutable {
    target->send(std::move(outgoing));
  };
  if (bulk) {
    thread.run(std::move(start));  // megabytes are not copied on the JavaScript thread
  } else {
    thread.runSoon(std::move(start));
  }
}

// handOver(): void — what was sent is with MPI when it returns: the end of this process does not
// take it along
void handOver(const Info&) {
  constexpr std::chrono::milliseconds kDeadline{100};  // MPI may be inside of a call that blocks
  MpiThread::instance().awaitQueued(kDeadline);
}

// quit(channel, rank, disconnect): void — tells a worker to end; not to disconnect if another is
// missing
void quit(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  if (!target) return;
  const int dest = integer(info[1]);
  const Quit how = info[2].As<Napi::Boolean>() ? Quit::kDisconnect : Quit::kLeave;
  MpiThread::instance().run([target, dest, how] { target->sendQuit(dest, how); });
}

// heartbeat(channel, rank, milliseconds): void — the peer is lost when it is silent for longer; 0:
// it may be silent
void heartbeat(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  if (!target) return;
  const int peer = integer(info[1]);
  const std::chrono::milliseconds limit(longInteger(info[2]));
  MpiThread::instance().run([target, peer, limit] { target->heartbeat(peer, limit); });
}

// peerEnded(channel, rank): void — the peer's process has ended: peerLost() is called when what it
// had sent is here
void peerEnded(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  if (!target) return;
  const int peer = integer(info[1]);
  MpiThread::instance().run([target, peer] { target->hasEnded(peer); });
}

// closeChannel(channel): Promise<void> — receives no more; resolved when what was sent has left
Napi::Value closeChannel(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  MpiThread& thread = MpiThread::instance();
  const PendingPromise pending(info.Env());
  if (!target) {
    pending.resolve([](Napi::Env env) { return env.Undefined(); });
    return pending.promise();
  }
  thread.run([target, &thread, pending] {
    // Owned by the channel, which is there when it calls it.
    target->close([&channel = *target, &thread, pending] {
      thread.detach(channel);
      pending.resolve([id = channel.id()](Napi::Env env) {
        // Freed on the MPI thread, at the earliest in a turn of its own.
        MpiThread::instance().run([channel = *channels->find(id)] { (void)channel; });
        channels->remove(id);
        return env.Undefined();
      });
    });
  });
  return pending.promise();
}

// doorbell(): [host, pid, fd, token, memory]
Napi::Value doorbell(const Info& info) {
  const DoorbellAddress& address = MpiThread::instance().doorbell().address();
  Napi::Array result = Napi::Array::New(info.Env(), 5);
  result.Set(0u, address.host);
  result.Set(1u, static_cast<double>(address.pid));
  result.Set(2u, address.fd);
  result.Set(3u, std::to_string(address.token));
  result.Set(4u, std::to_string(address.memory));
  return result;
}

// connectDoorbell(channel, rank, doorbell): boolean — false where the peer's doorbell cannot be
// reached: it is on another host
Napi::Value connectDoorbell(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  if (!target) return Napi::Boolean::New(info.Env(), false);
  const int peer = integer(info[1]);
  auto given = info[2].As<Napi::Array>();
  const DoorbellAddress address{text(given.Get(0u)), longInteger(given.Get(1u)),
                                integer(given.Get(2u)), std::stoull(text(given.Get(3u))),
                                std::stoull(text(given.Get(4u)))};
  std::unique_ptr<PeerDoorbell> bell = PeerDoorbell::open(address);
  const bool isReached = bell != nullptr;
  if (isReached) {
    const PeerMemory memory = PeerMemory::open(address.pid, address.memory, address.token);
    MpiThread::instance().run([target, peer, bell = std::move(bell), memory]() mutable {
      target->connectDoorbell(peer, std::move(bell), memory);
    });
  }
  return Napi::Boolean::New(info.Env(), isReached);
}

// copy(bytes): ArrayBuffer — a snapshot, in memory made for it
Napi::Value copyBytes(const Info& info) {
  const BytesView bytes = bytesOf(info[0]);
  Block block(bytes.size);
  if (bytes.size != 0) std::memcpy(block.data(), bytes.data, bytes.size);
  return toArrayBuffer(info.Env(), std::move(block));
}

// watchProcess(pid): boolean — processEnded(pid) is called once it has ended; false if it cannot be
// watched
Napi::Value watchProcess(const Info& info) {
  const int64_t pid = longInteger(info[0]);
  const bool watched = ProcessWatch::instance().watch(pid, [pid] {
    Inbox& inbox = Inbox::instance();
    inbox.put([pid](Napi::Env env) { Callbacks::instance().processEnded(env, pid); });
    inbox.flush();
  });
  return Napi::Boolean::New(info.Env(), watched);
}

// exitWith(pid, code): boolean — this process ends when that one has, whatever JavaScript does
Napi::Value exitWith(const Info& info) {
  const int code = integer(info[1]);
  const bool watched = ProcessWatch::instance().watch(
      longInteger(info[0]), [code] { Ending::instance().masterEnded(code); });
  return Napi::Boolean::New(info.Env(), watched);
}

void unwatchProcess(const Info& info) { ProcessWatch::instance().unwatch(longInteger(info[0])); }

Napi::Value dieWithParentNow(const Info& info) {
  return Napi::Boolean::New(info.Env(), dieWithParent());
}

// offerOutput(): [number, number] | [] — descriptors of this process: what it writes to stdout and
// stderr can be read there once settleOutput(true) was called
Napi::Value offerOutput(const Info& info) {
  const std::vector<int> ends = OutputPipes::instance().offer();
  Napi::Array result = Napi::Array::New(info.Env(), ends.size());
  for (uint32_t i = 0; i < ends.size(); i++) result.Set(i, ends[i]);
  return result;
}

// settleOutput(taken): void — whether somebody has opened them
void settleOutput(const Info& info) { OutputPipes::instance().settle(info[0].As<Napi::Boolean>()); }

// describeEnd(launched, connecting, failed, peers): void
void describeEnd(const Info& info) {
  Ending::instance().describe(info[0].As<Napi::Boolean>(), info[1].As<Napi::Boolean>(),
                              info[2].As<Napi::Boolean>(), info[3].As<Napi::Boolean>());
}

// end(code): void
void end(const Info& info) { Ending::instance().end(integer(info[0])); }

// endAtExit(code): void — the same when the process has said all it has to say
void endAtExit(const Info& info) { Ending::instance().endAtExit(integer(info[0])); }

// finalize(deadline, mpiToo): boolean
Napi::Value finalize(const Info& info) {
  const bool done = Ending::instance().finalize(std::chrono::milliseconds(integer(info[0])),
                                                info[1].As<Napi::Boolean>());
  return Napi::Boolean::New(info.Env(), done);
}

// counts(): { name: number } — what is there now, of what must not become more and more
Napi::Value counts(const Info& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("channels", Channel::alive());
  result.Set("communicators", static_cast<double>(communicators->size()));
  result.Set("mailboxes", Mailbox::alive());
  return result;
}

// finalizeLater(): Promise<void> — when that is agreed, and all operations have ended
Napi::Value finalizeLater(const Info& info) {
  const PendingPromise pending(info.Env());
  MpiThread::instance().run([pending] {
    Ending::instance().finalizeLater(
        [pending] { pending.resolve([](Napi::Env env) { return env.Undefined(); }); });
  });
  return pending.promise();
}

// abort(code, deadline): void
void abort(const Info& info) {
  Ending::instance().abort(integer(info[0]), std::chrono::milliseconds(integer(info[1])));
}

// exitNow(code): never
void exitNow(const Info& info) { Ending::exitNow(integer(info[0])); }

Napi::Object load(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, auto function) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  exports.Set("abi", kAbi);
  exports.Set("version", MPI_FUTURES_VERSION);
  add("libraryVersion", libraryVersion);
  add("setVariable", setVariable);
  add("takeSocket", takeSocketOfLauncher);
  add("standardVersion", standardVersion);
  add("errorClasses", errorClasses);
  add("initialize", initialize);
  add("hold", hold);
  add("expect", expect);
  add("setBackoff", setBackoff);
  add("whySpawnIsImpossible", whySpawnIsImpossibleAsync);
  add("spawn", spawnAsync);
  add("duplicate", duplicate);
  add("disconnect", disconnect);
  add("free", freeCommunicator);
  add("duplicateSelf", duplicateSelf);
  add("split", split);
  add("merge", merge);
  add("problemOfInfo", problemOfInfoAsync);
  add("spawnFrom", spawnFrom);
  add("listen", listen);
  add("exchange", exchange);
  add("sendWithContents", sendWithContents);
  add("broadcast", broadcastFrom);
  add("allgather", allgatherInto);
  add("reduce", reduceInto);
  add("allocate", allocate);
  add("openChannel", openChannel);
  add("send", send);
  add("handOver", handOver);
  add("quit", quit);
  add("heartbeat", heartbeat);
  add("peerEnded", peerEnded);
  add("closeChannel", closeChannel);
  add("doorbell", doorbell);
  add("connectDoorbell", connectDoorbell);
  add("copy", copyBytes);
  add("watchProcess", watchProcess);
  add("exitWith", exitWith);
  add("unwatchProcess", unwatchProcess);
  add("dieWithParent", dieWithParentNow);
  add("offerOutput", offerOutput);
  add("settleOutput", settleOutput);
  add("describeEnd", describeEnd);
  add("end", end);
  add("endAtExit", endAtExit);
  add("finalize", finalize);
  add("finalizeLater", finalizeLater);
  add("counts", counts);
  add("abort", abort);
  add("exitNow", exitNow);
  return exports;
}

}  // namespace

NODE_API_MODULE(mpi_futures, load)

}  // namespace mpi_futures
