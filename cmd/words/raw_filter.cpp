#include "cmd/words/raw_filter.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <ranges>
#include <utility>

#include "agentstore/json.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr std::size_t escape_bytes = 6;

bool is_of_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// Whether the bytes from `begin` to `end`, which stand for themselves, are in the name of a
/// member: after them its string ends, and a colon follows.
bool is_in_name(std::string_view json, std::size_t end) {
  while (end < json.size() && is_of_a_name(json[end])) ++end;
  if (end == json.size() || json[end] != '"') return false;
  ++end;
  while (end < json.size() && json::is_space(json[end])) ++end;
  return end < json.size() && json[end] == ':';
}

/// Whether they are in the text of a member that says what the others are.
bool is_of_a_type(std::string_view json, std::size_t begin) {
  std::size_t at = begin;
  while (at > 0 && is_of_a_name(json[at - 1])) --at;
  const std::string_view before = json.substr(0, at);
  return before.ends_with(R"(,"type":")") || before.ends_with(R"({"type":")") ||
         before.ends_with(R"(,"role":")") || before.ends_with(R"({"role":")");
}

/// The first place from `from` on where a text or a number may have the pattern.
std::size_t place_of(const BytePattern& pattern, std::string_view json, std::size_t from) {
  for (;;) {
    const auto found = pattern.find(json, from);
    if (!found) return npos;
    if (found.escaped ||
        (!is_in_name(json, found.at + pattern.size()) && !is_of_a_type(json, found.at)))
      return found.at;
    from = found.at + 1;
  }
}

bool may_say(const OneOf& patterns, std::string_view json) {
  return patterns.empty() || std::ranges::any_of(patterns, [&](const BytePattern& pattern) {
           return place_of(pattern, json, 0) != npos;
         });
}

std::size_t rarity_of(const OneOf& patterns) {
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (const BytePattern& pattern : patterns) least = std::min(least, pattern.rarity());
  return patterns.empty() ? 0 : least / patterns.size();
}

}  // namespace

RawFilter::RawFilter(std::vector<OneOf> needs, bool any) : needs_{std::move(needs)}, any_{any} {
  for (OneOf& need : needs_)
    if (std::ranges::any_of(need, &BytePattern::empty)) need.clear();
  if (any_) {
    takes_all_ = needs_.empty() || std::ranges::any_of(needs_, &OneOf::empty);
    for (const OneOf& need : needs_) driver_.insert(driver_.end(), need.begin(), need.end());
  } else {
    std::erase_if(needs_, [](const OneOf& need) { return need.empty(); });
    takes_all_ = needs_.empty();
    if (!takes_all_) driver_ = *std::ranges::max_element(needs_, {}, rarity_of);
  }
  for (const BytePattern& pattern : driver_)
    overlap_bytes_ = std::max({overlap_bytes_, pattern.size() - 1, escape_bytes - 1});
}

bool RawFilter::may_hold(std::string_view bytes) const {
  return takes_all_ || std::ranges::any_of(driver_, [&](const BytePattern& pattern) {
           return static_cast<bool>(pattern.find(bytes));
         });
}

bool RawFilter::line_may_say(std::string_view line) const {
  const auto says = [&](const OneOf& need) { return may_say(need, line); };
  return takes_all_ ||
         (any_ ? std::ranges::any_of(needs_, says) : std::ranges::all_of(needs_, says));
}

RawLines::RawLines(const RawFilter& filter, std::string_view bytes)
    : filter_{filter}, bytes_{bytes} {
  for (const BytePattern& pattern : filter_.driver_)
    places_.push_back(place_of(pattern, bytes_, 0));
}

std::optional<std::string_view> RawLines::next() {
  for (;;) {
    std::size_t first = npos;
    for (std::size_t i = 0; i < places_.size(); ++i) {
      std::size_t& place = places_[i];
      if (place != npos && place < at_) place = place_of(filter_.driver_[i], bytes_, at_);
      first = std::min(first, place);
    }
    if (first == npos) return std::nullopt;
    const void* const newline_before = ::memrchr(bytes_.data(), '\n', first);
    const std::size_t begin =
        newline_before == nullptr
            ? 0
            : static_cast<std::size_t>(static_cast<const char*>(newline_before) - bytes_.data()) +
                  1;
    const std::size_t newline = bytes_.find('\n', first);
    at_ = newline == npos ? bytes_.size() : newline + 1;
    const std::string_view line = bytes_.substr(begin, at_ - begin);
    if (filter_.any_ || filter_.needs_.size() == 1 || filter_.line_may_say(line)) return line;
  }
}

}  // namespace agentstore::cmd
