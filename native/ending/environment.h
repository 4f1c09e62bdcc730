// Variables that switch something off. Any thread, before the program changes its environment.
#pragma once

#include <cstdlib>
#include <string>

namespace mpi_futures {

inline bool isSwitchedOff(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return false;
  const std::string word(value);
  return word == "0" || word == "off" || word == "no" || word == "false";
}

}  // namespace mpi_futures
