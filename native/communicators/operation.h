// An operation of a communicator as one JavaScript promise: any number of MPI requests that are
// posted together. It is settled when all of them have ended, also where one of them has failed:
// MPI uses the memory until then.
//
// Threads: begin() on the JavaScript thread. What it is given to post runs on the MPI thread, or,
// where that is free and the operation small, at once (MpiThread::runSoon); either way operations
// are posted in the order of the calls, as MPI demands of collective ones.
#pragma once

#include <napi.h>

#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "channel/transfer.h"
#include "communicators/mpi_setup.h"
#include "javascript/async_call.h"
#include "javascript/held_values.h"
#include "mpi_thread/mpi_thread.h"
#include "mpi_thread/requests.h"

namespace mpi_futures {

// An operation on a communicator of the user. The code that posts it and its requests keep it.
class Operation final : public Completable, public std::enable_shared_from_this<Operation> {
 public:
  using Post = std::function<void(Operation&)>;

  // `held` is the memory that MPI uses; `bytes`: how much is to be moved, as far as known.
  static Napi::Promise begin(Napi::Env env, HeldValues held, size_t bytes, Post post);
  // For begin().
  Operation(Napi::Env env, HeldValues held, bool bulk)
      : pending_(PendingPromise(env)), held_(std::move(held)), bulk_(bulk) {
    MpiThread::instance().operationBegins(bulk_);
  }
  ~Operation() override { MpiThread::instance().operationEnds(bulk_); }

  // From `post`. A request that was just made, or why it could not be.
  void posted(int code, const char* call, MPI_Request request);
  // From `post`. All of `span` to or from another rank, in chunks.
  void send(Span span, MPI_Comm comm, int dest, int tag);
  void receive(Span span, MPI_Comm comm, int source, int tag);

  // From `post`. Whether something of it could not be.
  bool hasFailed() const { return error_ != MPI_SUCCESS; }

  // From `post`. What MPI reads until the end.
  const int* keep(std::vector<int> numbers) {
    kept_.push_back(std::move(numbers));
    return kept_.back().data();
  }

  void completed(int code, const MPI_Status& status) override;

 private:
  void transfer(Span span, bool isIncoming, const char* call, MPI_Comm comm, int peer, int tag);
  void fail(int code, const char* call);
  void oneEnded();

  PendingPromise pending_;
  const HeldValues held_;
  const bool bulk_;
  int outstanding_ = 1;  // the posting itself
  int error_ = MPI_SUCCESS;
  const char* failed_ = "";
  const char* call_ = "";
  std::deque<std::vector<int>> kept_;
};

}  // namespace mpi_futures
