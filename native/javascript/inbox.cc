#include "javascript/inbox.h"

#include <new>
#include <utility>

#include "javascript/block_values.h"
#include "mpi_thread/never_destroyed.h"

namespace mpi_futures {

namespace {

// A small payload is copied into a Buffer; a large one is handed over, as a Uint8Array.
Napi::Value payloadOf(Napi::Env env, Message& message) {
  constexpr size_t kWorthHandingOver = 64 << 10;
  const size_t at = message.payloadAt;
  const size_t size = message.packet.size() - at;
  if (size < kWorthHandingOver) {
    return Napi::Buffer<char>::Copy(env, message.packet.data() + at, size);
  }
  const auto memory = toArrayBuffer(env, std::move(message.packet)).As<Napi::ArrayBuffer>();
  return Napi::Uint8Array::New(env, size, memory, at);
}

// An error of ours in JavaScript is an uncaught one, and what else has come is still delivered.
template <typename Call>
void guarded(Napi::Env env, Call call) {
  try {
    call();
  } catch (const Napi::Error& error) {
    napi_fatal_exception(env, error.Value());
  } catch (const std::bad_alloc& error) {
    napi_fatal_exception(env, Napi::Error::New(env, error.what()).Value());
  }
}

}  // namespace

Inbox& Inbox::instance() {
  static NeverDestroyed<Inbox> inbox;
  return *inbox;
}

void Inbox::open(Napi::Env env, Napi::Function onMessages, Napi::Function onDelivered) {
  onMessages_ = Napi::Persistent(onMessages);
  onMessages_.SuppressDestruct();
  onDelivered_ = Napi::Persistent(onDelivered);
  onDelivered_.SuppressDestruct();
  const napi_status status = napi_create_threadsafe_function(
      env, nullptr, nullptr, Napi::String::New(env, "mpi-futures"), 0, 1, nullptr,
      [](napi_env, void*, void*) { instance().close(); }, this, onHop, &hop_);
  if (status != napi_ok) throw Napi::Error::New(env, "napi_create_threadsafe_function failed");
  napi_unref_threadsafe_function(env, hop_);
  env.AddCleanupHook([] { instance().close(); });
  knowsTurns_ = turns_.inEachTurn(env, [this] { turnBegins(); });
  closed_ = false;
}

void Inbox::hold(Napi::Env env) {
  if (held_++ == 0 && !closed_) napi_ref_threadsafe_function(env, hop_);
}

void Inbox::release(Napi::Env env) {
  if (--held_ == 0 && !closed_) napi_unref_threadsafe_function(env, hop_);
}

void Inbox::put(Message message) {
  std::lock_guard<std::mutex> guard(mutex_);
  items_.emplace_back(std::move(message));
  filled_ = true;
}

void Inbox::put(JsTask task) {
  std::lock_guard<std::mutex> guard(mutex_);
  items_.emplace_back(std::move(task));
  filled_ = true;
}

void Inbox::close() {
  std::lock_guard<std::mutex> guard(hopMutex_);
  closed_ = true;
}

void Inbox::flush() {
  if (!filled_ || closed_ || hopPending_) return;
  std::lock_guard<std::mutex> guard(hopMutex_);
  if (closed_ || hopPending_.exchange(true)) return;
  if (napi_call_threadsafe_function(hop_, nullptr, napi_tsfn_nonblocking) == napi_closing)
    closed_ = true;
}

void Inbox::onHop(napi_env env, napi_value, void* context, void*) {
  if (env != nullptr) static_cast<Inbox*>(context)->hop(Napi::Env(env));
}

void Inbox::hop(Napi::Env env) {
  if (hadItsTurn_) {
    postponed_ = true;
    return;
  }
  hadItsTurn_ = knowsTurns_;
  hopPending_ = false;
  deliver(env);
}

void Inbox::turnBegins() {
  hadItsTurn_ = false;
  if (!std::exchange(postponed_, false)) return;
  hopPending_ = false;
  flush();
}

void Inbox::deliver(Napi::Env env) {
  std::vector<Item> items;
  {
    std::lock_guard<std::mutex> guard(mutex_);
    filled_ = false;
    items.swap(items_);
  }
  Napi::HandleScope scope(env);
  bool anyMessage = false;
  for (size_t at = 0; at < items.size();) {
    if (JsTask* task = std::get_if<JsTask>(&items[at])) {
      guarded(env, [&] { (*task)(env); });
      at++;
      continue;
    }
    const size_t first = at;
    while (at < items.size() && std::holds_alternative<Message>(items[at])) at++;
    guarded(env, [&] { deliverMessages(env, items, first, at); });
    anyMessage = true;
  }
  if (anyMessage) guarded(env, [&] { onDelivered_.Call({}); });
}

void Inbox::deliverMessages(Napi::Env env, std::vector<Item>& items, size_t first, size_t end) {
  Napi::Array batch = Napi::Array::New(env, (end - first) * 4);
  uint32_t at = 0;
  for (size_t i = first; i < end; i++) {
    Message& message = std::get<Message>(items[i]);
    batch.Set(at++, Napi::Number::New(env, message.channel));
    batch.Set(at++, Napi::Number::New(env, message.source));
    batch.Set(at++, payloadOf(env, message));
    if (message.buffers.empty()) {
      batch.Set(at++, env.Undefined());
      continue;
    }
    Napi::Array buffers = Napi::Array::New(env, message.buffers.size());
    for (uint32_t j = 0; j < message.buffers.size(); j++) {
      buffers.Set(j, toArrayBuffer(env, std::move(message.buffers[j])));
    }
    batch.Set(at++, buffers);
  }
  onMessages_.Call({batch});
}

}  // namespace mpi_futures
