// A handle of libuv in the event loop of JavaScript: calls the addon when a file can be read, or
// once in each turn. It does not keep the event loop alive, and ends with the environment.
#pragma once

#include <napi.h>

#include <cstdlib>
#include <memory>

#include "mpi_thread/move_only_function.h"

namespace mpi_futures {

// JavaScript thread. It must never be destroyed: libuv uses it until the environment has ended.
class LoopHandle {
 public:
  // One of these two is called, once. Each returns false where the program has no event loop of
  // libuv, or no memory. `ready` is called outside of any scope of JavaScript, `closed` when libuv
  // no longer uses the handle.
  bool whenReadable(Napi::Env env, int file, MoveOnlyFunction<void()> ready,
                    MoveOnlyFunction<void()> closed);
  // Before the event loop looks for what has happened.
  bool inEachTurn(Napi::Env env, MoveOnlyFunction<void()> ready);

 private:
  template <typename Handle, typename Begin>
  bool open(Napi::Env env, int type, Begin begin);
  template <typename Handle>
  static void called(Handle* handle);
  void close();

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };

  MoveOnlyFunction<void()> ready_;
  MoveOnlyFunction<void()> closed_;
  std::unique_ptr<void, Free> memory_;
  napi_async_cleanup_hook_handle cleanup_ = nullptr;
};

}  // namespace mpi_futures
