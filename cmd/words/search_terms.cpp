#include "cmd/words/search_terms.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "cmd/context.hpp"
#include "cmd/time_limit.hpp"
#include "cmd/words/event_texts.hpp"
#include "cmd/words/excerpts.hpp"
#include "cmd/words/pattern.hpp"

namespace agentstore::cmd {
namespace {

constexpr const char* whose = "find";
constexpr std::size_t words_max = 64;

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// The longest part of a command's word that no quoting changes.
std::string_view unquoted_part(std::string_view word) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  std::string_view longest;
  for (std::size_t at = 0; at < word.size();) {
    std::size_t end = at;
    while (end < word.size() && plain(word[end])) ++end;
    if (end - at > longest.size()) longest = word.substr(at, end - at);
    at = end + 1;
  }
  return longest;
}

/// Whether an escape that begins before a place in a string token reaches into it.
bool is_in_escape(std::string_view token, std::size_t place) {
  constexpr std::size_t long_escape_bytes = 6;
  for (std::size_t back = 1; back < long_escape_bytes && back <= place; ++back) {
    const std::size_t at = place - back;
    if (token[at] != '\\') continue;
    std::size_t before = 0;
    while (before < at && token[at - 1 - before] == '\\') ++before;
    // Of a run of backslashes every other one begins an escape.
    if (before % 2 != 0) return false;
    return back == 1 || token[at + 1] == 'u';
  }
  return false;
}

std::string text_of_part(const EventView& event, std::string_view name) {
  const auto part = event_part(event, name);
  return part && part->starts_with('"') ? json::text_of(*part) : std::string{};
}

}  // namespace

bool is_kept_as_text(const EventView& event) {
  return event.type == custom_event && event.payload.starts_with(R"({"text":")") &&
         event.metadata.find(unread_member) != std::string_view::npos;
}

Result<SearchTerm> SearchTerm::word(std::string_view text) {
  if (text.empty()) return fail(Code::invalid, "there is nothing to look for in \"\"");
  auto expression = read_pattern(re2::RE2::QuoteMeta({text.data(), text.size()}), whose);
  if (!expression) return std::unexpected{expression.error()};
  const bool sensitive = (*expression)->options().case_sensitive();
  SearchTerm term;
  term.text_ = text;
  term.piece_ = BytePattern::of(text, !sensitive);
  if (!term.piece_.empty()) term.needs_ = {term.piece_};
  term.regex_ = (*expression)->pattern();
  if (!sensitive) term.regex_ = "(?i:" + term.regex_ + ")";
  term.expression_ = std::move(*expression);
  return term;
}

Result<SearchTerm> SearchTerm::pattern(std::string_view regex) {
  auto expression = read_pattern(regex, whose);
  if (!expression) return std::unexpected{expression.error()};
  SearchTerm term;
  const bool sensitive = (*expression)->options().case_sensitive();
  for (const std::string& text : required_texts(**expression))
    term.needs_.push_back(BytePattern::of(text, true));
  if (std::ranges::any_of(term.needs_, &BytePattern::empty)) term.needs_.clear();
  term.regex_ = (sensitive ? "(?:" : "(?i:") + (*expression)->pattern() + ")";
  term.expression_ = std::move(*expression);
  return term;
}

bool SearchTerm::is_in(std::string_view text) const {
  if (piece_.decides()) {
    if (piece_.find_text(text) != BytePattern::npos) return true;
    if (!piece_.may_fold() || is_ascii(text)) return false;
  }
  const LimitedWork limited{whose};
  return re2::RE2::PartialMatch({text.data(), text.size()}, *expression_);
}

/// `place` is where in the token the piece stands as it is; npos: that is not known.
bool SearchTerm::is_in_token(std::string_view token, std::size_t place) const {
  if (!token.starts_with('"')) return is_in(token);
  if (place != BytePattern::npos && piece_.decides() && !is_in_escape(token, place)) return true;
  if (token.find('\\') != token.npos) return is_in(json::text_of(token));
  return is_in(token.substr(1, token.size() - 2));
}

bool SearchTerm::is_in_json(std::string_view json) const {
  BytePattern::Found found{.at = 0, .escaped = true};
  const auto find_from = [&](std::size_t from) {
    if (piece_.empty()) return true;
    found = piece_.find(json, from);
    return static_cast<bool>(found);
  };
  if (!find_from(0)) return false;
  for (EventTexts texts{json}; texts.next();) {
    if (!piece_.empty() && texts.end() <= found.at) continue;
    if (!piece_.empty() && found.at < texts.begin()) {
      if (!find_from(texts.begin())) return false;
      if (texts.end() <= found.at) continue;
    }
    const std::size_t place = found.escaped ? BytePattern::npos : found.at - texts.begin();
    if (is_in_token(texts.token(), place)) return true;
    if (!find_from(texts.end())) return false;
  }
  return false;
}

