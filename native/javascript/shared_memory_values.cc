#include "javascript/shared_memory_values.h"

#include <memory>
#include <utility>

#include "javascript/arguments.h"

namespace mpi_futures {

namespace {

Napi::TypeError damaged(Napi::Env env) {
  return Napi::TypeError::New(env, "an address of shared memory is damaged");
}

// An ArrayBuffer on the memory, which owns it; empty where the engine does not allow such buffers.
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

}  // namespace

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

Napi::Value shareMemory(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
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

Napi::Value openMemory(const Napi::CallbackInfo& info) {
  std::unique_ptr<SharedMemory> opened =
      SharedMemory::open(addressOf(info[0]), static_cast<size_t>(longInteger(info[1])));
  if (opened == nullptr) return info.Env().Undefined();
  const Napi::Value memory = toArrayBuffer(info.Env(), std::move(opened));
  return memory.IsEmpty() ? info.Env().Undefined() : memory;
}

}  // namespace mpi_futures
