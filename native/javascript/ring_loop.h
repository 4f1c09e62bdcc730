// Takes what comes by rings on the JavaScript thread, in its event loop: a task on its way to a
// worker, and its result on its way back, then wake one thread each and not two. A pipe in the
// event loop wakes it; peers write to it when it sleeps (PeerDoorbell::call).
//
// On a worker the thread looks for the next message itself for a moment before it goes back to the
// event loop: who sends it then need not wake anybody.
//
// It never waits: where the MPI thread is at the rings, that one takes what is there, and calls
// JavaScript through the inbox. A sandbox has no MPI thread: see RingSource.
#pragma once

#include <napi.h>

#include <atomic>

#include "javascript/loop_handle.h"
#include "javascript/ring_source.h"
#include "system/file_descriptor.h"

namespace mpi_futures {

class RingLoop {
 public:
  // Never destroyed, as the inbox.
  static RingLoop& instance();

  // JavaScript thread, once. Where there can be no pipe, the MPI thread takes what comes by rings.
  // `source` is never destroyed.
  void open(Napi::Env env, RingSource& source);
  // Any thread: the end of the pipe that peers write to; -1 if there is none.
  int pipe() const { return writeEnd_; }
  // JavaScript thread: has it look in the next turn of the event loop.
  void call();

 private:
  void readable();
  void look();
  bool deliver();

  Napi::Env env_{nullptr};
  RingSource* source_ = nullptr;
  napi_async_context context_ = nullptr;
  LoopHandle handle_;
  FileDescriptor readEnd_;
  std::atomic<int> writeEnd_{-1};  // is never closed
};

}  // namespace mpi_futures
