#include "communicators/collectives.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace mpi_futures {

namespace {

// Divisible by the size of every element, and far from the largest int.
constexpr size_t kPart = size_t{64} << 20;

}  // namespace

MPI_Datatype elementType(int number) {
  const MPI_Datatype types[] = {MPI_BYTE,    MPI_INT8_T,   MPI_UINT8_T, MPI_UINT8_T,
                                MPI_INT16_T, MPI_UINT16_T, MPI_INT32_T, MPI_UINT32_T,
                                MPI_FLOAT,   MPI_DOUBLE,   MPI_INT64_T, MPI_UINT64_T};
  return types[number];
}

MPI_Op reduceOperation(int number) {
  const MPI_Op operations[] = {MPI_SUM, MPI_PROD, MPI_MIN, MPI_MAX, MPI_LAND,
                               MPI_LOR, MPI_BAND, MPI_BOR, MPI_BXOR};
  return operations[number];
}

void broadcast(Operation& operation, MPI_Comm comm, Span memory, int root) {
  for (size_t at = 0; at < memory.size; at += kPart) {
    const int size = static_cast<int>(std::min(kPart, memory.size - at));
    MPI_Request request = MPI_REQUEST_NULL;
    const int code = MPI_Ibcast(memory.data + at, size, MPI_BYTE, root, comm, &request);
    operation.posted(code, "MPI_Ibcast", request);
    if (code != MPI_SUCCESS) return;
  }
}

void allgather(Operation& operation, MPI_Comm comm, Span from, Span into,
               const std::vector<size_t>& sizes) {
  if (into.size > kPart) {
    int rank = 0;
    const int code = MPI_Comm_rank(comm, &rank);
    if (code != MPI_SUCCESS) return operation.posted(code, "MPI_Comm_rank", MPI_REQUEST_NULL);
    char* place = into.data;
    for (size_t i = 0; i < sizes.size(); i++) {
      if (static_cast<int>(i) == rank && sizes[i] != 0) std::memmove(place, from.data, sizes[i]);
      broadcast(operation, comm, Span{place, sizes[i]}, static_cast<int>(i));
      place += sizes[i];
    }
    return;
  }
  // MPI reads them until the end.
  std::vector<int> counts(sizes.begin(), sizes.end());
  std::vector<int> places(sizes.size());
  int place = 0;
  for (size_t i = 0; i < sizes.size(); i++) {
    places[i] = place;
    place += counts[i];
  }
  MPI_Request request = MPI_REQUEST_NULL;
  const int* const countsKept = operation.keep(std::move(counts));
  const int* const placesKept = operation.keep(std::move(places));
  const int code = MPI_Iallgatherv(from.data, static_cast<int>(from.size), MPI_BYTE, into.data,
                                   countsKept, placesKept, MPI_BYTE, comm, &request);
  operation.posted(code, "MPI_Iallgatherv", request);
}

void reduce(Operation& operation, MPI_Comm comm, Reduction kind, Span from, Span into, int type,
            int op, int root) {
  const MPI_Datatype datatype = elementType(type);
  const MPI_Op mpiOp = reduceOperation(op);
  int elementSize = 0;
  const int unknown = MPI_Type_size(datatype, &elementSize);
  if (unknown != MPI_SUCCESS) return operation.posted(unknown, "MPI_Type_size", MPI_REQUEST_NULL);
  for (size_t at = 0; at < from.size; at += kPart) {
    const int count = static_cast<int>(std::min(kPart, from.size - at) / elementSize);
    const char* source = from.data + at;
    char* target = into.size == 0 ? nullptr : into.data + at;
    MPI_Request request = MPI_REQUEST_NULL;
    int code = MPI_SUCCESS;
    const char* call = "";
    switch (kind) {
      case Reduction::kReduce:
        call = "MPI_Ireduce";
        code = MPI_Ireduce(source, target, count, datatype, mpiOp, root, comm, &request);
        break;
      case Reduction::kAllreduce:
        call = "MPI_Iallreduce";
        code = MPI_Iallreduce(source, target, count, datatype, mpiOp, comm, &request);
        break;
      case Reduction::kScan:
        call = "MPI_Iscan";
        code = MPI_Iscan(source, target, count, datatype, mpiOp, comm, &request);
        break;
    }
    operation.posted(code, call, request);
    if (code != MPI_SUCCESS) return;
  }
}

}  // namespace mpi_futures
