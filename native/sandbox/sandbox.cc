// The addon of a sandbox: a process in which tasks run beside the worker that has MPI. Nothing of
// MPI is in it, so one serves for every MPI.
#include <napi.h>
#include <signal.h>
#include <unistd.h>

#include "ending/process_watch.h"
#include "javascript/arguments.h"
#include "javascript/shared_memory_values.h"
#include "mpi_thread/or_end.h"

namespace mpi_futures {

// A fault of this addon ends the sandbox, and nothing else (or_end.h).
void endFor(const char*) { _exit(1); }

namespace {

using Info = Napi::CallbackInfo;

// dieWith(pid): void — this process is killed when that one, which has started it, has ended,
// whatever its JavaScript does
void dieWith(const Info& info) {
  const int64_t parent = longInteger(info[0]);
  if (!dieWithParent() && !ProcessWatch::instance().watch(parent, [] { kill(getpid(), SIGKILL); }))
    raise(SIGKILL);
  if (getppid() != parent) raise(SIGKILL);
}

Napi::Object load(Napi::Env env, Napi::Object exports) {
  exports.Set("version", MPI_FUTURES_VERSION);
  exports.Set("shareMemory", Napi::Function::New<shareMemory>(env));
  exports.Set("openMemory", Napi::Function::New<openMemory>(env));
  exports.Set("dieWith", Napi::Function::New<dieWith>(env));
  return exports;
}

NODE_API_MODULE(mpi_futures_sandbox, load)

}  // namespace

}  // namespace mpi_futures
