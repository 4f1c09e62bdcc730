// The MPI library that has been loaded, as it describes itself: of one ABI there may be several.
// Any thread, at any time: MPI_Get_library_version may be called before MPI is initialised.
#pragma once

#include <string>

#include "communicators/mpi_setup.h"

namespace mpi_futures {

inline std::string libraryText() {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(text, &length);
  return text;
}

inline bool isOpenMpi() {
  static const bool is = libraryText().find("Open MPI") != std::string::npos;
  return is;
}

}  // namespace mpi_futures
