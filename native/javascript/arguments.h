// Reading call arguments. The caller is our own lib/addon, which has checked them; what is wrong
// here is a mistake of ours. JavaScript thread.
#pragma once

#include <napi.h>

#include <string>
#include <utility>
#include <vector>

namespace mpi_futures {

inline int integer(const Napi::Value& value) { return value.As<Napi::Number>().Int32Value(); }
inline int64_t longInteger(const Napi::Value& value) {
  return value.As<Napi::Number>().Int64Value();
}
inline std::string text(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }

inline std::vector<std::string> texts(const Napi::Value& value) {
  auto array = value.As<Napi::Array>();
  std::vector<std::string> result;
  for (uint32_t i = 0; i < array.Length(); i++) result.push_back(text(array.Get(i)));
  return result;
}

// ['key', 'value', 'key', 'value', …]
inline std::vector<std::pair<std::string, std::string>> textPairs(const Napi::Value& value) {
  const std::vector<std::string> flat = texts(value);
  std::vector<std::pair<std::string, std::string>> result;
  for (size_t i = 0; i + 1 < flat.size(); i += 2) result.emplace_back(flat[i], flat[i + 1]);
  return result;
}

}  // namespace mpi_futures
