// Channels between a master and its workers. JavaScript thread only, as all of bindings/.
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bindings/exports.h"
#include "bindings/handles.h"
#include "channel/channel.h"
#include "ending/ending.h"
#include "javascript/arguments.h"
#include "javascript/async_call.h"
#include "javascript/held_values.h"
#include "javascript/js_bridge.h"
#include "javascript/ring_loop.h"
#include "mpi_thread/mpi_thread.h"
#include "rings/shared_memory.h"
#include "rings/shared_rings.h"

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

// handOver(): void — what was sent is with MPI, or in the memory that is shared with the peer, when
// it returns: the end of this process does not take it along
void handOver(const Info&) {
  // MPI may be inside of a call that blocks, here, or where room is to be made.
  constexpr std::chrono::milliseconds kDeadline{100};
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

// connectDoorbell(channel, rank, doorbell, rings): boolean — false where the peer's doorbell cannot
// be reached: it is on another host. `rings` is what the peer's openRings() has returned.
Napi::Value connectDoorbell(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  if (!target) return Napi::Boolean::New(info.Env(), false);
  const int peer = integer(info[1]);
  auto given = info[2].As<Napi::Array>();
  const DoorbellAddress address{text(given.Get(0u)), longInteger(given.Get(1u)),
                                integer(given.Get(2u)), std::stoull(text(given.Get(3u))),
                                std::stoull(text(given.Get(4u)))};
  const int pipe = integer(info[3]);
  std::unique_ptr<PeerDoorbell> bell = PeerDoorbell::open(address);
  const bool isReached = bell != nullptr;
  if (isReached || pipe >= 0) {
    const PeerMemory memory =
        isReached ? PeerMemory::open(address.pid, address.memory, address.token) : PeerMemory();
    MpiThread::instance().run([target, peer, bell = std::move(bell), memory, pipe]() mutable {
      target->connectDoorbell(peer, std::move(bell), memory, pipe);
    });
  }
  return Napi::Boolean::New(info.Env(), isReached);
}

constexpr int kNoRings = -1;

// Puts rings that are shared with a peer to its channel. The pipe on which this process is called.
int addRings(const std::shared_ptr<Channel>& target, int peer, std::unique_ptr<SharedRings> rings) {
  MpiThread::instance().run([target, peer, rings = std::move(rings)]() mutable {
    target->addRings(peer, std::move(rings));
  });
  return RingLoop::instance().pipe();
}

// offerRings(channel, rank): [fd, token, pipe] — what the peer opens; empty where there can be none
Napi::Value offerRings(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  Napi::Array result = Napi::Array::New(info.Env());
  // Who is not to be rung, or cannot be woken, has none.
  if (!target || !MpiThread::instance().doorbell().isShared() || RingLoop::instance().pipe() < 0)
    return result;
  std::unique_ptr<SharedRings> rings = SharedRings::make();
  if (!rings) return result;
  const SharedMemoryAddress address = rings->address();
  result.Set(0u, address.fd);
  result.Set(1u, std::to_string(address.token));
  result.Set(2u, addRings(target, integer(info[1]), std::move(rings)));
  return result;
}

// openRings(channel, rank, pid, offer): number — for the peer's connectDoorbell(); negative where
// they cannot be opened
Napi::Value openRings(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  auto offer = info[3].As<Napi::Array>();
  if (!target || offer.Length() == 0 || RingLoop::instance().pipe() < 0)
    return Napi::Number::New(info.Env(), kNoRings);
  const SharedMemoryAddress address{longInteger(info[2]), std::stoull(text(offer.Get(1u))),
                                    integer(offer.Get(0u))};
  std::unique_ptr<SharedRings> rings = SharedRings::open(address);
  const int pipe = rings ? addRings(target, integer(info[1]), std::move(rings)) : kNoRings;
  return Napi::Number::New(info.Env(), pipe);
}

// useRings(channel, rank, pipe): void — what is sent from now on goes by the rings, and all that
// comes; `pipe` is that of the peer
void useRings(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  if (!target) return;
  const int peer = integer(info[1]);
  const int pipe = integer(info[2]);
  MpiThread::instance().run([target, peer, pipe] { target->useRings(peer, pipe); });
}

// The memory as JavaScript sees it, which holds it; empty where the engine lets nobody do that.
Napi::Value toArrayBuffer(Napi::Env env, std::unique_ptr<SharedMemory> memory) {
  napi_value result = nullptr;
  const napi_status status = napi_create_external_arraybuffer(
      env, memory->data(), memory->size(),
      [](napi_env, void*, void* held) {
        std::unique_ptr<SharedMemory>(static_cast<SharedMemory*>(held));
      },
      memory.get(), &result);
  if (status != napi_ok) return {};
  memory.release();
  return {env, result};
}

// shareMemory(size): [memory, fd, token] | undefined — memory that a process of this host can open,
// while it is held here
Napi::Value shareMemory(const Info& info) {
  if (!MpiThread::instance().doorbell().isShared()) return info.Env().Undefined();
  std::unique_ptr<SharedMemory> made =
      SharedMemory::make(static_cast<size_t>(longInteger(info[0])));
  if (made == nullptr) return info.Env().Undefined();
  const SharedMemoryAddress address = made->address();
  const Napi::Value memory = toArrayBuffer(info.Env(), std::move(made));
  if (memory.IsEmpty()) return info.Env().Undefined();
  Napi::Array result = Napi::Array::New(info.Env(), 3);
  result.Set(0u, memory);
  result.Set(1u, address.fd);
  result.Set(2u, std::to_string(address.token));
  return result;
}

// openMemory(pid, fd, token, size): ArrayBuffer | undefined — what that process has shared; it
// stays when the process has ended
Napi::Value openMemory(const Info& info) {
  const SharedMemoryAddress address{longInteger(info[0]), std::stoull(text(info[2])),
                                    integer(info[1])};
  std::unique_ptr<SharedMemory> opened =
      SharedMemory::open(address, static_cast<size_t>(longInteger(info[3])));
  if (opened == nullptr) return info.Env().Undefined();
  const Napi::Value memory = toArrayBuffer(info.Env(), std::move(opened));
  return memory.IsEmpty() ? info.Env().Undefined() : memory;
}

// copy(bytes): ArrayBuffer — a snapshot, in memory made for it
Napi::Value copyBytes(const Info& info) {
  const BytesView bytes = bytesOf(info[0]);
  Block block(bytes.size);
  if (bytes.size != 0) std::memcpy(block.data(), bytes.data, bytes.size);
  return toArrayBuffer(info.Env(), std::move(block));
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
  add("doorbell", doorbell);
  add("connectDoorbell", connectDoorbell);
  add("offerRings", offerRings);
  add("openRings", openRings);
  add("useRings", useRings);
  add("shareMemory", shareMemory);
  add("openMemory", openMemory);
  add("copy", copyBytes);
}

}  // namespace mpi_futures
