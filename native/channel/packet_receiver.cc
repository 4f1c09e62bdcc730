#include "channel/packet_receiver.h"

#include <new>
#include <utility>

#include "mpi_thread/mpi_thread.h"
#include "mpi_thread/requests.h"

namespace mpi_futures {

namespace {
constexpr int kPacketsPerTurn = 64;
}

// A packet that MPI still writes to.
class PacketReceiver::Packet final : public Completable {
 public:
  Packet(PacketReceiver& receiver, int source, size_t size)
      : receiver_(receiver), source_(source), block_(size) {}
  Block& block() { return block_; }
  bool done() const { return done_; }
  bool isWhole() const { return isWhole_; }
  void starts() { kept_ = receiver_.sink_.keep(); }
  void completed(int code, const MPI_Status&) override {
    const std::shared_ptr<void> kept = std::move(kept_);
    done_ = true;
    isWhole_ = code == MPI_SUCCESS;
    if (!isWhole_) receiver_.cutOff(source_, "MPI_Imrecv", code);
    receiver_.completed(source_);
  }

 private:
  std::shared_ptr<void> kept_;
  PacketReceiver& receiver_;
  int source_;
  Block block_;
  bool done_ = false;
  bool isWhole_ = false;
};

PacketReceiver::PacketReceiver(MPI_Comm comm, int tag, int sources, Sink& sink)
    : comm_(comm), tag_(tag), sink_(sink), sources_(sources) {}

PacketReceiver::~PacketReceiver() = default;

bool PacketReceiver::receive() {
  int received = 0;
  while (received < kPacketsPerTurn && receiveOne()) received++;
  return received > 0;
}

bool PacketReceiver::receiveOne() {
  bool found = false;
  if (probe(MPI_ANY_SOURCE, found) == MPI_SUCCESS) return found;
  for (size_t i = 0; i < sources_.size() && !found; i++) {
    const int source = static_cast<int>(next_);
    next_ = (next_ + 1) % sources_.size();
    if (sources_[source].isCutOff) continue;
    const int code = probe(source, found);
    if (code != MPI_SUCCESS) cutOff(source, "MPI_Improbe", code);
  }
  return found;
}

int PacketReceiver::probe(int source, bool& found) {
  int flag = 0;
  MPI_Message message = MPI_MESSAGE_NULL;
  MPI_Status status;
  const int code = MPI_Improbe(source, tag_, comm_, &flag, &message, &status);
  found = code == MPI_SUCCESS && flag;
  if (found) take(message, status);
  return code;
}

void PacketReceiver::take(MPI_Message message, const MPI_Status& status) {
  const int source = status.MPI_SOURCE;
  sink_.heard(source);
  int size = 0;
  int code = MPI_Get_count(&status, MPI_BYTE, &size);
  if (code != MPI_SUCCESS) return cutOff(source, "MPI_Get_count", code);
  // No packet of ours is longer than an int counts.
  if (size < 0) return cutOff(source, "MPI_Get_count", MPI_ERR_COUNT);
  std::shared_ptr<Packet> packet;
  try {
    packet = std::make_shared<Packet>(*this, source, size);
  } catch (const std::bad_alloc&) {
    return cutOff(source, "MPI_Imrecv", MPI_ERR_NO_MEM);
  }
  std::deque<std::shared_ptr<Packet>>& before = sources_[source].coming;
  MPI_Request request = MPI_REQUEST_NULL;
  code = MPI_Imrecv(packet->block().data(), size, MPI_BYTE, &message, &request);
  // As a rule the packet is all here. A blocking receive would hang with a peer that dies while it
  // sends a longer one.
  int done = 0;
  if (code == MPI_SUCCESS && before.empty()) code = MPI_Test(&request, &done, MPI_STATUS_IGNORE);
  if (code != MPI_SUCCESS) return cutOff(source, "MPI_Imrecv", code);
  if (done) return handOver(source, std::move(packet->block()));
  packet->starts();
  before.push_back(std::move(packet));
  MpiThread::instance().requests().add(request, before.back());
}

void PacketReceiver::completed(int source) {
  sink_.heard(source);
  Source& from = sources_[source];
  // One that has failed stays, and with it those that come behind it.
  if (from.isCutOff && sink_.givesUpMissing(source)) return;
  while (!from.coming.empty() && from.coming.front()->done()) {
    const std::shared_ptr<Packet> first = std::move(from.coming.front());
    from.coming.pop_front();
    if (first->isWhole()) handOver(source, std::move(first->block()));
  }
}

void PacketReceiver::giveUpMissing(int source) {
  Source& from = sources_[source];
  const bool wasCutOff = std::exchange(from.isCutOff, false);
  for (const auto& packet : std::exchange(from.coming, {}))
    if (packet->isWhole()) handOver(source, std::move(packet->block()));
  if (wasCutOff) from.isCutOff = true;
}

void PacketReceiver::handOver(int source, Block packet) {
  if (sources_[source].isCutOff) return;
  try {
    sink_.packet(source, std::move(packet));
  } catch (const std::bad_alloc&) {
    cutOff(source, "MPI_Imrecv", MPI_ERR_NO_MEM);
  }
}

void PacketReceiver::cutOff(int source, const char* call, int code) {
  if (std::exchange(sources_[source].isCutOff, true)) return;
  sink_.cutOff(source, call, code);
}

}  // namespace mpi_futures
