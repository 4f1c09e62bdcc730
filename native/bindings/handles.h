// The objects that JavaScript names by small integers.
#pragma once

#include <napi.h>

#include <map>
#include <memory>
#include <unordered_map>
#include <utility>

#include "channel/channel.h"
#include "communicators/communicator.h"
#include "communicators/mailbox.h"
#include "mpi_thread/never_destroyed.h"

namespace mpi_futures {

// None of the integers is given twice. JavaScript thread only. The tables are never destroyed; what
// they hold goes when JavaScript has closed it.
template <typename T>
class Table {
 public:
  int add(T thing) {
    things_.emplace(next_, std::move(thing));
    return next_++;
  }
  // Null for one that is gone.
  T* find(int id) {
    const auto found = things_.find(id);
    return found == things_.end() ? nullptr : &found->second;
  }
  void remove(int id) { things_.erase(id); }
  int next() const { return next_; }
  size_t size() const { return things_.size(); }

 private:
  std::unordered_map<int, T> things_;
  int next_ = 0;
};

extern NeverDestroyed<Table<Communicator>> communicators;
extern NeverDestroyed<Table<std::shared_ptr<Channel>>> channels;
// The mailboxes of the communicators that have received, by the ids of these.
extern NeverDestroyed<std::map<int, std::shared_ptr<Mailbox>>> mailboxes;

// As lib/addon/addon.ts has it; null for MPI_COMM_NULL.
Napi::Value describe(Napi::Env env, const Communicator& comm);

// Throws for one that was freed or disconnected from.
const Communicator& communicator(const Napi::Value& id);

// Null for one that was closed: later calls for it have no effect.
std::shared_ptr<Channel> channel(const Napi::Value& id);

}  // namespace mpi_futures
