// The way from the MPI thread to JavaScript, in the order in which things were put in: messages of
// peers, and calls of JavaScript, such as the one that says that a peer is lost. All that has come
// together is one hop.
//
// Rules, each of them once a crash or a lost message:
//
//  - The thread-safe function exists before the MPI thread can put anything in: open() comes first.
//  - One hop is pending at a time. JavaScript clears the flag *before* it takes what is there, and
//    the MPI thread looks again in each of its turns.
//  - There is one hop in a turn of the event loop: Node.js itself comes back for what is put in
//    during a hop, up to 1000 times, and timers and finalizers would have to wait for all of them.
//  - After napi_closing the thread-safe function must not be touched again, and an environment may
//    end while the MPI thread lives (process.exit, worker.terminate): `closed_` is set by whichever
//    notices first, and under a lock, as the environment destroys the function right after.
//  - The inbox itself is never destroyed.
#pragma once

#include <napi.h>

#include <atomic>
#include <mutex>
#include <variant>
#include <vector>

#include "channel/memory.h"
#include "javascript/loop_handle.h"
#include "mpi_thread/move_only_function.h"

namespace mpi_futures {

struct Message {
  int channel;
  int source;
  Block packet;
  size_t payloadAt;  // the payload is the rest of the packet from here
  std::vector<Block> buffers;
};

// Something to do on the JavaScript thread.
using JsTask = MoveOnlyFunction<void(Napi::Env)>;

class Inbox {
 public:
  static Inbox& instance();

  // JavaScript thread, once. `onMessages` gets messages that follow each other as a flat array:
  // channel, source, payload, buffers or undefined, channel, … `onDelivered` is called at the end
  // of a hop that had messages: whoever acts on them then knows all that came with them.
  void open(Napi::Env env, Napi::Function onMessages, Napi::Function onDelivered);
  // JavaScript thread. While anything holds it, the event loop stays alive.
  void hold(Napi::Env env);
  void release(Napi::Env env);

  // Any thread. What is put is seen by JavaScript after the next flush().
  void put(Message message);
  void put(JsTask task);
  void flush();
  // JavaScript thread: hands over what is there, in a callback scope of the caller.
  bool filled() const { return filled_; }
  void deliver(Napi::Env env);

 private:
  using Item = std::variant<Message, JsTask>;

  static void onHop(napi_env env, napi_value callback, void* context, void* data);
  void deliverMessages(Napi::Env env, std::vector<Item>& items, size_t first, size_t end);
  void hop(Napi::Env env);
  void turnBegins();
  void close();

  std::mutex mutex_;
  std::vector<Item> items_;
  std::atomic<bool> filled_{false};
  std::atomic<bool> hopPending_{false};
  std::mutex hopMutex_;
  std::atomic<bool> closed_{true};
  napi_threadsafe_function hop_ = nullptr;
  LoopHandle turns_;
  bool knowsTurns_ = false;
  bool hadItsTurn_ = false;  // there was a hop in this turn of the event loop
  bool postponed_ = false;   // to the next one
  int held_ = 0;
  Napi::FunctionReference onMessages_;
  Napi::FunctionReference onDelivered_;
};

}  // namespace mpi_futures
