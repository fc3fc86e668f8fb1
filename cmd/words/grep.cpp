#include "cmd/words/grep.hpp"

#include <re2/re2.h>

#include <memory>
#include <string>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/json.hpp"
#include "cmd/time_limit.hpp"
#include "cmd/words/excerpts.hpp"

namespace agentstore::cmd {
namespace {

/// Whether there is a capital letter that is not a class like \S or \D.
bool has_capital(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') {
      ++i;
      // \pL, \p{Greek}: names, not letters to look for.
      if (i < pattern.size() && (pattern[i] == 'p' || pattern[i] == 'P')) {
        if (i + 1 < pattern.size() && pattern[i + 1] == '{')
          i = std::min(pattern.find('}', i), pattern.size() - 1);
        else ++i;
      }
      continue;
    }
    if (pattern[i] >= 'A' && pattern[i] <= 'Z') return true;
  }
  return false;
}

/// The end of the string token that starts at `start`, after its closing quote.
std::size_t end_of_string(std::string_view json, std::size_t start) {
  for (std::size_t i = start + 1; i < json.size(); ++i) {
    if (json[i] == '\\') ++i;
    else if (json[i] == '"') return i + 1;
  }
  return json.size();
}

/// JSON text with the escapes of its strings resolved: for looking at, no longer JSON.
std::string resolved(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  std::size_t at = 0;
  while (at < json.size()) {
    const std::size_t quote = std::min(json.find('"', at), json.size());
    text += json.substr(at, quote - at);
    if (quote == json.size()) break;
    const std::size_t end = end_of_string(json, quote);
    const auto token = json.substr(quote, end - quote);
    if (token.find('\\') == token.npos) text += token;
    else text += '"' + json::text_of(token) + '"';
    at = end;
  }
  return text;
}

bool found_in_json(std::string_view json, const re2::RE2& expression) {
  if (json.find('\\') == json.npos) return re2::RE2::PartialMatch(json, expression);
  return re2::RE2::PartialMatch(resolved(json), expression);
}

Result<std::shared_ptr<re2::RE2>> read_pattern(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(has_capital(pattern));
  auto expression =
      std::make_shared<re2::RE2>(re2::StringPiece{pattern.data(), pattern.size()}, options);
  if (!expression->ok())
    return fail(Code::invalid, "cannot read the pattern of --grep: " + expression->error(),
                "its syntax is that of RE2");
  return expression;
}

/// Around the first match; nothing where there is none.
std::optional<formats::Excerpt> find_in(std::string_view text, const re2::RE2& expression) {
  constexpr std::size_t around_bytes = 4096;
  re2::StringPiece match;
  if (!expression.Match({text.data(), text.size()}, 0, text.size(), re2::RE2::UNANCHORED, &match,
                        1))
    return std::nullopt;
  const auto at = static_cast<std::size_t>(match.data() - text.data());
  const std::size_t end = at + match.size();
  const std::size_t from = at - std::min(at, around_bytes);
  const std::size_t match_bytes = std::min(match.size(), around_bytes);
  std::string around{text.substr(from, at - from + match_bytes)};
  around += text.substr(end, around_bytes);
  return formats::Excerpt{std::move(around), at - from, at - from + match_bytes};
}

std::optional<formats::Excerpt> find_in_event(const EventView& event, const re2::RE2& expression) {
  // What people read, before what it is made of.
  for (const std::string_view name : {"text", "command", "file"}) {
    const auto part = event_part(event, name);
    if (!part || !part->starts_with('"')) continue;
    if (auto found = find_in(json::text_of(*part), expression)) return found;
  }
  if (auto found = find_in(resolved(event.payload), expression)) return found;
  if (auto found = find_in(resolved(event.metadata), expression)) return found;
  return find_in(event.type, expression);
}

}  // namespace

Result<std::function<std::optional<formats::Excerpt>(const EventView&)>> make_excerpts(
    std::string_view pattern) {
  auto expression = read_pattern(pattern);
  if (!expression) return std::unexpected{expression.error()};
  return [expression = std::move(*expression)](const EventView& event) {
    const LimitedWork limited{"--grep"};
    return find_in_event(event, *expression);
  };
}

Result<std::function<bool(const EventView&)>> make_grep(std::string_view pattern) {
  auto read = read_pattern(pattern);
  if (!read) return std::unexpected{read.error()};
  return [expression = std::move(*read)](const EventView& event) {
    const LimitedWork limited{"--grep"};
    return re2::RE2::PartialMatch(re2::StringPiece{event.type.data(), event.type.size()},
                                  *expression) ||
           found_in_json(event.payload, *expression) || found_in_json(event.metadata, *expression);
  };
}

}  // namespace agentstore::cmd
