#include "channel/transfer.h"

#include <algorithm>

#include "mpi_thread/mpi_thread.h"

namespace mpi_futures {

void Transfer::completed(int code, const MPI_Status& status) {
  bytesOut_ -= sizesOut_.front();
  sizesOut_.pop_front();
  chunksOut_--;
  int received = 0;
  if (code == MPI_SUCCESS && isIncoming()) code = MPI_Get_count(&status, MPI_BYTE, &received);
  if (received > 0) missing_ -= received;
  if (code == MPI_SUCCESS && chunksOut_ == 0 && missing_ != 0) code = MPI_ERR_TRUNCATE;
  if (error_ == MPI_SUCCESS) error_ = code;
  post();
}

void Transfer::post() {
  Requests& requests = MpiThread::instance().requests();
  while (error_ == MPI_SUCCESS && chunksOut_ < kChunksAhead && bytesOut_ < 2 * chunk_) {
    while (span_.size == 0) {
      if (nextSpan(span_)) continue;
      if (chunksOut_ > 0) return;
      if (more()) continue;
      return end(MPI_SUCCESS);
    }
    const Span chunk{span_.data, std::min(span_.size, chunk_)};
    MPI_Request request;
    error_ = postChunk(chunk, route_, &request);
    if (error_ != MPI_SUCCESS) break;
    span_ = {span_.data + chunk.size, span_.size - chunk.size};
    bytesOut_ += chunk.size;
    chunksOut_++;
    if (isIncoming()) missing_ += chunk.size;
    sizesOut_.push_back(chunk.size);
    requests.add(request, shared_from_this());
  }
  if (error_ != MPI_SUCCESS && chunksOut_ == 0) end(error_);
}

void Transfer::end(int code) {
  auto ended = std::move(route_.ended);
  ended(code);
}

}  // namespace mpi_futures
