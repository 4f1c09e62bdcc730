// Operations and packets of users on communicators. JavaScript thread only, as all of bindings/.
#include <memory>
#include <vector>

#include "bindings/exports.h"
#include "bindings/handles.h"
#include "communicators/collectives.h"
#include "communicators/operation.h"
#include "javascript/arguments.h"
#include "javascript/block_values.h"
#include "javascript/bytes_view.h"
#include "javascript/held_values.h"
#include "mpi_thread/mpi_thread.h"

namespace mpi_futures {

namespace {

// listen(communicator, on): void — whether packets are to be received
void listen(const Info& info) {
  const int id = integer(info[0]);
  const bool on = info[1].As<Napi::Boolean>();
  auto found = mailboxes->find(id);
  if (found == mailboxes->end()) {
    if (!on) return;
    const Communicator& comm = communicator(info[0]);
    const int sources = comm.isInter ? comm.remoteSize : comm.size;
    found = mailboxes->emplace(id, std::make_shared<Mailbox>(id, comm.handle, sources)).first;
  }
  MpiThread::instance().run([mailbox = found->second, on] { mailbox->listen(on); });
}

Span heldSpan(const Napi::Value& view, HeldValues& held) {
  const BytesView memory = held.add(view);
  return Span{memory.data, memory.size};
}

// Views of memory with the rank that each is for, from [rank, view, rank, view, …].
struct Part {
  int rank;
  Span span;
};

std::vector<Part> partsOf(const Napi::Value& value, HeldValues& held, size_t& bytes) {
  const auto flat = value.As<Napi::Array>();
  std::vector<Part> parts;
  for (uint32_t i = 0; i + 1 < flat.Length(); i += 2) {
    const Span memory = heldSpan(flat.Get(i + 1), held);
    parts.push_back({integer(flat.Get(i)), memory});
    bytes += memory.size;
  }
  return parts;
}

// exchange(communicator, tag, [rank, view, …], [rank, view, …]): Promise<void> — sends the first,
// receives the others
Napi::Value exchange(const Info& info) {
  const MPI_Comm comm = communicator(info[0]).handle;
  const int tag = integer(info[1]);
  HeldValues held;
  size_t bytes = 0;
  const std::vector<Part> sent = partsOf(info[2], held, bytes);
  const std::vector<Part> received = partsOf(info[3], held, bytes);
  return Operation::begin(info.Env(), std::move(held), bytes,
                          [comm, tag, sent, received](Operation& operation) {
                            for (const Part& part : received)
                              operation.receive(part.span, comm, part.rank, tag);
                            for (const Part& part : sent)
                              operation.send(part.span, comm, part.rank, tag);
                          });
}

// sendWithContents(communicator, rank, packet, tag, contents): Promise<void> — the packet to the
// mailbox of the rank, the contents by the tag
Napi::Value sendWithContents(const Info& info) {
  const MPI_Comm comm = communicator(info[0]).handle;
  const int dest = integer(info[1]);
  HeldValues held;
  const Span packet = heldSpan(info[2], held);
  const int tag = integer(info[3]);
  const Span contents = heldSpan(info[4], held);
  return Operation::begin(info.Env(), std::move(held), contents.size,
                          [comm, dest, packet, tag, contents](Operation& operation) {
                            operation.send(packet, comm, dest, Mailbox::kPacketTag);
                            // Nobody would receive them, and they would wait for ever.
                            if (operation.hasFailed()) return;
                            operation.send(contents, comm, dest, tag);
                          });
}

// broadcast(communicator, view, root): Promise<void>
Napi::Value broadcastFrom(const Info& info) {
  const MPI_Comm comm = communicator(info[0]).handle;
  HeldValues held;
  const Span memory = heldSpan(info[1], held);
  const int root = integer(info[2]);
  return Operation::begin(
      info.Env(), std::move(held), memory.size,
      [comm, memory, root](Operation& operation) { broadcast(operation, comm, memory, root); });
}

// allgather(communicator, view, into, [bytes, …]): Promise<void> — bytes of each rank
Napi::Value allgatherInto(const Info& info) {
  const MPI_Comm comm = communicator(info[0]).handle;
  HeldValues held;
  const Span from = heldSpan(info[1], held);
  const Span into = heldSpan(info[2], held);
  const auto given = info[3].As<Napi::Array>();
  std::vector<size_t> sizes;
  for (uint32_t i = 0; i < given.Length(); i++)
    sizes.push_back(static_cast<size_t>(longInteger(given.Get(i))));
  return Operation::begin(info.Env(), std::move(held), into.size,
                          [comm, from, into, sizes](Operation& operation) {
                            allgather(operation, comm, from, into, sizes);
                          });
}

// reduce(communicator, kind, view, into, type, operation, root): Promise<void>
Napi::Value reduceInto(const Info& info) {
  const MPI_Comm comm = communicator(info[0]).handle;
  const auto kind = static_cast<Reduction>(integer(info[1]));
  HeldValues held;
  const Span from = heldSpan(info[2], held);
  const Span into = heldSpan(info[3], held);
  const int type = integer(info[4]);
  const int op = integer(info[5]);
  const int root = integer(info[6]);
  return Operation::begin(info.Env(), std::move(held), from.size, [=](Operation& operation) {
    reduce(operation, comm, kind, from, into, type, op, root);
  });
}

// allocate(bytes): ArrayBuffer — of any content
Napi::Value allocate(const Info& info) {
  return toArrayBuffer(info.Env(), Block(static_cast<size_t>(longInteger(info[0]))));
}

}  // namespace

void addOperations(const Exports& add) {
  add("listen", listen);
  add("exchange", exchange);
  add("sendWithContents", sendWithContents);
  add("broadcast", broadcastFrom);
  add("allgather", allgatherInto);
  add("reduce", reduceInto);
  add("allocate", allocate);
}

}  // namespace mpi_futures
