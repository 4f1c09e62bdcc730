// What two processes of one host share, beside MPI: doorbells, rings, and memory of JavaScript.
// JavaScript thread only, as all of bindings/.
#include <memory>
#include <utility>

#include "bindings/exports.h"
#include "bindings/handles.h"
#include "channel/channel.h"
#include "javascript/arguments.h"
#include "javascript/doorbell_values.h"
#include "javascript/ring_loop.h"
#include "javascript/shared_memory_values.h"
#include "mpi_thread/mpi_thread.h"
#include "rings/shared_rings.h"

namespace mpi_futures {

namespace {

// doorbell(): [host, memory, tokenAt]
Napi::Value doorbell(const Info& info) {
  return toJavaScript(info.Env(), MpiThread::instance().doorbell().address());
}

// connectDoorbell(channel, rank, doorbell, rings): boolean — false where the peer's doorbell cannot
// be reached: it is on another host. `rings` is what the peer's openRings() has returned.
Napi::Value connectDoorbell(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  if (!target) return Napi::Boolean::New(info.Env(), false);
  const int peer = integer(info[1]);
  const DoorbellAddress address = doorbellOf(info[2]);
  const int pipe = static_cast<int>(numberOf(info[3]));
  std::unique_ptr<PeerDoorbell> bell = PeerDoorbell::open(address);
  const bool isReached = bell != nullptr;
  if (isReached || pipe >= 0) {
    const PeerMemory memory =
        isReached ? PeerMemory::open(address.memory.pid, address.tokenAt, address.memory.token)
                  : PeerMemory();
    MpiThread::instance().run([target, peer, bell = std::move(bell), memory, pipe]() mutable {
      target->connectDoorbell(peer, std::move(bell), memory, pipe);
    });
  }
  return Napi::Boolean::New(info.Env(), isReached);
}

constexpr int kNoRings = -1;

// Gives the channel the rings that it shares with a peer. Returns the pipe by which the peer wakes
// this process.
int addRings(const std::shared_ptr<Channel>& target, int peer, std::unique_ptr<SharedRings> rings) {
  MpiThread::instance().run([target, peer, rings = std::move(rings)]() mutable {
    target->addRings(peer, std::move(rings));
  });
  return RingLoop::instance().pipe();
}

// offerRings(channel, rank): [memory, pipe] — what the peer opens; empty where there can be none
Napi::Value offerRings(const Info& info) {
  Napi::Env env = info.Env();
  const std::shared_ptr<Channel> target = channel(info[0]);
  Napi::Array result = Napi::Array::New(env);
  // A process that must not be rung, or cannot be woken, offers none.
  if (!target || !MpiThread::instance().doorbell().isShared() || RingLoop::instance().pipe() < 0)
    return result;
  std::unique_ptr<SharedRings> rings = SharedRings::make();
  if (!rings) return result;
  result.Set(0u, toJavaScript(env, rings->address()));
  result.Set(1u, addRings(target, integer(info[1]), std::move(rings)));
  return result;
}

// openRings(channel, rank, offer): number — for the peer's connectDoorbell(); negative where they
// cannot be opened
Napi::Value openRings(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  const Napi::Array offer = listOf(info[2]);
  if (!target || offer.Length() == 0 || RingLoop::instance().pipe() < 0)
    return Napi::Number::New(info.Env(), kNoRings);
  std::unique_ptr<SharedRings> rings = SharedRings::open(addressOf(offer.Get(0u)));
  const int pipe = rings ? addRings(target, integer(info[1]), std::move(rings)) : kNoRings;
  return Napi::Number::New(info.Env(), pipe);
}

// useRings(channel, rank, pipe): void — what is sent from now on goes by the rings, and all that
// comes; `pipe` is that of the peer
void useRings(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  if (!target) return;
  const int peer = integer(info[1]);
  const int pipe = static_cast<int>(numberOf(info[2]));
  MpiThread::instance().run([target, peer, pipe] { target->useRings(peer, pipe); });
}

// openDirect(doorbell, offer): number — a channel to a process of this host that has no MPI, by the
// rings that it offers; negative where it cannot be reached
Napi::Value openDirect(const Info& info) {
  Napi::Env env = info.Env();
  const DoorbellAddress address = doorbellOf(info[0]);
  const Napi::Array offer = listOf(info[1]);
  constexpr int kNone = -1;
  std::unique_ptr<PeerDoorbell> bell = PeerDoorbell::open(address);
  if (!bell || offer.Length() == 0 || RingLoop::instance().pipe() < 0)
    return Napi::Number::New(env, kNone);
  const PeerMemory memory =
      PeerMemory::open(address.memory.pid, address.tokenAt, address.memory.token);
  std::unique_ptr<SharedRings> rings = SharedRings::open(addressOf(offer.Get(0u)));
  const int pipe = static_cast<int>(numberOf(offer.Get(1u)));
  // Only its JavaScript thread takes what comes there, so that thread must be woken.
  if (!memory.readable() || !rings || !bell->setPipe(pipe)) return Napi::Number::New(env, kNone);
  const std::shared_ptr<Channel> opened = Channel::direct(
      channels->next(), Channel::DirectPeer{std::move(bell), memory, std::move(rings), pipe});
  MpiThread& thread = MpiThread::instance();
  thread.run([&thread, opened] { thread.attach(opened); });
  return Napi::Number::New(env, channels->add(opened));
}

// letRead(pid): void — see peer_memory.h
void letRead(const Info& info) { PeerMemory::letRead(longInteger(info[0])); }

// shareMemory(size): as that of shared_memory_values.h, where this process can be rung
Napi::Value shareIfRung(const Info& info) {
  if (!MpiThread::instance().doorbell().isShared()) return info.Env().Undefined();
  return shareMemory(info);
}

}  // namespace

void addSharedMemory(const Exports& add) {
  add("doorbell", doorbell);
  add("connectDoorbell", connectDoorbell);
  add("offerRings", offerRings);
  add("openRings", openRings);
  add("useRings", useRings);
  add("openDirect", openDirect);
  add("letRead", letRead);
  add("shareMemory", shareIfRung);
  add("openMemory", openMemory);
}

}  // namespace mpi_futures
