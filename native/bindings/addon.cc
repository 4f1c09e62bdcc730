// The addon: what it exports, in rooms.
#include <napi.h>

#include "bindings/exports.h"
#include "communicators/mpi_setup.h"

namespace mpi_futures {

namespace {

Napi::Object load(Napi::Env env, Napi::Object exports) {
  exports.Set("abi", kAbi);
  exports.Set("version", MPI_FUTURES_VERSION);
  const Exports add(env, exports);
  addStarting(add);
  addCommunicators(add);
  addOperations(add);
  addChannels(add);
  addSharedMemory(add);
  addEnding(add);
  return exports;
}

}  // namespace

NODE_API_MODULE(mpi_futures, load)

}  // namespace mpi_futures
