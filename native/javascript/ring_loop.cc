#include "javascript/ring_loop.h"

#include "mpi_thread/never_destroyed.h"

#ifdef __linux__
#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "javascript/event_loop.h"
#include "javascript/inbox.h"
#include "mpi_thread/doorbell.h"
#include "mpi_thread/or_end.h"
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
  uv_loop_s* loop = nullptr;
  if (!hasEventLoop() || napi_get_uv_event_loop(env, &loop) != napi_ok) return;
  Pipe pipe = makePipe(PipeMode::kNonBlocking);
  if (!pipe.read) return;
  Allocated memory(std::calloc(1, uv_handle_size(kPollHandle)));
  auto* handle = static_cast<uv_poll_s*>(memory.get());
  if (handle == nullptr || uv_poll_init(loop, handle, pipe.read.get()) != 0) return;
  env_ = env;
  source_ = &source;
  handle_ = std::move(memory);
  readEnd_ = std::move(pipe.read);
  Napi::HandleScope scope(env);
  napi_async_init(env, nullptr, Napi::String::New(env, "mpi-futures"), &context_);
  auto* base = reinterpret_cast<uv_handle_s*>(handle);
  uv_handle_set_data(base, this);
  uv_poll_start(handle, kReadable, [](uv_poll_s* ready, int, int) {
    auto* self = static_cast<RingLoop*>(uv_handle_get_data(reinterpret_cast<uv_handle_s*>(ready)));
    orEnd([self] { self->readable(); });
  });
  uv_unref(base);
  napi_add_async_cleanup_hook(
      env,
      [](napi_async_cleanup_hook_handle hook, void*) {
        instance().cleanup_ = hook;
        instance().close();
      },
      nullptr, nullptr);
  writeEnd_ = pipe.write.release();
}

// The end that peers write to stays: its number may still be on its way to one.
void RingLoop::close() {
  napi_async_destroy(env_, context_);
  uv_close(static_cast<uv_handle_s*>(handle_.get()), [](uv_handle_s*) {
    RingLoop& self = instance();
    self.readEnd_ = FileDescriptor();
    self.handle_ = nullptr;
    napi_remove_async_cleanup_hook(self.cleanup_);
  });
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

// Until a message is there, or has not come.
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
