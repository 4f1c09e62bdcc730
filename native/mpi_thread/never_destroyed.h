// A global object without a destructor: exit() may run while the MPI thread still uses it.
#pragma once

namespace mpi_futures {

// As a global or a static variable. As this is a union, nobody destroys what it holds.
template <typename T>
union NeverDestroyed {
  NeverDestroyed() : object_() {}
  ~NeverDestroyed() {}  // NOLINT: that of `object_` is not called
  NeverDestroyed(const NeverDestroyed&) = delete;
  NeverDestroyed& operator=(const NeverDestroyed&) = delete;

  T& operator*() { return object_; }
  T* operator->() { return &object_; }

 private:
  T object_;
};

}  // namespace mpi_futures
