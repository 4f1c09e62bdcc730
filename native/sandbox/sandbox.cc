// The addon of a sandbox: a process in which tasks run beside the worker that has MPI. Nothing of
// MPI is in it, so one serves for every MPI.
#include <napi.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <vector>

#include "channel/memory.h"
#include "ending/process_watch.h"
#include "javascript/arguments.h"
#include "javascript/block_values.h"
#include "javascript/bytes_view.h"
#include "javascript/doorbell_values.h"
#include "javascript/inbox.h"
#include "javascript/ring_loop.h"
#include "javascript/shared_memory_values.h"
#include "mpi_thread/or_end.h"
#include "sandbox/direct_link.h"

namespace mpi_futures {

// A fault of this addon ends the sandbox, and nothing else (or_end.h).
void endFor(const char* reason) {
  std::fprintf(stderr, "mpi-futures: a sandbox ends: %s\n", reason);
  _exit(1);
}

namespace {

using Info = Napi::CallbackInfo;

// dieWith(pid): void — this process is killed when that one, which has started it, has ended,
// whatever its JavaScript does
void dieWith(const Info& info) {
  const int64_t parent = longInteger(info[0]);
  if (!dieWithParent() && !ProcessWatch::instance().watch(parent, [] { kill(getpid(), SIGKILL); }))
    raise(SIGKILL);
  if (getppid() != parent) raise(SIGKILL);
}

// offerDirect(doorbell, pipe, onMessages, onDelivered): [doorbell, rings] | undefined — what the
// master of this host opens, whose doorbell and pipe are given. Once useDirect() was called
// `onMessages` gets its messages, as that of the inbox.
Napi::Value offerDirect(const Info& info) {
  Napi::Env env = info.Env();
  DirectLink& link = DirectLink::instance();
  if (!link.offer(env, doorbellOf(info[0]), static_cast<int>(numberOf(info[1]))))
    return env.Undefined();
  Inbox::instance().open(env, info[2].As<Napi::Function>(), info[3].As<Napi::Function>());
  Napi::Array rings = Napi::Array::New(env, 2);
  rings.Set(0u, toJavaScript(env, link.ringsAddress()));
  rings.Set(1u, RingLoop::instance().pipe());
  Napi::Array result = Napi::Array::New(env, 2);
  result.Set(0u, toJavaScript(env, link.bellAddress()));
  result.Set(1u, rings);
  return result;
}

// useDirect(): void — the master has opened that
void useDirect(const Info&) { DirectLink::instance().use(); }

// sendDirect(payload, length, buffers | undefined): void — returns when all is out of this process
void sendDirect(const Info& info) {
  const BytesView payload = bytesOf(info[0]);
  const size_t length = static_cast<size_t>(longInteger(info[1]));
  if (length > payload.size) throw Napi::RangeError::New(info.Env(), "sendDirect");
  std::vector<Span> buffers;
  if (info[2].IsArray()) {
    const auto given = info[2].As<Napi::Array>();
    for (uint32_t i = 0; i < given.Length(); i++) {
      const BytesView memory = bytesOf(given.Get(i));
      buffers.push_back({memory.data, memory.size});
    }
  }
  orEnd([&] { DirectLink::instance().send({payload.data, length}, buffers); });
}

// useHugePages(buffer): void — for memory that is about to be filled, and was not touched before
void useHugePages(const Info& info) {
  const BytesView memory = bytesOf(info[0]);
  askForHugePages(memory.data, memory.size);
}

// trim(): void — gives back memory of large values that was not used for a while
void trim(const Info&) { Block::trim(); }

Napi::Object load(Napi::Env env, Napi::Object exports) {
  exports.Set("version", MPI_FUTURES_VERSION);
  exports.Set("shareMemory", Napi::Function::New<shareMemory>(env));
  exports.Set("openMemory", Napi::Function::New<openMemory>(env));
  exports.Set("dieWith", Napi::Function::New<dieWith>(env));
  exports.Set("offerDirect", Napi::Function::New<offerDirect>(env));
  exports.Set("useDirect", Napi::Function::New<useDirect>(env));
  exports.Set("sendDirect", Napi::Function::New<sendDirect>(env));
  exports.Set("copy", Napi::Function::New<copyBytes>(env));
  exports.Set("moveOut", Napi::Function::New<moveOut>(env));
  exports.Set("owns", Napi::Function::New<owns>(env));
  exports.Set("useHugePages", Napi::Function::New<useHugePages>(env));
  exports.Set("trim", Napi::Function::New<trim>(env));
  return exports;
}

NODE_API_MODULE(mpi_futures_sandbox, load)

}  // namespace

}  // namespace mpi_futures
