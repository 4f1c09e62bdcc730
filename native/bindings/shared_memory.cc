// What two processes of one host share, beside MPI: doorbells, rings, and memory of JavaScript.
// JavaScript thread only, as all of bindings/.
#include "shared_memory/shared_memory.h"

#include <memory>
#include <string>
#include <utility>

#include "bindings/exports.h"
#include "bindings/handles.h"
#include "channel/channel.h"
#include "javascript/arguments.h"
#include "javascript/ring_loop.h"
#include "mpi_thread/mpi_thread.h"
#include "rings/shared_rings.h"

namespace mpi_futures {

namespace {

// What follows reads what a peer has sent, which may be anything.

Napi::TypeError damaged(Napi::Env env) {
  return Napi::TypeError::New(env, "an address of shared memory is damaged");
}

Napi::Array listOf(const Napi::Value& value) {
  if (!value.IsArray()) throw damaged(value.Env());
  return value.As<Napi::Array>();
}

int64_t numberOf(const Napi::Value& value) {
  if (!value.IsNumber()) throw damaged(value.Env());
  return longInteger(value);
}

std::string textOf(const Napi::Value& value) {
  if (!value.IsString()) throw damaged(value.Env());
  return text(value);
}

uint64_t wordOf(const Napi::Value& value) {
  bool lossless = false;
  const uint64_t word = value.IsBigInt() ? value.As<Napi::BigInt>().Uint64Value(&lossless) : 0;
  if (!lossless) throw damaged(value.Env());
  return word;
}

// An address is [pid, fd, token].
SharedMemoryAddress addressOf(const Napi::Value& value) {
  const Napi::Array given = listOf(value);
  return {numberOf(given.Get(0u)), wordOf(given.Get(2u)),
          static_cast<int32_t>(numberOf(given.Get(1u)))};
}

Napi::Value toJavaScript(Napi::Env env, const SharedMemoryAddress& address) {
  Napi::Array result = Napi::Array::New(env, 3);
  result.Set(0u, static_cast<double>(address.pid));
  result.Set(1u, address.fd);
  result.Set(2u, Napi::BigInt::New(env, address.token));
  return result;
}

// doorbell(): [host, memory, tokenAt]
Napi::Value doorbell(const Info& info) {
  Napi::Env env = info.Env();
  const DoorbellAddress& address = MpiThread::instance().doorbell().address();
  Napi::Array result = Napi::Array::New(env, 3);
  result.Set(0u, address.host);
  result.Set(1u, toJavaScript(env, address.memory));
  result.Set(2u, Napi::BigInt::New(env, address.tokenAt));
  return result;
}

// connectDoorbell(channel, rank, doorbell, rings): boolean — false where the peer's doorbell cannot
// be reached: it is on another host. `rings` is what the peer's openRings() has returned.
Napi::Value connectDoorbell(const Info& info) {
  const std::shared_ptr<Channel> target = channel(info[0]);
  if (!target) return Napi::Boolean::New(info.Env(), false);
  const int peer = integer(info[1]);
  const Napi::Array given = listOf(info[2]);
  const DoorbellAddress address{textOf(given.Get(0u)), addressOf(given.Get(1u)),
                                wordOf(given.Get(2u))};
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

// Puts rings that are shared with a peer to its channel. The pipe on which this process is called.
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
  // Who is not to be rung, or cannot be woken, has none.
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

// shareMemory(size): [memory, address] | undefined — memory that a process of this host can open,
// while it is held here
Napi::Value shareMemory(const Info& info) {
  Napi::Env env = info.Env();
  if (!MpiThread::instance().doorbell().isShared()) return env.Undefined();
  std::unique_ptr<SharedMemory> made =
      SharedMemory::make(static_cast<size_t>(longInteger(info[0])));
  if (made == nullptr) return env.Undefined();
  const SharedMemoryAddress address = made->address();
  const Napi::Value memory = toArrayBuffer(env, std::move(made));
  if (memory.IsEmpty()) return env.Undefined();
  Napi::Array result = Napi::Array::New(env, 2);
  result.Set(0u, memory);
  result.Set(1u, toJavaScript(env, address));
  return result;
}

// openMemory(address, size): ArrayBuffer | undefined — what another process has shared; it stays
// when that has ended
Napi::Value openMemory(const Info& info) {
  std::unique_ptr<SharedMemory> opened =
      SharedMemory::open(addressOf(info[0]), static_cast<size_t>(longInteger(info[1])));
  if (opened == nullptr) return info.Env().Undefined();
  const Napi::Value memory = toArrayBuffer(info.Env(), std::move(opened));
  return memory.IsEmpty() ? info.Env().Undefined() : memory;
}

}  // namespace

void addSharedMemory(const Exports& add) {
  add("doorbell", doorbell);
  add("connectDoorbell", connectDoorbell);
  add("offerRings", offerRings);
  add("openRings", openRings);
  add("useRings", useRings);
  add("shareMemory", shareMemory);
  add("openMemory", openMemory);
}

}  // namespace mpi_futures
