// A line of a log, and what is wrong with it.

#pragma once

#include <optional>
#include <string>

#include "log/line.hpp"
#include "support/lines.hpp"

namespace agentstore::test {

inline std::optional<log::LineError> refusal(const std::string& line) {
  log::Arena arena;
  log::Line parsed;
  auto error = log::parse_line(line, arena, parsed);
  return error ? error : log::check_hashes(parsed);
}
inline bool good(const std::string& line) {
  return !refusal(line);
}
inline std::string kind(const std::string& line) {
  const auto error = refusal(line);
  return error ? std::string{to_string(error->kind)} : "none";
}
inline std::string without_newline(std::string line) {
  line.pop_back();
  return line;
}

inline std::string sealed_line() {
  return without_newline(LogBuilder{}.write(1, R"({"content":"hi","n":[1,2]})"));
}

inline const std::string go_line =
    R"({"session_id":"s","sequence_number":1,"type":"custom","payload":{"i":1},)"
    R"("timestamp":"2026-03-07T12:00:00Z","metadata":{}})";

}  // namespace agentstore::test
