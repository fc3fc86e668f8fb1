// Random logs for property tests, and ways to damage them.

#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "agentstore/json.hpp"
#include "log/encode.hpp"
#include "log/line.hpp"
#include "support/lines.hpp"

namespace agentstore::test {

/// A log of many forms of lines: the Go library's, in its order of keys or another, and ours.
class RandomLog {
 public:
  explicit RandomLog(std::mt19937_64& random) : random_(random) {
    const std::size_t unsealed = chance(2) ? random_() % 30 : 0;
    const std::size_t sealed = unsealed > 0 && chance(2) ? 0 : random_() % 40;
    for (std::size_t i = 0; i < unsealed; ++i) add_unsealed();
    for (std::size_t i = 0; i < sealed; ++i) add_write();
  }
  const std::string& text() const { return text_; }

 private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  template <std::size_t size>
  const char* one_of(const char* const (&words)[size]) {
    return words[random_() % size];
  }

  const char* type() {
    return one_of({"tool_called", "tool_result", "llm_response", "t\\u0079pe", "a.b:c-d", "Käse",
                   "tool_called\\\",\\\"x", ""});
  }
  const char* stored_type() {
    return one_of({"tool_called", "tool_result", "llm_response", "a.b:c-d", "agentstore.x"});
  }
  std::string payload() {
    std::string text =
        one_of({R"({"n":1})", "null", "[]", "-1e5", R"("\"timestamp\":\"x")",
                R"({"type":"tool_called","timestamp":"2026-03-07T12:00:00Z"})",
                R"({"a":{"x":1,"timestamp":"2026-03-07T12:00:00Z","metadata":{}}})",
                R"({"payload":{},"salt":"","prev":"","hash":""})", R"({"k\u0065y":"\\\"}{"})"});
    if (chance(12)) text = "\"" + std::string(random_() % 9000, 'x') + "\"";
    return text;
  }
  const char* metadata() {
    return one_of({"{}", R"({"tokens_in":5,"cost_usd":0.25})",
                   R"({"extra":{"a":"b","timestamp":"2026-03-07T12:00:00Z"}})",
                   R"({"x":{"z":1,"timestamp":"2026-03-07T12:00:00Z","metadata":{}}})",
                   R"({"m\u006fdel":"a","payload":"}}"})",
                   R"({"a":-0.50,"b":0,"c":-12,"d":true,"e":false,"f":null,"":{}})",
                   R"({"a":1E+2,"b":[1,{"c":"]"}]})", R"({"a":{"b":"c","d":{"e":{}}},"f":1.5e-3})",
                   R"({"0":{"1":{"2":{"3":{"4":{"5":{"6":{"7":{"8":{"9":{}}}}}}}}}}})"});
  }

  void add_unsealed() {
    const std::string id = R"("session_id":"s")";
    const std::string number = R"("sequence_number":)" + std::to_string(++number_);
    const std::string kind = std::string{R"("type":")"} + type() + '"';
    const std::string body = R"("payload":)" + payload();
    const std::string time = R"("timestamp":"2026-03-07T12:0)" + std::to_string(random_() % 2) +
                             ":0" + std::to_string(random_() % 10) +
                             one_of({"Z\"", ".5Z\"", "+01:00\"", ".123456789Z\""});
    const std::string about = R"("metadata":)" + std::string{metadata()};
    std::vector<std::string> keys{id, number, kind, body, time, about};
    if (chance(6)) std::shuffle(keys.begin(), keys.end(), random_);
    if (chance(8)) keys.insert(keys.begin() + 4, R"("more":{"a":[1,2]})");
    if (chance(10)) keys.pop_back();
    const char* const comma = chance(8) ? " , " : ",";
    std::string line = "{";
    for (const std::string& key : keys) line += (line.size() > 1 ? comma : "") + key;
    line += "}";
    log::Arena arena;
    log::Line parsed;
    if (log::parse_line(line, arena, parsed)) {  // A key that has to be there was left out.
      --number_;
      return;
    }
    head_ = log::head_after(parsed, head_);
    text_ += line + "\n";
  }

  void add_write() {
    const std::size_t count = chance(3) ? 1 + random_() % 6 : 1;
    const log::Batch batch = count > 1 ? log::Batch{number_ + 1, number_ + count} : log::Batch{};
    for (std::size_t i = 0; i < count; ++i) {
      ++number_;
      const std::string id = chance(9) ? "e \\u0022" : "e" + std::to_string(number_);
      const std::string body = payload();
      const std::string about = metadata();
      const std::string kind = stored_type();
      log::NumberedEvent event{
          .session_id = "s",
          .sequence_number = number_,
          .type = kind,
          .timestamp = {1'772'884'800 + static_cast<std::int64_t>(random_() % 9) +
                            (chance(4) ? 60 : 0),
                        5},
          .recorded_at = chance(2) ? std::nullopt : std::optional{Timestamp{1'772'884'900, 7}},
          .metadata = about,
          .event_id = id,
          .batch = batch,
          .payload = body};
      if (chance(25)) {
        const std::string hash(64, 'a');
        head_ = log::encode_redacted_line(text_, event, hash, number_ + 1, head_);
      } else {
        head_ = log::encode_line(text_, event, head_);
      }
    }
  }

  std::mt19937_64& random_;
  std::string text_;
  std::uint64_t number_ = 0;
  Hash head_{};
};

/// The text with a line lost, doubled, swapped, changed or cut, and sometimes without its end.
inline std::string mutated(std::mt19937_64& random, const std::string& text) {
  auto lines = lines_of(text);
  if (lines.empty()) return text;
  const auto at = static_cast<std::ptrdiff_t>(random() % lines.size());
  std::string& line = lines[static_cast<std::size_t>(at)];
  switch (random() % 8) {
    case 0: lines.erase(lines.begin() + at); break;
    case 1: std::swap(line, lines[random() % lines.size()]); break;
    case 2: lines.insert(lines.begin() + at, lines[random() % lines.size()]); break;
    case 3: line[random() % line.size()] ^= static_cast<char>(1U << random() % 7); break;
    case 4: line.pop_back(); break;
    case 5: line.insert(line.size() - 1, "\r"); break;
    case 6: line.insert(random() % line.size(), 1, "{}\",: \n0"[random() % 8]); break;
    default: lines.insert(lines.begin() + at, "\n"); break;
  }
  std::string out;
  for (const std::string& one : lines) out += one;
  if (random() % 4 == 0) out.resize(random() % (out.size() + 1));
  return out;
}

}  // namespace agentstore::test
