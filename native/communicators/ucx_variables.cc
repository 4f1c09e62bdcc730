// What UCX, a transport of both MPIs, is told before it is loaded. lib/addon/library_settings.ts
// says why, and tells it too; but a thread of JavaScript and a file of jest's tests have a copy of
// the environment. UCX reads the variables in a constructor of its own, before the addon can be
// called: so this one runs first of all, by the linker's initfirst (glibc). The program's values
// stand.
#include <cstdlib>

namespace {

[[gnu::constructor]] void setUcxVariables() {
  ::setenv("UCX_ERROR_SIGNALS", "", 0);
  ::setenv("UCX_MEM_EVENTS", "no", 0);
  ::setenv("UCX_DEBUG_SIGNO", "0", 0);
}

}  // namespace
