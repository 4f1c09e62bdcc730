// The outermost call of each thread of this addon, and of each callback. An exception that nobody
// handles, such as for want of memory, ends the job with a message, where C++ would only end the
// process.
#pragma once

#include <exception>
#include <new>

namespace mpi_futures {

// Any thread. Ends the process, and the job where the launcher is to be told so. Allocates nothing.
[[noreturn]] void endFor(const char* reason);

template <typename Body>
void orEnd(Body&& body) noexcept {
  try {
    body();
  } catch (const std::bad_alloc&) {
    endFor("there is no memory left");
  } catch (const std::exception& error) {
    endFor(error.what());
  } catch (...) {
    endFor("an exception that nobody handles");
  }
}

}  // namespace mpi_futures
