// What the benchmarks share: a clock, medians, results that have to be there, a folder.

#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "agentstore/agentstore.hpp"

namespace agentstore::perf {

template <class Work>
double seconds(Work work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The median of what `measure` gives, of so many times.
template <class Measure>
double median(int times, Measure measure) {
  std::vector<double> all;
  for (int i = 0; i < times; ++i) all.push_back(measure());
  std::ranges::sort(all);
  return all[all.size() / 2];
}

/// The value of a result, or the end of the benchmark.
template <class T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// A new folder, gone with this object, in `parent` or in TMPDIR.
class WorkFolder {
 public:
  explicit WorkFolder(const std::filesystem::path& parent) {
    std::string name = (parent.empty() ? std::filesystem::temp_directory_path() : parent) /
                       "agentstore-perf-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr) {
      std::perror(name.c_str());
      std::exit(1);
    }
    path_ = name;
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace agentstore::perf
