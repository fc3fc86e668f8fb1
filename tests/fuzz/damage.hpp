// A small language for damaged logs. Hashes cannot be guessed by a fuzzer, so its bytes say what
// happens to sealed lines: which of them stand where, and what was cut, turned and written over.

#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "support/lines.hpp"

namespace agentstore::fuzz {

/// Lines of two histories of one session that part after the first write, and of the Go library.
inline const std::vector<std::string>& pool_of_lines() {
  static const auto pool = [] {
    std::vector<std::string> lines;
    for (const std::string_view payload : {"{\"n\":1}", "[]"}) {
      test::LogBuilder log;
      log.write();
      log.write(2, payload);
      log.write(1, payload);
      log.write(3, payload);
      log.write(1, payload);
      for (std::string& line : test::lines_of(log.text())) lines.push_back(std::move(line));
    }
    test::LogBuilder go;
    for (int i = 0; i < 2; ++i) go.go_line("1");
    go.write();
    go.write(2);
    for (std::string& line : test::lines_of(go.text())) lines.push_back(std::move(line));
    return lines;
  }();
  return pool;
}

/// Operands, byte by byte; zeros behind the end.
class Operands {
 public:
  explicit Operands(std::string_view bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  unsigned take() {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }
  std::string_view take(std::size_t size) {
    const auto taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view bytes_;
};

/// A log that has so many bytes gets no further line: what goes wrong goes wrong between a few of
/// them, and each costs a run time. Two lines of ours, or the three of the history.
inline constexpr std::size_t log_bytes_max = 400;

/// The log that a program makes, until the next call. Small letters and digits, so that programs
/// can be read.
inline const std::string& damaged_log(std::string_view program) {
  static const auto& pool = pool_of_lines();
  static std::string log;
  log.clear();
  Operands operands{program};
  const auto place = [&] {
    const std::size_t high = operands.take();
    return std::min(log.size(), high * 16 + operands.take());
  };
  while (!operands.empty()) {
    const unsigned what = operands.take();
    const bool room = log.size() < log_bytes_max;
    if (what >= 'a' && what < 'a' + pool.size()) {
      if (room) log += pool[what - 'a'];
    } else if (what == '0' && room) {  // The history that everything else is done to.
      for (std::size_t i = 0; i < 3; ++i) log += pool[i];
    } else if (what == '1') {
      log.resize(place());
    } else if (what == '2') {
      const std::size_t at = place();
      const unsigned bit = operands.take() % 8;
      if (at < log.size()) log[at] = static_cast<char>(log[at] ^ (1 << bit));
    } else if (what == '3') {
      log.append(operands.take(), '\0');
    } else if (what == '4') {
      const std::size_t size = operands.take();
      log += operands.take(size);
    } else if (what == '5') {
      const std::size_t at = place();
      const std::size_t size = operands.take();
      const std::string_view bytes = operands.take(size);
      log.replace(at, std::min(bytes.size(), log.size() - at), bytes);
    } else if (what == '6') {
      const std::string& line = pool[operands.take() % pool.size()];
      const std::size_t size = operands.take() * 4;
      if (log.size() < 3 * log_bytes_max) log.append(line, 0, size);
    } else if (what == '7') {  // A stretch that never reached the disk.
      const std::size_t at = place();
      const std::size_t size = std::min<std::size_t>(operands.take() * 4, log.size() - at);
      log.replace(at, size, size, '\0');
    } else if (what == '8') {
      const std::size_t at = place();
      log.erase(at, operands.take());
    }
  }
  return log;
}

}  // namespace agentstore::fuzz
