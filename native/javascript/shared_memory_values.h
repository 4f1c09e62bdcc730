// Shared memory and its addresses as JavaScript has them, for each addon that shares memory.
// JavaScript thread only.
#pragma once

#include <napi.h>

#include <cstdint>
#include <string>

#include "shared_memory/shared_memory.h"

namespace mpi_futures {

// These read what another process has sent, which may be anything: they throw a TypeError.
Napi::Array listOf(const Napi::Value& value);
int64_t numberOf(const Napi::Value& value);
std::string textOf(const Napi::Value& value);
uint64_t wordOf(const Napi::Value& value);

// An address is [pid, fd, token].
SharedMemoryAddress addressOf(const Napi::Value& value);
Napi::Value toJavaScript(Napi::Env env, const SharedMemoryAddress& address);

// shareMemory(size): [memory, address] | undefined — memory that a process of this host can open,
// while it is held here
Napi::Value shareMemory(const Napi::CallbackInfo& info);
// openMemory(address, size): ArrayBuffer | undefined — what another process has shared; it stays
// when that has ended
Napi::Value openMemory(const Napi::CallbackInfo& info);

}  // namespace mpi_futures
