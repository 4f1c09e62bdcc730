// An MPI call that may take long, as a JavaScript promise.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "javascript/callbacks.h"
#include "javascript/inbox.h"
#include "mpi_thread/mpi_thread.h"
#include "mpi_thread/or_end.h"

namespace mpi_futures {

// A promise that native code settles; dropped before that, it is rejected. While it is pending the
// event loop stays alive, unless unheld.
class PendingPromise {
 public:
  explicit PendingPromise(Napi::Env env) : PendingPromise(env, true) {}
  static PendingPromise unheld(Napi::Env env) { return PendingPromise(env, false); }
  Napi::Promise promise() const { return state_->deferred.Promise(); }

  // From any thread, one of them once. `convert(env)` makes the value, on the JavaScript thread.
  template <typename Convert>
  void resolve(Convert convert) const {
    state_->settle([convert = std::move(convert)](Napi::Env env,
                                                  const Napi::Promise::Deferred& deferred) mutable {
      deferred.Resolve(convert(env));
    });
  }
  void reject(const MpiFailure& failure) const {
    state_->settle([failure](Napi::Env env, const Napi::Promise::Deferred& deferred) {
      deferred.Reject(toError(env, failure).Value());
    });
  }

 private:
  struct State {
    State(Napi::Env env, bool held) : deferred(env), isHeld(held) {
      if (isHeld) Inbox::instance().hold(env);
    }
    ~State() {
      if (!isSettled) orEnd([this] { abandon(); });
    }

    template <typename Settle>
    void settle(Settle settle) {
      isSettled = true;
      Inbox& inbox = Inbox::instance();
      inbox.put(
          [deferred = deferred, held = isHeld, settle = std::move(settle)](Napi::Env env) mutable {
            if (held) Inbox::instance().release(env);
            settle(env, deferred);
          });
      inbox.flush();
    }

    // Whoever was to settle it has been dropped.
    void abandon() {
      settle([](Napi::Env env, const Napi::Promise::Deferred& deferred) {
        deferred.Reject(Napi::Error::New(env, "MPI has ended, or could not be started").Value());
      });
    }

    const Napi::Promise::Deferred deferred;
    const bool isHeld;
    bool isSettled = false;
  };

  PendingPromise(Napi::Env env, bool held) : state_(std::make_shared<State>(env, held)) {}

  std::shared_ptr<State> state_;
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
