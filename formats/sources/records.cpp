#include "formats/sources/records.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "agentstore/event.hpp"
#include "agentstore/json.hpp"

namespace agentstore::formats {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// The first keys of an object that `text` begins with, as far as they are behind texts.
std::array<std::string_view, 2> first_keys(std::string_view text) {
  std::array<std::string_view, 2> keys;
  std::size_t at = 1;
  for (std::string_view& key : keys) {
    if (at >= text.size() || text[at] != '"') break;
    const std::size_t end = text.find('"', at + 1);
    if (end == text.npos) break;
    key = text.substr(at, end + 1 - at);
    const std::size_t value = text.find_first_not_of(" :", end + 1);
    if (value == text.npos || text[value] != '"') break;
    const std::string_view rest = text.substr(value);
    std::size_t close = 1;
    while (close < rest.size() && rest[close] != '"') close += rest[close] == '\\' ? 2 : 1;
    at = text.find_first_not_of(" ,", value + std::min(close + 1, rest.size()));
  }
  return keys;
}

/// Whether two records are of one writer's, as far as the first, which is cut off, can tell.
bool begin_alike(std::string_view cut, std::string_view whole) {
  const auto [first, second] = first_keys(cut);
  const auto [whole_first, whole_second] = first_keys(whole);
  return first == whole_first && (second.empty() || second == whole_second);
}

/// Where the first object begins that the rest of the line is; null: there is none. A killed writer
/// leaves a part of a record, and the next one goes on behind it: `wrong_at_bytes` says where the
/// line stops making sense. Where it makes sense to its end, it may be no more than cut off, and
/// hold such an object: then a record begins as the line does.
const char* whole_object_after(std::string_view line, std::size_t wrong_at_bytes) {
  constexpr std::size_t read_of_line_max = 64;
  const char* const limit = line.data() + line.size();
  const bool goes_on = wrong_at_bytes >= line.size();
  std::size_t budget = read_of_line_max * line.size();
  for (std::size_t at = line.find("{\"", 1); at != line.npos && at <= wrong_at_bytes;
       at = line.find("{\"", at + 1)) {
    if (goes_on && !begin_alike(line.substr(0, at), line.substr(at))) continue;
    const char* end = nullptr;
    const char* const object = line.data() + at;
    const auto wrong = json::check_value(object, limit, json::rules_to_read, end);
    if (!wrong && end == limit) return object;
    const std::size_t read =
        wrong ? wrong->offset_bytes + 1 : static_cast<std::size_t>(end - object);
    if (read >= budget) return nullptr;
    budget -= read;
  }
  return nullptr;
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
      take_line({piece, bytes.data() + bytes.size(), true}, take);
    } else {
      keep(piece);
      take_kept(true, take);
    }
    line_offset_ += std::exchange(line_bytes_, 0);
  }
  line_bytes_ += bytes.size();
  keep(bytes);
}

void RecordSplitter::end(const Take& take) {
  if (!kept_.empty() || too_long_) take_kept(false, take);
}

void RecordSplitter::take_kept(bool terminated, const Take& take) {
  const std::size_t size = kept_.size();
  kept_.append(json::ForeignParser::padding_bytes, ' ');
  take_line({std::string_view{kept_}.substr(0, size), kept_.data() + kept_.size(), terminated},
            take);
  kept_.clear();
}

void RecordSplitter::take_line(Line line, const Take& take) {
  std::string_view& text = line.text;
  ++tally_.lines;
  if (too_long_) {
    too_long_ = false;
    return skip("the line is longer than 64 MiB");
  }
  if (tally_.lines == 1 && text.starts_with(byte_order_mark))
    text.remove_prefix(byte_order_mark.size());
  text = json::trimmed(text);
  if (text.empty()) ++tally_.blank_lines;
  else if (!take_whole(line, take)) take_values(line, take);
}

void RecordSplitter::take_value(const SourceRecord& record, const Take& take) {
  ++tally_.records;
  if (json::kind_of(record.json) != json::Kind::object) ++tally_.non_objects;
  take(record);
}

// Most lines are one object.
bool RecordSplitter::take_whole(const Line& line, const Take& take) {
  const auto value = parser_.parse(line.text, line.readable_end);
  if (!value) return false;
  take_value({*value, tally_.lines, line_offset_, true, parser_.compact()}, take);
  return true;
}

void RecordSplitter::take_values(const Line& line, const Take& take) {
  const bool terminated = line.terminated;
  const char* const limit = line.text.data() + line.text.size();
  const char* at = line.text.data();
  bool glued = false;
  for (std::uint64_t values = 0; at != limit;) {
    if (values == 1 && !std::exchange(glued, true)) ++tally_.glued_lines;
    const char* end = nullptr;
    auto wrong = json::check_value(at, limit, json::rules_to_store, end);
    const bool storable = !wrong;
    if (wrong && !json::check_value(at, limit, json::rules_to_read, end)) wrong.reset();
    // Words may begin with a number, and a number may go on where the line is not ended.
    const bool scalar = *at != '{' && *at != '[';
    if (!wrong && scalar && (end != limit || values > 0 || !terminated))
      wrong = json::SyntaxError{.what = "something else follows a value"};
    if (wrong) {
      const std::string_view rest{at, static_cast<std::size_t>(limit - at)};
      const bool cut_off = terminated || wrong->offset_bytes < rest.size();
      const bool may_be_cut = !scalar || *at == '\0';
      const char* const whole =
          may_be_cut && cut_off ? whole_object_after(rest, wrong->offset_bytes) : nullptr;
      if (whole != nullptr) {
        skip(std::to_string(whole - at) +
             " bytes of a record that was cut off, with a whole one "
             "after them");
        at = whole;
        continue;
      }
      tally_.torn = tally_.torn || !terminated;
      const bool words = tally_.records == 0 && scalar;
      return skip(!terminated ? "the last line is cut off"
                  : words     ? "words before the first record"
                              : std::string{"no JSON: "} + wrong->what);
    }
    const std::string_view value{at, static_cast<std::size_t>(end - at)};
    ++values;
    take_value({value, tally_.lines, line_offset_, storable}, take);
    at = end;
    while (at != limit && json::is_space(*at)) ++at;
  }
}

}  // namespace agentstore::formats
