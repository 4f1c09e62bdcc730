// The non-blocking collective operations that lib/mpi is made of. To be called while an
// Operation is posted (operation.h), on the thread that posts it.
//
// No length is an int: what is longer than a part goes in several calls, which all ranks cut alike.
#pragma once

#include <vector>

#include "communicators/operation.h"

namespace mpi_futures {

// The types of the elements of a reduction: the numbers of lib/mpi/collectives/element_types.ts.
MPI_Datatype elementType(int number);
// The numbers of lib/mpi/collectives/operations.ts.
MPI_Op reduceOperation(int number);

enum class Reduction { kReduce = 0, kAllreduce = 1, kScan = 2 };

void broadcast(Operation& operation, MPI_Comm comm, Span memory, int root);

// `sizes`: the bytes of each rank, which stand in `into` one behind the other.
void allgather(Operation& operation, MPI_Comm comm, Span from, Span into,
               const std::vector<size_t>& sizes);

// `into` is used on the root only where there is one.
void reduce(Operation& operation, MPI_Comm comm, Reduction kind, Span from, Span into, int type,
            int op, int root);

}  // namespace mpi_futures
