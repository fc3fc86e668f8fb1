#include "formats/sources/records.hpp"

#include <utility>

#include "agentstore/event.hpp"
#include "agentstore/json.hpp"

namespace agentstore::formats {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

}  // namespace

void RecordSplitter::skip(std::string why) {
  tally_.skip(
      {.path = {}, .line = tally_.lines, .offset_bytes = line_offset_, .why = std::move(why)});
}

void RecordSplitter::keep(std::string_view rest) {
  if (too_long_) return;
  kept_ += rest;
  if (kept_.size() < line_bytes_max) return;
  too_long_ = true;
  kept_.clear();
}

void RecordSplitter::feed(std::string_view bytes, const Take& take) {
  tally_.bytes += bytes.size();
  for (;;) {
    const std::size_t newline = bytes.find('\n');
    if (newline == bytes.npos) break;
    const std::string_view piece = bytes.substr(0, newline);
    bytes.remove_prefix(newline + 1);
    line_bytes_ += piece.size() + 1;
    if (kept_.empty() && !too_long_) {
      take_line(piece, true, take);
    } else {
      keep(piece);
      take_line(kept_, true, take);
      kept_.clear();
    }
    line_offset_ += std::exchange(line_bytes_, 0);
  }
  line_bytes_ += bytes.size();
  keep(bytes);
}

void RecordSplitter::end(const Take& take) {
  if (!kept_.empty() || too_long_) take_line(kept_, false, take);
  kept_.clear();
}

void RecordSplitter::take_line(std::string_view line, bool terminated, const Take& take) {
  ++tally_.lines;
  if (too_long_) {
    too_long_ = false;
    return skip("the line is longer than 64 MiB");
  }
  if (tally_.lines == 1 && line.starts_with(byte_order_mark))
    line.remove_prefix(byte_order_mark.size());
  line = trimmed(line);
  if (line.empty()) {
    ++tally_.blank_lines;
    return;
  }
  take_values(line, terminated, take);
}

void RecordSplitter::take_values(std::string_view line, bool terminated, const Take& take) {
  const char* const limit = line.data() + line.size();
  const char* at = line.data();
  for (std::uint64_t values = 0; at != limit; ++values) {
    if (values == 1) ++tally_.glued_lines;
    const char* end = nullptr;
    auto wrong = json::check_value(at, limit, json::rules_to_store, end);
    const bool storable = !wrong;
    if (wrong && !json::check_value(at, limit, json::rules_to_read, end)) wrong.reset();
    // Words may begin with a number, and a number may go on where the line is not ended.
    const bool scalar = *at != '{' && *at != '[';
    if (!wrong && scalar && (end != limit || values > 0 || !terminated))
      wrong = json::SyntaxError{.what = "something else follows a value"};
    if (wrong) {
      tally_.torn = tally_.torn || !terminated;
      const bool words = tally_.records == 0 && scalar;
      return skip(!terminated ? "the last line is cut off"
                  : words     ? "words before the first record"
                              : std::string{"no JSON: "} + wrong->what);
    }
    const std::string_view value{at, static_cast<std::size_t>(end - at)};
    ++tally_.records;
    if (json::kind_of(value) != json::Kind::object) ++tally_.non_objects;
    take({value, tally_.lines, line_offset_, storable});
    at = end;
    while (at != limit && is_space(*at)) ++at;
  }
}

}  // namespace agentstore::formats
