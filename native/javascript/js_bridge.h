// Small bridges between native memory and JavaScript values. JavaScript thread only.
#pragma once

#include <napi.h>

#include <cstring>
#include <string>

#include "channel/memory.h"

namespace mpi_futures {

// True if this Node.js can take over memory of that size: before version 21 no more than 4 GiB, and
// it would free what it refuses.
inline bool canTakeOver(Napi::Env env, size_t size) {
  constexpr size_t kLongestBuffer = size_t{1} << 32;
  constexpr uint32_t kFirstWithLonger = 21;
  return size < kLongestBuffer ||
         Napi::VersionManagement::GetNodeVersion(env)->major >= kFirstWithLonger;
}

// Hands a block to JavaScript without a copy where the engine allows it (Electron's does not), and
// where the block is large enough to be worth a finalizer. Node-API knows raw pointers only: from
// then on the memory is JavaScript's, and its finalizer frees it.
inline Napi::Value toArrayBuffer(Napi::Env env, Block block) {
  constexpr size_t kWorthAFinalizer = 8192;
  const size_t size = block.size();
  if (size >= kWorthAFinalizer && canTakeOver(env, size)) {
    napi_value result = nullptr;
    char* memory = block.data();
    const napi_status status = napi_create_external_arraybuffer(
        env, memory, size,
        [](napi_env, void* data, void* size) {
          Block::free(static_cast<char*>(data), reinterpret_cast<size_t>(size));
        },
        reinterpret_cast<void*>(size), &result);
    if (status == napi_ok) {
      block.release();
      return Napi::Value(env, result);
    }
  }
  Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env, size);
  if (size != 0) std::memcpy(copy.Data(), block.data(), size);
  return copy;
}

struct BytesView {
  char* data;
  size_t size;
};

// The bytes of an ArrayBuffer or of any view on one.
inline BytesView bytesOf(const Napi::Value& value) {
  if (value.IsArrayBuffer()) {
    auto buffer = value.As<Napi::ArrayBuffer>();
    return {static_cast<char*>(buffer.Data()), buffer.ByteLength()};
  }
  if (value.IsTypedArray()) {
    auto view = value.As<Napi::TypedArray>();
    return {static_cast<char*>(view.ArrayBuffer().Data()) + view.ByteOffset(), view.ByteLength()};
  }
  throw Napi::TypeError::New(value.Env(), "Expected an ArrayBuffer or a typed array");
}

}  // namespace mpi_futures
