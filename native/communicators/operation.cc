#include "communicators/operation.h"

#include <memory>
#include <new>
#include <utility>

namespace mpi_futures {

namespace {

// From here on the JavaScript thread posts nothing itself: MPI may copy it all in the call.
constexpr size_t kBulk = 64 << 10;

// Memory that JavaScript owns, in chunks. They are larger than those of tasks: a program that sends
// gigabytes itself has no small tasks that wait behind them.
constexpr size_t kChunkOfView = size_t{16} << 20;

class ViewTransfer final : public Transfer {
 public:
  ViewTransfer(Span span, bool isIncoming)
      : Transfer(isIncoming ? Direction::kIn : Direction::kOut, kChunkOfView), span_(span) {}

 protected:
  bool nextSpan(Span& span) override {
    span = std::exchange(span_, Span{nullptr, 0});
    return span.size != 0;
  }
  int postChunk(Span chunk, const Route& route, MPI_Request* request) override {
    const int size = static_cast<int>(chunk.size);
    return isIncoming()
               ? MPI_Irecv(chunk.data, size, MPI_BYTE, route.peer, route.tag, route.comm, request)
               : MPI_Isend(chunk.data, size, MPI_BYTE, route.peer, route.tag, route.comm, request);
  }

 private:
  Span span_;
};

}  // namespace

Napi::Promise Operation::begin(Napi::Env env, HeldValues held, size_t bytes, Post post) {
  const bool bulk = bytes >= kBulk;
  auto operation = std::make_shared<Operation>(env, std::move(held), bulk);
  MpiThread& thread = MpiThread::instance();
  const Napi::Promise promise = operation->pending_.promise();
  auto start = [operation = std::move(operation), post = std::move(post)] {
    try {
      post(*operation);
    } catch (const std::bad_alloc&) {
      if (operation->outstanding_ != 1) throw;  // MPI uses its memory already
      operation->fail(MPI_ERR_NO_MEM, "operator new");
    }
    operation->oneEnded();
  };
  if (bulk) {
    thread.run(std::move(start));
  } else {
    thread.runSoon(std::move(start));
  }
  return promise;
}

void Operation::posted(int code, const char* call, MPI_Request request) {
  call_ = call;
  if (code != MPI_SUCCESS) return fail(code, call);
  outstanding_++;
  MpiThread::instance().requests().add(request, shared_from_this());
}

void Operation::send(Span span, MPI_Comm comm, int dest, int tag) {
  transfer(span, false, "MPI_Isend", comm, dest, tag);
}

void Operation::receive(Span span, MPI_Comm comm, int source, int tag) {
  transfer(span, true, "MPI_Irecv", comm, source, tag);
}

void Operation::transfer(Span span, bool isIncoming, const char* call, MPI_Comm comm, int peer,
                         int tag) {
  auto ended = [this, kept = shared_from_this(), call](int code) {
    if (code != MPI_SUCCESS) fail(code, call);
    oneEnded();
  };
  outstanding_++;
  std::make_shared<ViewTransfer>(span, isIncoming)->start(Route{comm, peer, tag, std::move(ended)});
}

void Operation::completed(int code, const MPI_Status&) {
  if (code != MPI_SUCCESS) fail(code, call_);
  oneEnded();
}

void Operation::fail(int code, const char* call) {
  if (error_ != MPI_SUCCESS) return;
  error_ = code;
  failed_ = call;
}

void Operation::oneEnded() {
  if (--outstanding_ != 0) return;
  if (error_ == MPI_SUCCESS) {
    pending_.resolve([](Napi::Env env) { return env.Undefined(); });
  } else {
    pending_.reject(MpiFailure(failed_, error_));
  }
}

}  // namespace mpi_futures
