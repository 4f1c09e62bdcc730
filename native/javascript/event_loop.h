// The few functions of libuv that the addon needs in the event loop of JavaScript. Node.js exports
// them; its headers are not part of Node-API's, and are not where an addon is built from
// the package. Their ABI is that of libuv 1, which has not changed since 2014, and the size of a
// handle is asked for. Weak: a program that has Node-API without libuv still loads the addon.
#pragma once

#include <node_api.h>

#include <cstddef>

extern "C" {
struct uv_loop_s;
struct uv_handle_s;
struct uv_poll_s;
struct uv_prepare_s;

__attribute__((weak)) size_t uv_handle_size(int type);
__attribute__((weak)) void* uv_handle_get_data(const uv_handle_s* handle);
__attribute__((weak)) void uv_handle_set_data(uv_handle_s* handle, void* data);
__attribute__((weak)) void uv_unref(uv_handle_s* handle);
__attribute__((weak)) void uv_close(uv_handle_s* handle, void (*closed)(uv_handle_s*));
__attribute__((weak)) int uv_poll_init(uv_loop_s* loop, uv_poll_s* handle, int fd);
__attribute__((weak)) int uv_poll_start(uv_poll_s* handle, int events,
                                        void (*ready)(uv_poll_s*, int, int));
__attribute__((weak)) int uv_prepare_init(uv_loop_s* loop, uv_prepare_s* handle);
__attribute__((weak)) int uv_prepare_start(uv_prepare_s* handle, void (*ready)(uv_prepare_s*));
}

namespace mpi_futures {

inline constexpr int kPollHandle = 8;     // UV_POLL
inline constexpr int kPrepareHandle = 9;  // UV_PREPARE
inline constexpr int kReadable = 1;       // UV_READABLE

inline bool hasEventLoop() {
  return uv_handle_size && uv_handle_get_data && uv_handle_set_data && uv_unref && uv_close &&
         uv_poll_init && uv_poll_start && uv_prepare_init && uv_prepare_start;
}

}  // namespace mpi_futures
