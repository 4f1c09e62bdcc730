// Channels between a master and its workers. JavaScript thread only, as all of bindings/.
#include <memory>
#include <utility>
#include <vector>

#include "bindings/exports.h"
#include "bindings/handles.h"
#include "channel/channel.h"
#include "ending/ending.h"
#include "javascript/arguments.h"
#include "javascript/async_call.h"
#include "javascript/block_values.h"
#include "javascript/bytes_view.h"
#include "javascript/held_values.h"
#include "mpi_thread/mpi_thread.h"

namespace mpi_futures {

namespace {

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

  if (!info[4].IsArray() && target->sendAtOnce(dest, {payload.data, length})) return;

  std::vector<Span> spans;
  HeldValues held;
  if (info[4].IsArray()) {
    auto buffers = info[4].As<Napi::Array>();
    for (uint32_t i = 0; i < buffers.Length(); i++) {
      const BytesView memory = held.add(buffers.Get(i));
      spans.push_back({memory.data, memory.size});
    }
  }
  const bool lasting = spans.empty() && info[5].ToBoolean() && length > kLongestPacket;
  if (lasting) held.add(info[2]);
  const Span bytes{payload.data, length};
  std::unique_ptr<Outgoing> outgoing =
      lasting ? Outgoing::packLasting(dest, bytes, std::move(held))
              : Outgoing::pack(dest, bytes, std::move(spans), std::move(held));
  if (target->sendAtOnce(*outgoing)) return;
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

// handOver(): void — returns when what was sent is with MPI, or in memory that the peer shares.
// What fits into one packet of a ring then arrives whatever becomes of this process. The peer must
// still fetch the rest of a larger message, and that is lost if this process ends before.
void handOver(const Info&) {
  // MPI may be inside of a call that blocks, here, or where room is to be made.
  constexpr std::chrono::milliseconds kDeadline{100};
  MpiThread::instance().awaitQueued(kDeadline);
}

// quit(channel, rank, disconnect): void — tells a worker to end. `disconnect`: none is missing, and
// all disconnect the communicator first
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
    // The channel owns this function, and so is there when it calls it.
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

}  // namespace

void addChannels(const Exports& add) {
  add("openChannel", openChannel);
  add("send", send);
  add("handOver", handOver);
  add("quit", quit);
  add("heartbeat", heartbeat);
  add("peerEnded", peerEnded);
  add("closeChannel", closeChannel);
  add("copy", copyBytes);
  add("moveOut", moveOut);
  add("owns", owns);
}

}  // namespace mpi_futures
