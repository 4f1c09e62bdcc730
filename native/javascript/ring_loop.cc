#include "javascript/ring_loop.h"

#include "mpi_thread/never_destroyed.h"

#ifdef __linux__
#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "javascript/inbox.h"
#include "mpi_thread/doorbell.h"
#endif

namespace mpi_futures {

RingLoop& RingLoop::instance() {
  static NeverDestroyed<RingLoop> loop;
  return *loop;
}

#ifdef __linux__

namespace {

using Clock = std::chrono::steady_clock;

// How long a worker looks for its next message.
constexpr std::chrono::microseconds kLook{50};
// A yield that takes longer has given the core to another thread, which may be about to send the
// message.
constexpr std::chrono::microseconds kCrowded{20};
// Then the event loop has its turn: timers, and what else the program has there.
constexpr std::chrono::milliseconds kLongestStay{1};

}  // namespace

void RingLoop::open(Napi::Env env, RingSource& source) {
  Pipe pipe = makePipe(PipeMode::kNonBlocking);
  if (!pipe.read) return;
  // The end that peers write to stays: its number may still be on its way to one.
  const auto closed = [this] { readEnd_ = FileDescriptor(); };
  if (!handle_.whenReadable(env, pipe.read.get(), [this] { readable(); }, closed)) return;
  env_ = env;
  source_ = &source;
  readEnd_ = std::move(pipe.read);
  Napi::HandleScope scope(env);
  napi_async_init(env, nullptr, Napi::String::New(env, "mpi-futures"), &context_);
  env.AddCleanupHook([this] { napi_async_destroy(env_, context_); });
  writeEnd_ = pipe.write.release();
}

void RingLoop::readable() {
  char bytes[64];
  while (read(readEnd_.get(), bytes, sizeof bytes) > 0) {
  }
  OwnDoorbell& bell = source_->doorbell();
  const auto end = Clock::now() + kLongestStay;
  for (bool looked = false;;) {
    // In this order: what comes behind calls.
    bell.answered();
    const bool any = deliver();
    if (!any && (looked || !source_->looksForTasks())) return;
    if (Clock::now() > end) break;
    looked = !any;
    if (!looked) continue;
    bell.called();
    look();
  }
  call();
}

void RingLoop::call() {
  source_->doorbell().called();
  [[maybe_unused]] const ssize_t written = write(writeEnd_, "", 1);
}

// Returns when a message is there, or none has come in time.
void RingLoop::look() {
  auto now = Clock::now();
  const auto end = now + kLook;
  while (now < end && !source_->ringsFilled()) {
    sched_yield();
    const auto after = Clock::now();
    if (after - now > kCrowded) return;
    now = after;
  }
}

// True if anything has come.
bool RingLoop::deliver() {
  source_->takeFromRings();
  Inbox& inbox = Inbox::instance();
  if (!inbox.filled()) return false;
  Napi::HandleScope handles(env_);
  napi_callback_scope scope = nullptr;
  if (napi_open_callback_scope(env_, nullptr, context_, &scope) != napi_ok) return false;
  inbox.deliver(env_);
  napi_close_callback_scope(env_, scope);
  return true;
}

#else

void RingLoop::open(Napi::Env, RingSource&) {}
void RingLoop::call() {}

#endif

}  // namespace mpi_futures
