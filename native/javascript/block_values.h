// Blocks as ArrayBuffers. JavaScript thread only.
#pragma once

#include <napi.h>

#include "channel/memory.h"

namespace mpi_futures {

// Hands a block to JavaScript without a copy where the engine allows it (Electron's does not), and
// where the block is large enough to be worth a finalizer.
Napi::Value toArrayBuffer(Napi::Env env, Block block);

// copy(bytes): ArrayBuffer — a snapshot, in memory made for it
Napi::Value copyBytes(const Napi::CallbackInfo& info);

// moveOut(buffer): ArrayBuffer | undefined — another buffer with the same memory, and the given one
// is detached; undefined for memory that is not a block. Node.js itself moves none that an addon
// has made.
Napi::Value moveOut(const Napi::CallbackInfo& info);

// owns(buffer): boolean — true for those that moveOut() moves
Napi::Value owns(const Napi::CallbackInfo& info);

}  // namespace mpi_futures
