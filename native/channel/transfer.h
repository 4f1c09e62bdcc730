// Bulk data of one message: any number of memory spans, cut into chunks of at most 1 MB (of a
// task), a few outstanding at a time.
//
// One message of 64 MB keeps Open MPI's progress engine in a single copy for up to 30 ms; chunks
// with at most two outstanding reach the same bandwidth and let small messages through in between.
// Both sides cut alike, so no length is sent, none is larger than an int, and order on one tag is
// enough to match chunks. One that is shorter than it should be is an error; so is a longer one,
// but for Open MPI 4, which writes all of it where the receive has less memory
// (mca_pml_ob1_recv_request_progress_rget): to ask for each length first would cost all others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "channel/memory.h"
#include "channel/packet.h"
#include "communicators/mpi_setup.h"
#include "javascript/held_values.h"
#include "mpi_thread/requests.h"

namespace mpi_futures {

inline constexpr int kControlTag = 0;
inline constexpr int kBulkTags = 32766;  // MPI guarantees tags up to 32767

// Where a transfer goes or comes from, and whom to tell.
struct Route {
  MPI_Comm comm = MPI_COMM_NULL;
  int peer = 0;
  int tag = 0;
  std::function<void(int code)>
      ended;  // called by the transfer, exactly once; MPI_SUCCESS or an error
};

// Always in a std::shared_ptr. Kept by its requests, so it is gone when it has ended.
class Transfer : public Completable, public std::enable_shared_from_this<Transfer> {
 public:
  void start(Route route) {
    route_ = std::move(route);
    post();
  }
  void completed(int code, const MPI_Status& status) final;

 protected:
  enum class Direction { kOut, kIn };
  static constexpr size_t kChunk = size_t{1} << 20;
  explicit Transfer(Direction direction, size_t chunk = kChunk)
      : direction_(direction), chunk_(chunk) {}
  bool isIncoming() const { return direction_ == Direction::kIn; }

  // The next span, once the ones before are used up; false if there is none (yet).
  virtual bool nextSpan(Span& span) = 0;
  // All chunks so far have ended and there are no more spans. True if that made more spans known.
  virtual bool more() { return false; }
  virtual int postChunk(Span chunk, const Route& route, MPI_Request* request) = 0;

 private:
  static constexpr int kChunksAhead = 16;

  void post();
  void end(int code);

  const Direction direction_;
  const size_t chunk_;  // the same on both sides
  Route route_;
  Span span_{nullptr, 0};
  size_t bytesOut_ = 0;
  int chunksOut_ = 0;
  std::deque<size_t> sizesOut_;
  size_t missing_ = 0;  // of what was to be received: MPI takes a shorter chunk for a whole one
  int error_ = MPI_SUCCESS;
};

class OutgoingTransfer final : public Transfer {
 public:
  // `held` is the spans' memory.
  OutgoingTransfer(Block body, std::vector<Span> spans, HeldValues held)
      : Transfer(Direction::kOut),
        body_(std::move(body)),
        spans_(std::move(spans)),
        held_(std::move(held)) {}
  // The memory that is to be sent, in order: the body, unless it is empty, then the buffers.
  std::vector<Span> parts() const {
    std::vector<Span> parts;
    if (body_.size() != 0) parts.push_back({body_.data(), body_.size()});
    parts.insert(parts.end(), spans_.begin(), spans_.end());
    return parts;
  }

 protected:
  bool nextSpan(Span& span) override {
    if (!bodySent_) {
      bodySent_ = true;
      if (body_.size() != 0) {
        span = {body_.data(), body_.size()};
        return true;
      }
    }
    if (next_ == spans_.size()) return false;
    span = spans_[next_++];
    return true;
  }
  int postChunk(Span chunk, const Route& route, MPI_Request* request) override {
    return MPI_Isend(chunk.data, static_cast<int>(chunk.size), MPI_BYTE, route.peer, route.tag,
                     route.comm, request);
  }

 private:
  Block body_;
  std::vector<Span> spans_;
  HeldValues held_;
  bool bodySent_ = false;
  size_t next_ = 0;
};

// The body of a message, when it was too large for the packet, then its buffers.
class IncomingTransfer final : public Transfer {
 public:
  // `body` is filled first if `bodyPending`; `parse` then makes the buffers, or returns an error:
  // the body is damaged, or there is no memory for them.
  IncomingTransfer(Block body, bool bodyPending,
                   std::function<int(const Block&, std::vector<Block>&)> parse)
      : Transfer(Direction::kIn),
        body_(std::move(body)),
        bodyPending_(bodyPending),
        parse_(std::move(parse)) {
    if (!bodyPending_) parseBody();
  }
  // The code that `parse` has returned.
  int problem() const { return problem_; }
  Block takeBody() { return std::move(body_); }
  std::vector<Block> takeBuffers() { return std::move(buffers_); }

 protected:
  bool nextSpan(Span& span) override {
    if (bodyPending_) {
      if (bodyPosted_) return false;
      bodyPosted_ = true;
      span = {body_.data(), body_.size()};
      return true;
    }
    if (next_ == buffers_.size()) return false;
    span = {buffers_[next_].data(), buffers_[next_].size()};
    next_++;
    return true;
  }
  bool more() override {
    if (!bodyPending_) return false;
    bodyPending_ = false;
    parseBody();
    return !buffers_.empty();
  }
  int postChunk(Span chunk, const Route& route, MPI_Request* request) override {
    return MPI_Irecv(chunk.data, static_cast<int>(chunk.size), MPI_BYTE, route.peer, route.tag,
                     route.comm, request);
  }

 private:
  void parseBody() {
    problem_ = parse_(body_, buffers_);
    if (problem_ != MPI_SUCCESS) buffers_.clear();
  }

  Block body_;
  bool bodyPending_;
  bool bodyPosted_ = false;
  int problem_ = MPI_SUCCESS;
  std::function<int(const Block&, std::vector<Block>&)> parse_;
  std::vector<Block> buffers_;
  size_t next_ = 0;
};

// The transfers of one direction with one peer: a few at a time, in order. Both sides start them in
// the order of their control packets, so the ones under way here are, or soon will be, the ones
// under way there.
template <typename T>
class TransferQueue {
 public:
  void add(std::shared_ptr<T> transfer, Route route) {
    if (closed_) return;
    waiting_.push_back({std::move(transfer), std::move(route)});
    startSome();
  }
  // No other will begin.
  void close() {
    closed_ = true;
    waiting_.clear();
  }
  // From the route's `ended`: one place has become free.
  void oneEnded() {
    active_--;
    startSome();
  }

 private:
  static constexpr int kActive = 4;

  struct Entry {
    std::shared_ptr<T> transfer;
    Route route;
  };

  void startSome() {
    while (active_ < kActive && !waiting_.empty()) {
      Entry entry = std::move(waiting_.front());
      waiting_.pop_front();
      active_++;
      entry.transfer->start(std::move(entry.route));
    }
  }

  std::deque<Entry> waiting_;
  int active_ = 0;
  bool closed_ = false;
};

}  // namespace mpi_futures
