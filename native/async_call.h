// An MPI call that may take long, as a JavaScript promise.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "callbacks.h"
#include "inbox.h"
#include "mpi_thread.h"

namespace mpi_futures {

// A promise that native code settles. While it is pending the event loop stays alive, unless
// unheld.
class PendingPromise {
 public:
  explicit PendingPromise(Napi::Env env) : PendingPromise(env, true) {}
  static PendingPromise unheld(Napi::Env env) { return PendingPromise(env, false); }
  Napi::Promise promise() const { return deferred_->Promise(); }

  // From any thread, one of them once. `convert(env)` makes the value, on the JavaScript thread.
  template <typename Convert>
  void resolve(Convert convert) const {
    settle([convert](Napi::Env env, const Napi::Promise::Deferred& deferred) {
      deferred.Resolve(convert(env));
    });
  }
  void reject(const MpiFailure& failure) const {
    settle([failure](Napi::Env env, const Napi::Promise::Deferred& deferred) {
      deferred.Reject(toError(env, failure).Value());
    });
  }

 private:
  PendingPromise(Napi::Env env, bool held)
      : deferred_(std::make_shared<Napi::Promise::Deferred>(env)), held_(held) {
    if (held_) Inbox::instance().hold(env);
  }

  template <typename Settle>
  void settle(Settle settle) const {
    Inbox& inbox = Inbox::instance();
    inbox.put([deferred = deferred_, held = held_, settle](Napi::Env env) {
      if (held) Inbox::instance().release(env);
      settle(env, *deferred);
    });
    inbox.flush();
  }

  std::shared_ptr<Napi::Promise::Deferred> deferred_;
  bool held_;
};

// Runs `work` on a thread that may block in MPI and resolves the promise with `convert(env,
// result)`; an error that `work` throws rejects it. Results must be copyable.
template <typename Work, typename Convert>
Napi::Promise callAsync(PendingPromise pending, Work work, Convert convert) {
  MpiThread::instance().runBlocking(
      [pending, work = std::move(work), convert = std::move(convert)] {
        try {
          auto result = work();
          pending.resolve([convert, result](Napi::Env env) { return convert(env, result); });
        } catch (...) {
          pending.reject(currentFailure());
        }
      });
  return pending.promise();
}

}  // namespace mpi_futures
