// JavaScript values whose memory native code uses. They may be released on the JavaScript thread
// only: wherever this is destroyed, the inbox releases them there.
#pragma once

#include <napi.h>

#include <utility>
#include <vector>

#include "javascript/bytes_view.h"
#include "javascript/inbox.h"
#include "mpi_thread/or_end.h"

namespace mpi_futures {

class HeldValues {
 public:
  HeldValues() = default;
  HeldValues(HeldValues&&) = default;  // an empty vector is left behind
  HeldValues& operator=(HeldValues&&) = delete;
  HeldValues(const HeldValues&) = delete;
  HeldValues& operator=(const HeldValues&) = delete;
  ~HeldValues() {
    if (references_.empty()) return;
    // It allocates, and a destructor must not throw.
    orEnd([this] { Inbox::instance().put([dropped = std::move(references_)](Napi::Env) {}); });
  }

  // JavaScript thread. An ArrayBuffer, or a view of one.
  BytesView add(const Napi::Value& memory) {
    const BytesView bytes = bytesOf(memory);
    references_.push_back(Napi::Reference<Napi::Value>::New(memory, 1));
    return bytes;
  }

 private:
  std::vector<Napi::Reference<Napi::Value>> references_;
};

}  // namespace mpi_futures
