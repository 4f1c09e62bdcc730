// How many of a class there are: what is made for each pool must go with it.
#pragma once

#include <atomic>

namespace mpi_futures {

template <typename T>
class Counted {
 public:
  // Any thread.
  static int alive() { return alive_; }

 protected:
  Counted() { alive_++; }
  Counted(const Counted&) { alive_++; }
  ~Counted() { alive_--; }

 private:
  static inline std::atomic<int> alive_{0};
};

}  // namespace mpi_futures
