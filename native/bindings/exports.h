// The functions that JavaScript sees (lib/addon/addon.ts declares them). Thin: each reads its
// arguments and calls one of the other rooms. All of them run on the JavaScript thread of the one
// environment that has initialised MPI.
#pragma once

#include <napi.h>

namespace mpi_futures {

using Info = Napi::CallbackInfo;

// Adds functions to what the addon exports.
class Exports {
 public:
  Exports(Napi::Env env, Napi::Object exports) : env_(env), exports_(exports) {}
  template <typename Function>
  void operator()(const char* name, Function function) const {
    exports_.Set(name, Napi::Function::New(env_, function, name));
  }

 private:
  Napi::Env env_;
  mutable Napi::Object exports_;
};

void addStarting(const Exports& add);
void addCommunicators(const Exports& add);
void addOperations(const Exports& add);
void addChannels(const Exports& add);
void addSharedMemory(const Exports& add);
void addEnding(const Exports& add);

}  // namespace mpi_futures
