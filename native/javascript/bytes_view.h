// The memory of JavaScript values. JavaScript thread only.
#pragma once

#include <napi.h>

#include <cstddef>

namespace mpi_futures {

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
