// Orders to MPICH's process manager (hydra) that go by its socket, without MPI. Before MPI is
// initialised and after its end on any thread; resign() on the one that finalizes MPI.
#pragma once

namespace mpi_futures {

// True where resign() is to be called in place of MPI_Finalize. MPICH's finalization over UCX and
// TCP hangs when ranks enter it one after the other, as they do on several hosts: a rank that
// closes its connections needs the others to make progress, and those that have closed theirs wait
// in a barrier of the process manager, and make none.
//
// Tools that write their report in MPI_Finalize (PMPI) are not called then: with
// MPI_FUTURES_RESIGN=0 the process calls MPI_Finalize all the same.
bool shouldResign();

// Says that this process is done with MPI, as MPI_Finalize does at its end: from then on it may end
// by itself. PMI-1: https://wiki.mpich.org/mpich/index.php/PMI_v1_API. False if nobody answers.
bool resign();

// The same after MPI_Finalize, for a process that ends without running what is registered for
// exit(): there MPICH says it from 4.2 on, and hydra kills all others when a socket closes of which
// nobody has said it.
void resignUnlessDone();

// Makes this process the one of its rank that starts MPI: its parent and its children may have the
// same socket. 0: it is; −1: the process manager has closed the socket, as it does when a process
// of this rank has finalized; otherwise the id of the process that was there before.
int takeSocket();

// Has the process manager end all processes of the job with `code`, also where MPI could not be
// started: hydra does not notice the end of a process that it was not told of. Elsewhere it does
// nothing.
void askForAbort(int code);

}  // namespace mpi_futures
