#include "javascript/block_values.h"

#include <cstring>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "javascript/bytes_view.h"
#include "mpi_thread/never_destroyed.h"

namespace mpi_futures {

namespace {

// Node-API knows raw pointers only: from then on the memory is JavaScript's, and its finalizer
// frees it, unless it was moved to another buffer.
struct Lent {
  size_t size;
  bool isMoved = false;
};

// Of all threads of JavaScript, by their memory.
class LentBlocks {
 public:
  void add(char* data, Lent* lent) {
    std::lock_guard<std::mutex> guard(mutex_);
    lent_[data] = lent;
  }

  void remove(char* data) {
    std::lock_guard<std::mutex> guard(mutex_);
    lent_.erase(data);
  }

  // nullptr if there is none.
  Lent* find(char* data) {
    std::lock_guard<std::mutex> guard(mutex_);
    const auto found = lent_.find(data);
    return found == lent_.end() ? nullptr : found->second;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<char*, Lent*> lent_;
};

LentBlocks& lentBlocks() {
  static NeverDestroyed<LentBlocks> lent;
  return *lent;
}

// True if this Node.js can take over memory of that size: before version 21 no more than 4 GiB, and
// it would free what it refuses.
bool canTakeOver(Napi::Env env, size_t size) {
  constexpr size_t kLongestBuffer = size_t{1} << 32;
  constexpr uint32_t kFirstWithLonger = 21;
  return size < kLongestBuffer ||
         Napi::VersionManagement::GetNodeVersion(env)->major >= kFirstWithLonger;
}

void finalize(napi_env, void* memory, void* hint) {
  const std::unique_ptr<Lent> lent(static_cast<Lent*>(hint));
  if (lent->isMoved) return;
  char* data = static_cast<char*>(memory);
  lentBlocks().remove(data);
  Block::free(data, lent->size);
}

// Whose memory `buffer` is; nullptr if it is not a block's. A buffer of another length, to which
// the program has transferred the memory, has it no longer alone.
Lent* lentTo(const Napi::Value& value) {
  if (!value.IsArrayBuffer()) return nullptr;
  auto buffer = value.As<Napi::ArrayBuffer>();
  if (buffer.Data() == nullptr) return nullptr;
  Lent* lent = lentBlocks().find(static_cast<char*>(buffer.Data()));
  return lent != nullptr && lent->size == buffer.ByteLength() ? lent : nullptr;
}

}  // namespace

Napi::Value toArrayBuffer(Napi::Env env, Block block) {
  constexpr size_t kWorthAFinalizer = 8192;
  const size_t size = block.size();
  if (size >= kWorthAFinalizer && canTakeOver(env, size)) {
    auto lent = std::make_unique<Lent>(Lent{size});
    napi_value result = nullptr;
    lentBlocks().add(block.data(), lent.get());
    const napi_status status =
        napi_create_external_arraybuffer(env, block.data(), size, finalize, lent.get(), &result);
    if (status == napi_ok) {
      block.release();
      lent.release();
      return Napi::Value(env, result);
    }
    lentBlocks().remove(block.data());
  }
  Napi::ArrayBuffer copy = Napi::ArrayBuffer::New(env, size);
  if (size != 0) std::memcpy(copy.Data(), block.data(), size);
  return copy;
}

Napi::Value copyBytes(const Napi::CallbackInfo& info) {
  const BytesView bytes = bytesOf(info[0]);
  Block block(bytes.size);
  if (bytes.size != 0) std::memcpy(block.data(), bytes.data, bytes.size);
  return toArrayBuffer(info.Env(), std::move(block));
}

Napi::Value moveOut(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Lent* lent = lentTo(info[0]);
  if (lent == nullptr) return env.Undefined();
  auto buffer = info[0].As<Napi::ArrayBuffer>();
  char* data = static_cast<char*>(buffer.Data());
  // Node.js calls the finalizer of the old buffer at some later time.
  lent->isMoved = true;
  if (napi_detach_arraybuffer(env, buffer) != napi_ok) {
    lent->isMoved = false;
    return env.Undefined();
  }
  lentBlocks().remove(data);
  return toArrayBuffer(env, Block::adopt(data, lent->size));
}

Napi::Value owns(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), lentTo(info[0]) != nullptr);
}

}  // namespace mpi_futures
