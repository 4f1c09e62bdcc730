// The functions that JavaScript gave us to call, other than for messages. JavaScript thread only.
#pragma once

#include <napi.h>

#include <vector>

#include "communicators/mpi_setup.h"
#include "mpi_thread/never_destroyed.h"

namespace mpi_futures {

// An MPI error as a JavaScript Error with errorCode, errorClass, errorString and call.
inline Napi::Error toError(Napi::Env env, const MpiFailure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.call + ": " + failure.text);
  error.Set("code", Napi::String::New(env, "ERR_MPI"));
  error.Set("errorCode", Napi::Number::New(env, failure.code));
  error.Set("errorClass", Napi::Number::New(env, failure.errorClass));
  error.Set("errorString", Napi::String::New(env, failure.text));
  error.Set("call", Napi::String::New(env, failure.call));
  return error;
}

class Callbacks {
 public:
  static Callbacks& instance() {
    static NeverDestroyed<Callbacks> callbacks;
    return *callbacks;
  }

  void open(Napi::Object handlers) {
    handlers_ = Napi::Persistent(handlers);
    handlers_.SuppressDestruct();
  }

  // A peer is not sent anything any more; what it had sent still comes, and then peerLost.
  void peerLeaves(Napi::Env env, int channel, int peer) {
    call("peerLeaves", {Napi::Number::New(env, channel), Napi::Number::New(env, peer)});
  }
  void peerLost(Napi::Env env, int channel, int peer, const Napi::Error& reason) {
    call("peerLost",
         {Napi::Number::New(env, channel), Napi::Number::New(env, peer), reason.Value()});
  }
  void processEnded(Napi::Env env, int64_t pid) {
    call("processEnded", {Napi::Number::New(env, pid)});
  }
  // A packet for a communicator (mailbox.h), or why there will be none from `source` any more.
  void packet(Napi::Env env, int communicator, int source, Napi::Value bytes) {
    call("packet", {Napi::Number::New(env, communicator), Napi::Number::New(env, source), bytes});
  }
  void quit() { call("quit", {}); }

 private:
  void call(const char* name, const std::vector<napi_value>& arguments) {
    handlers_.Get(name).As<Napi::Function>().Call(handlers_.Value(), arguments);
  }

  Napi::ObjectReference handlers_;
};

}  // namespace mpi_futures
