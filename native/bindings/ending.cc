// Processes: watched, and ended. JavaScript thread only, as all of bindings/.
#include "ending/ending.h"

#include <vector>

#include "bindings/exports.h"
#include "bindings/handles.h"
#include "ending/output_pipes.h"
#include "ending/process_watch.h"
#include "javascript/arguments.h"
#include "javascript/async_call.h"
#include "javascript/callbacks.h"
#include "javascript/inbox.h"
#include "mpi_thread/mpi_thread.h"

namespace mpi_futures {

namespace {

// watchProcess(pid): boolean — processEnded(pid) is called once it has ended; false if it cannot be
// watched
Napi::Value watchProcess(const Info& info) {
  const int64_t pid = longInteger(info[0]);
  const bool watched = ProcessWatch::instance().watch(pid, [pid] {
    Inbox& inbox = Inbox::instance();
    inbox.put([pid](Napi::Env env) { Callbacks::instance().processEnded(env, pid); });
    inbox.flush();
  });
  return Napi::Boolean::New(info.Env(), watched);
}

// exitWith(pid, code): boolean — this process ends when that one has, whatever JavaScript does
Napi::Value exitWith(const Info& info) {
  const int code = integer(info[1]);
  const bool watched = ProcessWatch::instance().watch(
      longInteger(info[0]), [code] { Ending::instance().masterEnded(code); });
  return Napi::Boolean::New(info.Env(), watched);
}

void unwatchProcess(const Info& info) { ProcessWatch::instance().unwatch(longInteger(info[0])); }

Napi::Value dieWithParentNow(const Info& info) {
  return Napi::Boolean::New(info.Env(), dieWithParent());
}

// offerOutput(): [number, number] | [] — descriptors of this process: what it writes to stdout and
// stderr can be read there once settleOutput(true) was called
Napi::Value offerOutput(const Info& info) {
  const std::vector<int> ends = OutputPipes::instance().offer();
  Napi::Array result = Napi::Array::New(info.Env(), ends.size());
  for (uint32_t i = 0; i < ends.size(); i++) result.Set(i, ends[i]);
  return result;
}

// settleOutput(taken): void — `taken`: somebody has opened them
void settleOutput(const Info& info) { OutputPipes::instance().settle(info[0].As<Napi::Boolean>()); }

// describeEnd(launched, connecting, failed, peers): void
void describeEnd(const Info& info) {
  Ending::instance().describe(info[0].As<Napi::Boolean>(), info[1].As<Napi::Boolean>(),
                              info[2].As<Napi::Boolean>(), info[3].As<Napi::Boolean>());
}

// end(code): void
void end(const Info& info) { Ending::instance().end(integer(info[0])); }

// endAtExit(code): void — does the same in exit(), when the process has printed its last words
void endAtExit(const Info& info) { Ending::instance().endAtExit(integer(info[0])); }

// finalize(deadline, mpiToo): boolean
Napi::Value finalize(const Info& info) {
  const bool done = Ending::instance().finalize(std::chrono::milliseconds(integer(info[0])),
                                                info[1].As<Napi::Boolean>());
  return Napi::Boolean::New(info.Env(), done);
}

// counts(): { name: number } — how many objects of each kind there are, for tests of leaks
Napi::Value counts(const Info& info) {
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("channels", Channel::alive());
  result.Set("communicators", static_cast<double>(communicators->size()));
  result.Set("mailboxes", Mailbox::alive());
  return result;
}

// finalizeLater(): Promise<void> — finalizes when that is agreed, and all operations have ended
Napi::Value finalizeLater(const Info& info) {
  const PendingPromise pending(info.Env());
  MpiThread::instance().run([pending] {
    Ending::instance().finalizeLater(
        [pending] { pending.resolve([](Napi::Env env) { return env.Undefined(); }); });
  });
  return pending.promise();
}

// abort(code, deadline): void
void abort(const Info& info) {
  Ending::instance().abort(integer(info[0]), std::chrono::milliseconds(integer(info[1])));
}

// exitNow(code): never
void exitNow(const Info& info) { Ending::exitNow(integer(info[0])); }

}  // namespace

void addEnding(const Exports& add) {
  add("watchProcess", watchProcess);
  add("exitWith", exitWith);
  add("unwatchProcess", unwatchProcess);
  add("dieWithParent", dieWithParentNow);
  add("offerOutput", offerOutput);
  add("settleOutput", settleOutput);
  add("describeEnd", describeEnd);
  add("end", end);
  add("endAtExit", endAtExit);
  add("finalize", finalize);
  add("counts", counts);
  add("finalizeLater", finalizeLater);
  add("abort", abort);
  add("exitNow", exitNow);
}

}  // namespace mpi_futures
