#include "javascript/loop_handle.h"

#include <utility>

#include "javascript/event_loop.h"
#include "mpi_thread/or_end.h"

namespace mpi_futures {

namespace {

uv_handle_s* base(void* handle) { return static_cast<uv_handle_s*>(handle); }

}  // namespace

bool LoopHandle::whenReadable(Napi::Env env, int file, MoveOnlyFunction<void()> ready,
                              MoveOnlyFunction<void()> closed) {
  ready_ = std::move(ready);
  closed_ = std::move(closed);
  return open<uv_poll_s>(env, kPollHandle, [file](uv_loop_s* loop, uv_poll_s* handle) {
    return uv_poll_init(loop, handle, file) == 0 &&
           uv_poll_start(handle, kReadable, [](uv_poll_s* poll, int, int) { called(poll); }) == 0;
  });
}

bool LoopHandle::inEachTurn(Napi::Env env, MoveOnlyFunction<void()> ready) {
  ready_ = std::move(ready);
  return open<uv_prepare_s>(env, kPrepareHandle, [](uv_loop_s* loop, uv_prepare_s* handle) {
    return uv_prepare_init(loop, handle) == 0 && uv_prepare_start(handle, called) == 0;
  });
}

template <typename Handle, typename Begin>
bool LoopHandle::open(Napi::Env env, int type, Begin begin) {
  uv_loop_s* loop = nullptr;
  if (!hasEventLoop() || napi_get_uv_event_loop(env, &loop) != napi_ok) return false;
  memory_.reset(std::calloc(1, uv_handle_size(type)));
  if (!memory_) return false;
  if (!begin(loop, static_cast<Handle*>(memory_.get()))) {
    memory_ = nullptr;
    return false;
  }
  uv_handle_set_data(base(memory_.get()), this);
  uv_unref(base(memory_.get()));
  napi_add_async_cleanup_hook(
      env,
      [](napi_async_cleanup_hook_handle hook, void* handle) {
        auto* self = static_cast<LoopHandle*>(handle);
        self->cleanup_ = hook;
        self->close();
      },
      this, nullptr);
  return true;
}

template <typename Handle>
void LoopHandle::called(Handle* handle) {
  auto* self = static_cast<LoopHandle*>(uv_handle_get_data(base(handle)));
  orEnd([self] { self->ready_(); });
}

void LoopHandle::close() {
  uv_close(base(memory_.get()), [](uv_handle_s* handle) {
    auto* self = static_cast<LoopHandle*>(uv_handle_get_data(handle));
    self->memory_ = nullptr;
    if (self->closed_) self->closed_();
    napi_remove_async_cleanup_hook(self->cleanup_);
  });
}

}  // namespace mpi_futures