namespace {

/// The terms in an argument that has quotes of its own.
Result<void> split_quoted(std::string_view text, std::vector<SearchTerm>& into) {
  while (!text.empty()) {
    const bool quoted = text.front() == '"';
    if (quoted) text.remove_prefix(1);
    const std::size_t end = std::min(text.find_first_of(quoted ? "\"" : " \t\""), text.size());
    if (end > 0 || quoted) {
      auto term = SearchTerm::word(text.substr(0, end));
      if (!term) return std::unexpected{term.error()};
      into.push_back(std::move(*term));
    }
    text.remove_prefix(
        std::min(end + (quoted || (end < text.size() && text[end] != '"') ? 1 : 0), text.size()));
  }
  return {};
}

}  // namespace

Result<std::vector<SearchTerm>> parse_terms(std::span<const std::string> words) {
  std::vector<SearchTerm> terms;
  for (const std::string& word : words) {
    const bool pattern = word.size() > 2 && word.front() == '/' && word.back() == '/';
    if (!pattern && word.find('"') != word.npos && word.find_first_not_of('"') != word.npos) {
      if (auto split = split_quoted(word, terms); !split) return std::unexpected{split.error()};
      continue;
    }
    auto term = pattern ? SearchTerm::pattern(std::string_view{word}.substr(1, word.size() - 2))
                        : SearchTerm::word(word);
    if (!term) return std::unexpected{term.error()};
    terms.push_back(std::move(*term));
  }
  if (terms.size() > words_max)
    return fail(Code::invalid, "these are more than 64 words", "look for fewer");
  return terms;
}

Result<EventQuestions> EventQuestions::parse(const Asked& asked) {
  EventQuestions questions;
  auto words = parse_terms(asked.words);
  if (!words) return std::unexpected{words.error()};
  auto commands = parse_terms(asked.commands);
  if (!commands) return std::unexpected{commands.error()};
  questions.words_ = std::move(*words);
  questions.commands_ = std::move(*commands);
  questions.files_.assign(asked.files.begin(), asked.files.end());
  questions.in_session_ = asked.in_session && questions.words_.size() > 1;
  if (questions.words_.empty() && questions.commands_.empty() && questions.files_.empty())
    return fail(Code::invalid, "no WORDS are given", "`agentstore find --help` shows how");
  const std::size_t bits = std::max<std::size_t>(questions.words_.size(), 1);
  questions.all_words_ = ~std::uint64_t{0} >> (words_max - bits);

  std::vector<OneOf> needs;
  std::string regex;
  const auto add_regex = [&](const std::string& one) {
    (regex += regex.empty() ? "" : "|") += one;
  };
  for (const SearchTerm& word : questions.words_) {
    needs.push_back(word.needs());
    add_regex(word.regex());
  }
  // What is asked beside the words is asked of every event.
  std::vector<OneOf> others;
  for (const SearchTerm& command : questions.commands_) {
    add_regex(command.regex());
    if (const auto part = unquoted_part(command.text()); part.size() > 1)
      others.push_back({BytePattern::of(part, true)});
  }
  for (const std::string& file : questions.files_) {
    if (file.empty()) return fail(Code::invalid, "--file is empty");
    add_regex(re2::RE2::QuoteMeta(file));
    const std::string_view name = std::string_view{file}.substr(file.find_last_of('/') + 1);
    others.push_back({BytePattern::of(name, false)});
  }
  if (!questions.in_session_) {
    needs.insert(needs.end(), others.begin(), others.end());
    questions.raw_ = RawFilter{std::move(needs), false};
  } else {
    questions.raw_ = RawFilter{std::move(needs), true};
  }
  auto excerpts = make_excerpts(regex);
  if (!excerpts) return std::unexpected{excerpts.error()};
  questions.excerpt_ = std::move(*excerpts);
  return questions;
}

bool EventQuestions::runs(const EventView& event) const {
  if (commands_.empty()) return true;
  const std::string command = text_of_part(event, "command");
  return !command.empty() && std::ranges::all_of(commands_, [&](const SearchTerm& term) {
    return term.is_in(command);
  });
}

bool EventQuestions::names_file(const EventView& event) const {
  if (files_.empty()) return true;
  const std::string named = text_of_part(event, "file");
  return !named.empty() && std::ranges::all_of(files_, [&](std::string_view file) {
    while (file.starts_with("./")) file.remove_prefix(2);
    return named == file ||
           (named.ends_with(file) &&
            (file.starts_with('/') || named[named.size() - file.size() - 1] == '/'));
  });
}

std::uint64_t EventQuestions::words_in(const EventView& event) const {
  std::uint64_t found = words_.empty() ? 1 : 0;
  const bool as_text = is_kept_as_text(event);
  const std::string text = as_text ? json::find_text(event.payload, "text").value_or("") : "";
  const std::string_view said = as_text ? std::string_view{text} : std::string_view{event.payload};
  for (std::size_t i = 0; i < words_.size(); ++i) {
    if (words_[i].is_in_json(said)) found |= std::uint64_t{1} << i;
    else if (!in_session_) return 0;
  }
  return found != 0 && runs(event) && names_file(event) ? found : 0;
}

}  // namespace agentstore::cmd
