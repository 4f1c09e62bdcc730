// The start of MPI, and the library that it is. JavaScript thread only, as all of bindings/.
#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <string>

#include "bindings/exports.h"
#include "bindings/handles.h"
#include "communicators/library.h"
#include "communicators/world.h"
#include "ending/ending.h"
#include "ending/process_manager.h"
#include "javascript/arguments.h"
#include "javascript/async_call.h"
#include "javascript/callbacks.h"
#include "javascript/inbox.h"
#include "javascript/ring_loop.h"
#include "mpi_thread/mpi_thread.h"

namespace mpi_futures {

namespace {

// JavaScript counts them from 0 to 3; their values differ between binary interfaces.
constexpr int kThreadLevels[] = {MPI_THREAD_SINGLE, MPI_THREAD_FUNNELED, MPI_THREAD_SERIALIZED,
                                 MPI_THREAD_MULTIPLE};

Napi::Value describe(Napi::Env env, const World& world) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("unusable", world.unusable);
  result.Set("threadLevel", std::distance(std::begin(kThreadLevels),
                                          std::find(std::begin(kThreadLevels),
                                                    std::end(kThreadLevels), world.threadLevel)));
  result.Set("world", describe(env, world.world));
  result.Set("parent", describe(env, world.parent));
  result.Set("universeSize", world.universeSize);
  result.Set("processorName", world.processor);
  return result;
}

// setVariable(name, value) — in the environment that the MPI library reads, where it is not set
// there.
void setVariable(const Info& info) {
  ::setenv(info[0].As<Napi::String>().Utf8Value().c_str(),
           info[1].As<Napi::String>().Utf8Value().c_str(), 0);
}

// takeSocket(): number — see process_manager.h.
Napi::Value takeSocketOfLauncher(const Info& info) {
  return Napi::Number::New(info.Env(), takeSocket());
}

// lockFile(path): number — locks a file until this process ends, for all of its threads. 0 if this
// process has the lock, also where the file system has none; else the id of the process that has
// it, or −1 if that is in another namespace of process ids.
Napi::Value lockFile(const Info& info) {
  static int file = -1;  // closing it would give the lock away
  const std::string path = info[0].As<Napi::String>();
  if (file < 0) file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return Napi::Number::New(info.Env(), 0);
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool isOfAnother = fcntl(file, F_SETLK, &lock) != 0 && (errno == EACCES || errno == EAGAIN);
  if (!isOfAnother) return Napi::Number::New(info.Env(), 0);
  const bool isFound = fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0;
  return Napi::Number::New(info.Env(), isFound ? static_cast<int>(lock.l_pid) : -1);
}

// libraryVersion(): string — also before MPI is initialised.
Napi::Value libraryVersion(const Info& info) {
  return Napi::String::New(info.Env(), libraryText());
}

// claim(): boolean — false if MPI belongs to another thread of this process.
Napi::Value claim(const Info& info) {
  return Napi::Boolean::New(info.Env(), MpiThread::instance().claim());
}

// initialize(threadLevel, handlers): Promise<World> — after claim(), once.
Napi::Value initialize(const Info& info) {
  Napi::Env env = info.Env();
  MpiThread& thread = MpiThread::instance();
  const int level = kThreadLevels[integer(info[0])];
  const Napi::Object handlers = info[1].As<Napi::Object>();
  Callbacks::instance().open(handlers);
  RingLoop::instance().open(env, thread);
  Inbox::instance().open(env, handlers.Get("messages").As<Napi::Function>(),
                         handlers.Get("delivered").As<Napi::Function>());
  env.AddCleanupHook([] { orEnd([] { Ending::instance().environmentEnds(); }); });

  const PendingPromise pending(env);
  thread.start([pending, level] {
    try {
      const World world = initializeWorld(level);
      pending.resolve([world](Napi::Env env) { return describe(env, world); });
      if (!world.unusable.empty()) return -1;
      Ending::instance().started(world.isStartedHere);
      return world.threadLevel;
    } catch (...) {
      pending.reject(currentFailure());
      return -1;
    }
  });
  return pending.promise();
}

// hold(on): void — the event loop stays alive while there are more calls with true than with false
void hold(const Info& info) {
  if (info[0].As<Napi::Boolean>()) {
    Inbox::instance().hold(info.Env());
  } else {
    Inbox::instance().release(info.Env());
  }
}

// expect(on): void — whether answers are outstanding.
void expect(const Info& info) { MpiThread::instance().expect(info[0].As<Napi::Boolean>()); }

// setBackoff(milliseconds): void
void setBackoff(const Info& info) {
  const double milliseconds = info[0].As<Napi::Number>();
  MpiThread::instance().setBackoff(
      std::chrono::microseconds(static_cast<int64_t>(milliseconds * 1000)));
}

// standardVersion(): [version, subversion] — also before MPI is initialised
Napi::Value standardVersion(const Info& info) {
  int version = 0;
  int subversion = 0;
  MPI_Get_version(&version, &subversion);
  Napi::Array result = Napi::Array::New(info.Env(), 2);
  result.Set(0u, version);
  result.Set(1u, subversion);
  return result;
}

// errorClasses(): { name: number }
Napi::Value errorClasses(const Info& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  // They are constants of an enum in the mpi.h of MPI 5.
  const auto set = [&result](const char* name, int errorClass) { result.Set(name, errorClass); };
  set("arg", MPI_ERR_ARG);
  set("comm", MPI_ERR_COMM);
  set("count", MPI_ERR_COUNT);
  set("op", MPI_ERR_OP);
  set("other", MPI_ERR_OTHER);
  set("root", MPI_ERR_ROOT);
  set("type", MPI_ERR_TYPE);
  return result;
}

}  // namespace

void addStarting(const Exports& add) {
  add("setVariable", setVariable);
  add("takeSocket", takeSocketOfLauncher);
  add("lockFile", lockFile);
  add("libraryVersion", libraryVersion);
  add("claim", claim);
  add("initialize", initialize);
  add("hold", hold);
  add("expect", expect);
  add("setBackoff", setBackoff);
  add("standardVersion", standardVersion);
  add("errorClasses", errorClasses);
}

}  // namespace mpi_futures
