// The address of a doorbell as JavaScript has it, for each addon that has one: [host, memory,
// tokenAt]. JavaScript thread only.
#pragma once

#include <napi.h>

#include "javascript/shared_memory_values.h"
#include "mpi_thread/doorbell.h"

namespace mpi_futures {

// Throws a TypeError for what is none.
inline DoorbellAddress doorbellOf(const Napi::Value& value) {
  const Napi::Array given = listOf(value);
  return {textOf(given.Get(0u)), addressOf(given.Get(1u)), wordOf(given.Get(2u))};
}

inline Napi::Value toJavaScript(Napi::Env env, const DoorbellAddress& address) {
  Napi::Array result = Napi::Array::New(env, 3);
  result.Set(0u, address.host);
  result.Set(1u, toJavaScript(env, address.memory));
  result.Set(2u, Napi::BigInt::New(env, address.tokenAt));
  return result;
}

}  // namespace mpi_futures
