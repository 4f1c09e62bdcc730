// Random numbers for tests: the same for the same seed, wherever they are drawn.
#pragma once

#include <cstdint>

// Xorshift; the seed must not be 0.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t operator()() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    return state_ ^= state_ << 17;
  }
  uint64_t operator()(uint64_t below) { return (*this)() % below; }

 private:
  uint64_t state_;
};
