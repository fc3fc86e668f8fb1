#include "cmd/words/excerpts.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/json.hpp"
#include "cmd/time_limit.hpp"
#include "cmd/words/pattern.hpp"

namespace agentstore::cmd {
namespace {

using Found = std::optional<formats::Excerpt>;

constexpr std::size_t around_bytes = 4096;

/// The first match from a place on, as begin and end.
std::optional<std::pair<std::size_t, std::size_t>> match_from(std::string_view text,
                                                              std::size_t from,
                                                              const re2::RE2& expression) {
  re2::StringPiece match;
  if (!expression.Match({text.data(), text.size()}, from, text.size(), re2::RE2::UNANCHORED, &match,
                        1))
    return std::nullopt;
  const auto at = static_cast<std::size_t>(match.data() - text.data());
  return std::pair{at, at + match.size()};
}

/// Around the first match; nothing where there is none.
Found find_in(std::string_view text, const re2::RE2& expression) {
  constexpr std::size_t others_max = 32;
  const auto first = match_from(text, 0, expression);
  if (!first) return std::nullopt;
  const auto [at, end] = *first;
  const std::size_t from = at - std::min(at, around_bytes);
  const std::size_t match_bytes = std::min(end - at, around_bytes);
  std::string around{text.substr(from, at - from + match_bytes)};
  around += text.substr(end, around_bytes);
  formats::Excerpt found{std::move(around), at - from, at - from + match_bytes, {}};
  std::size_t past = found.end_bytes;
  while (found.others.size() < others_max) {
    const auto next = match_from(found.text, past, expression);
    if (!next || next->first == next->second) break;
    found.others.push_back(*next);
    past = next->second;
  }
  return found;
}

/// What stands under a member that is a text by its name says so itself.
std::string labelled(std::string_view key, std::string text) {
  constexpr std::array plain{"text", "content", "thinking", "message", "output", "result", "error"};
  if (key.size() <= 2 || std::ranges::find(plain, key.substr(1, key.size() - 2)) != plain.end())
    return text;
  return json::text_of(key) + ": " + std::move(text);
}

/// In the first text of a value that has it, however deep.
Found find_in_texts(std::string_view key, const json::Value& value, const re2::RE2& expression,
                    std::size_t depth = 0) {
  constexpr std::size_t depth_max = 32;
  if (json::kind_of(value) == json::Kind::string) {
    const std::string text = json::text_of(value);
    if (!match_from(text, 0, expression)) return std::nullopt;
    return find_in(labelled(key, text), expression);
  }
  if (depth == depth_max) return std::nullopt;
  for (json::Walk walk{value}; walk.next();)
    if (auto found = find_in_texts(walk.key().empty() ? key : walk.key(), walk.value(), expression,
                                   depth + 1))
      return found;
  return std::nullopt;
}

Found find_in_event(const EventView& event, const re2::RE2& expression) {
  // What people read, before what it is made of.
  for (const std::string_view name : {"text", "command", "file"}) {
    const auto part = event_part(event, name);
    if (!part || !part->starts_with('"')) continue;
    if (auto found = find_in(json::text_of(*part), expression)) return found;
  }
  if (auto found = find_in_texts({}, event.payload, expression)) return found;
  if (auto found = find_in(resolved(event.payload), expression)) return found;
  if (auto found = find_in_texts({}, event.metadata, expression)) return found;
  if (auto found = find_in(resolved(event.metadata), expression)) return found;
  return find_in(event.type, expression);
}

}  // namespace

Result<std::function<Found(const EventView&)>> make_excerpts(std::string_view pattern) {
  auto expression = read_pattern(pattern);
  if (!expression) return std::unexpected{expression.error()};
  return [expression = std::move(*expression)](const EventView& event) {
    const LimitedWork limited{"--grep"};
    return find_in_event(event, *expression);
  };
}

}  // namespace agentstore::cmd
