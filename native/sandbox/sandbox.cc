// The addon of a sandbox: a process in which tasks run beside the worker that has MPI. Nothing of
// MPI is in it, so one serves for every MPI.
#include <napi.h>
#include <signal.h>
#include <unistd.h>

#include <memory>

#include "ending/process_watch.h"
#include "mpi_thread/or_end.h"
#include "shared_memory/shared_memory.h"

namespace mpi_futures {

// A fault of this addon ends the sandbox, and nothing else (or_end.h).
void endFor(const char*) { _exit(1); }

namespace {

using Info = Napi::CallbackInfo;

int64_t number(Napi::Value value) { return value.As<Napi::Number>().Int64Value(); }

// Empty where the engine lets nobody see memory of others.
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
  std::unique_ptr<SharedMemory> made = SharedMemory::make(static_cast<size_t>(number(info[0])));
  if (made == nullptr) return info.Env().Undefined();
  const SharedMemoryAddress address = made->address();
  const Napi::Value memory = toArrayBuffer(info.Env(), std::move(made));
  if (memory.IsEmpty()) return info.Env().Undefined();
  Napi::Array where = Napi::Array::New(info.Env(), 3);
  where.Set(0u, static_cast<double>(address.pid));
  where.Set(1u, address.fd);
  where.Set(2u, Napi::BigInt::New(info.Env(), address.token));
  Napi::Array result = Napi::Array::New(info.Env(), 2);
  result.Set(0u, memory);
  result.Set(1u, where);
  return result;
}

// openMemory([pid, fd, token], size): ArrayBuffer | undefined — what that process has shared
Napi::Value openMemory(const Info& info) {
  const Napi::Array given = info[0].As<Napi::Array>();
  bool lossless = false;
  const uint64_t token = given.Get(2u).As<Napi::BigInt>().Uint64Value(&lossless);
  const SharedMemoryAddress address{number(given.Get(0u)), token,
                                    static_cast<int32_t>(number(given.Get(1u)))};
  std::unique_ptr<SharedMemory> opened =
      SharedMemory::open(address, static_cast<size_t>(number(info[1])));
  if (opened == nullptr) return info.Env().Undefined();
  const Napi::Value memory = toArrayBuffer(info.Env(), std::move(opened));
  return memory.IsEmpty() ? info.Env().Undefined() : memory;
}

// dieWith(pid): void — this process is killed when that one, which has started it, has ended,
// whatever its JavaScript does
void dieWith(const Info& info) {
  const int64_t parent = number(info[0]);
  if (!dieWithParent() && !ProcessWatch::instance().watch(parent, [] { kill(getpid(), SIGKILL); }))
    raise(SIGKILL);
  if (getppid() != parent) raise(SIGKILL);
}

Napi::Object load(Napi::Env env, Napi::Object exports) {
  exports.Set("version", MPI_FUTURES_VERSION);
  exports.Set("shareMemory", Napi::Function::New<shareMemory>(env));
  exports.Set("openMemory", Napi::Function::New<openMemory>(env));
  exports.Set("dieWith", Napi::Function::New<dieWith>(env));
  return exports;
}

NODE_API_MODULE(mpi_futures_sandbox, load)

}  // namespace

}  // namespace mpi_futures
