// What the benchmarks share: a clock, medians, results that have to be there, a folder, and the
// rows and series that they print for tests/perf/run.

#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
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

inline double median_of(std::vector<double> all) {
  std::ranges::sort(all);
  return all[all.size() / 2];
}

/// The median of what `measure` gives, of so many times.
template <class Measure>
double median(int times, Measure measure) {
  std::vector<double> all;
  for (int i = 0; i < times; ++i) all.push_back(measure());
  return median_of(std::move(all));
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

/// One line of a table. `unit` is that of both values; one that ends in "/s" is better when larger,
/// any other when smaller.
struct Row {
  std::string_view benchmark;
  std::string work;
  double ours = 0;
  std::string_view unit;
  std::string_view peer = "";  ///< "limit": `peer_value` is no peer's, but a figure to stay within
  std::optional<double> peer_value = std::nullopt;  ///< absent, with a peer: it is missing
  std::optional<double> aim = std::nullopt;         ///< the ratio to reach
  std::string_view state = "";                      ///< of the page cache: r, a
  std::string note = "";
};

/// One curve of a plot: pairs of x and y.
struct Series {
  std::string_view plot;
  std::string_view x_label;
  std::string_view y_label;
  std::string_view series;
  std::vector<std::pair<double, double>> points;
};

inline std::string json_text(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') json += '\\';
    json += c;
  }
  return json + '"';
}

inline std::string json_number(std::optional<double> value) {
  char text[32] = "null";
  if (value) std::snprintf(text, sizeof text, "%.6g", *value);
  return text;
}

/// Prints a row, and how many times better ours is than the peer.
inline void row(const Row& it) {
  std::optional<double> ratio;
  if (it.peer_value) {
    ratio = it.unit.ends_with("/s") ? it.ours / *it.peer_value : *it.peer_value / it.ours;
  }
  const std::string line =
      "{\"benchmark\":" + json_text(it.benchmark) + ",\"work\":" + json_text(it.work) +
      ",\"ours\":" + json_number(it.ours) + ",\"unit\":" + json_text(it.unit) +
      ",\"peer\":" + json_text(it.peer) + ",\"peer_value\":" + json_number(it.peer_value) +
      ",\"ratio\":" + json_number(ratio) + ",\"aim\":" + json_number(it.aim) +
      ",\"state\":" + json_text(it.state) + ",\"note\":" + json_text(it.note) + "}";
  std::puts(line.c_str());
  std::fflush(stdout);
}

inline void series(const Series& it) {
  std::string points;
  for (const auto& [x, y] : it.points) {
    points +=
        std::string(points.empty() ? "[" : ",[") + json_number(x) + "," + json_number(y) + "]";
  }
  const std::string line = "{\"plot\":" + json_text(it.plot) +
                           ",\"x_label\":" + json_text(it.x_label) +
                           ",\"y_label\":" + json_text(it.y_label) +
                           ",\"series\":" + json_text(it.series) + ",\"points\":[" + points + "]}";
  std::puts(line.c_str());
  std::fflush(stdout);
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
