// A function that is called later, maybe by another thread, and owns what it needs: std::function
// holds only what can be copied, and std::move_only_function is C++23. What it owns is freed with
// it, whether or not it was called.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace mpi_futures {

template <typename Signature>
class MoveOnlyFunction;

template <typename Result, typename... Arguments>
class MoveOnlyFunction<Result(Arguments...)> {
 public:
  MoveOnlyFunction() = default;
  template <typename F, typename = std::enable_if_t<
                            !std::is_same_v<std::remove_reference_t<F>, MoveOnlyFunction>>>
  MoveOnlyFunction(F&& function)  // NOLINT: a function converts to it, as to std::function
      : called_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(function))) {}

  explicit operator bool() const { return called_ != nullptr; }
  Result operator()(Arguments... arguments) {
    return called_->call(std::forward<Arguments>(arguments)...);
  }

 private:
  struct Callable {
    virtual ~Callable() = default;
    virtual Result call(Arguments... arguments) = 0;
  };
  template <typename F>
  struct Holder final : Callable {
    template <typename G>
    explicit Holder(G&& function) : function_(std::forward<G>(function)) {}
    Result call(Arguments... arguments) override {
      return function_(std::forward<Arguments>(arguments)...);
    }
    F function_;
  };

  std::unique_ptr<Callable> called_;
};

}  // namespace mpi_futures
