// The one place that includes mpi.h. The C++ bindings that old releases of Open MPI and MPICH carry
// are switched off in CMakeLists.txt: they would add a second library and are not used.
#pragma once

#include <mpi.h>

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace mpi_futures {

// The binary interface this variant is compiled for: "openmpi", "mpich", or "standard" for that of
// MPI 5. Whose the library is that comes with it, it says itself: library.h.
inline constexpr const char* kAbi = MPI_FUTURES_ABI;

#if defined(MPI_ABI_VERSION) && MPI_ABI_VERSION >= 1
inline constexpr bool kIsStandardAbi = true;
#else
inline constexpr bool kIsStandardAbi = false;
#endif
static_assert(kIsStandardAbi == (std::string_view(kAbi) == "standard"),
              "this mpi.h is of another binary interface than the addon");

// The error of a failed MPI call, in its own words. Thrown on threads without JavaScript, turned
// into a JavaScript error by async_call.h.
struct MpiFailure {
  std::string call;
  int code = MPI_SUCCESS;
  int errorClass = MPI_SUCCESS;
  std::string text;

  MpiFailure(std::string call_, int code_) : call(std::move(call_)), code(code_) {
    int started = 0;
    int ended = 0;
    MPI_Initialized(&started);
    MPI_Finalized(&ended);
    if (!started || ended) {  // Open MPI would end the job if it were asked then
      errorClass = code;
      text = "it has failed, and MPI can say why only while it runs";
      return;
    }
    MPI_Error_class(code, &errorClass);
    char buffer[MPI_MAX_ERROR_STRING] = "";
    int length = 0;
    if (MPI_Error_string(code, buffer, &length) == MPI_SUCCESS) text.assign(buffer, length);
  }
};

// From a catch block: what was thrown, as the error of an operation. What is no such error is
// thrown on.
inline MpiFailure currentFailure() {
  try {
    throw;
  } catch (const MpiFailure& failure) {
    return failure;
  } catch (const std::bad_alloc&) {
    return {"operator new", MPI_ERR_NO_MEM};
  }
}

inline void check(int code, const char* call) {
  if (code != MPI_SUCCESS) throw MpiFailure(call, code);
}

}  // namespace mpi_futures
