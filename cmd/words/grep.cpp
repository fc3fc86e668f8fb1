#include "cmd/words/grep.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "cmd/time_limit.hpp"
#include "cmd/words/pattern.hpp"
#include "formats/sources/made_texts.hpp"

namespace agentstore::cmd {
namespace {

/// Whether one of the patterns may be in it; with none, anything may.
bool may_be_in(const OneOf& patterns, std::string_view json) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const BytePattern& pattern) {
           return static_cast<bool>(pattern.find(json));
         });
}

bool found_in_json(std::string_view json, const OneOf& needs, const re2::RE2& expression) {
  if (!may_be_in(needs, json)) return false;
  if (json.find('\\') == json.npos) return re2::RE2::PartialMatch(json, expression);
  return re2::RE2::PartialMatch(resolved(json), expression);
}

/// What JSON text has to hold that matches.
OneOf needs_of(const re2::RE2& expression) {
  OneOf needs;
  for (const std::string& text : required_texts(expression))
    needs.push_back(BytePattern::of(text, true));
  if (std::ranges::any_of(needs, &BytePattern::empty)) needs.clear();
  return needs;
}

/// The longest part that stands in one word of an event and, unless converters write it, of a
/// record.
std::string_view raw_part(std::string_view text) {
  const auto is_of_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  constexpr std::size_t bytes_min = 2;
  std::string_view longest;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && is_of_word(text[end])) ++end;
    const std::string_view part = text.substr(at, end - at);
    if (part.size() >= bytes_min && part.size() > longest.size() && !formats::may_be_made(part))
      longest = part;
    at = end + 1;
  }
  return longest;
}

}  // namespace

Result<RawFilter> raw_filter_of_grep(std::string_view pattern) {
  const auto expression = read_pattern(pattern);
  if (!expression) return std::unexpected{expression.error()};
  OneOf needs;
  for (const std::string& text : required_texts(**expression))
    needs.push_back(BytePattern::of(raw_part(text), true));
  return RawFilter{{std::move(needs)}, false};
}

Result<std::function<bool(const EventView&)>> make_grep(std::string_view pattern) {
  auto read = read_pattern(pattern);
  if (!read) return std::unexpected{read.error()};
  return [expression = *read, needs = needs_of(**read)](const EventView& event) {
    const LimitedWork limited{"--grep"};
    return re2::RE2::PartialMatch(re2::StringPiece{event.type.data(), event.type.size()},
                                  *expression) ||
           found_in_json(event.payload, needs, *expression) ||
           found_in_json(event.metadata, needs, *expression);
  };
}

}  // namespace agentstore::cmd
