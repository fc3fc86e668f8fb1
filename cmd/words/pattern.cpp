#include "cmd/words/pattern.hpp"

#include <re2/filtered_re2.h>
#include <re2/re2.h>

#include <algorithm>

#include "agentstore/json.hpp"

namespace agentstore::cmd {
namespace {

/// Whether there is a capital letter, of any script, that is not a class like \S or \D.
bool has_capital(std::string_view pattern) {
  std::string letters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '\\') {
      letters += pattern[i];
      continue;
    }
    ++i;
    // \pL, \p{Greek}: names, not letters to look for.
    if (i < pattern.size() && (pattern[i] == 'p' || pattern[i] == 'P')) {
      if (i + 1 < pattern.size() && pattern[i + 1] == '{')
        i = std::min(pattern.find('}', i), pattern.size() - 1);
      else ++i;
    }
  }
  static const re2::RE2 capital{R"([\p{Lu}\p{Lt}])"};
  return re2::RE2::PartialMatch(letters, capital);
}

/// The end of the string token that starts at `start`, after its closing quote.
std::size_t end_of_string(std::string_view json, std::size_t start) {
  for (std::size_t i = start + 1; i < json.size(); ++i) {
    if (json[i] == '\\') ++i;
    else if (json[i] == '"') return i + 1;
  }
  return json.size();
}

}  // namespace

Result<std::shared_ptr<const re2::RE2>> read_pattern(std::string_view pattern, const char* whose) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(has_capital(pattern));
  auto expression =
      std::make_shared<const re2::RE2>(re2::StringPiece{pattern.data(), pattern.size()}, options);
  if (!expression->ok())
    return fail(Code::invalid,
                std::string{"cannot read the pattern of "} + whose + ": " + expression->error(),
                "its syntax is that of RE2");
  return expression;
}

std::vector<std::string> required_texts(const re2::RE2& expression) {
  constexpr int bytes_min = 2;
  re2::FilteredRE2 filtered{bytes_min};
  int id = 0;
  std::vector<std::string> atoms;
  if (filtered.Add(expression.pattern(), expression.options(), &id) != re2::RE2::NoError) return {};
  filtered.Compile(&atoms);
  const auto may_match = [&](const std::vector<int>& present) {
    std::vector<int> passed;
    filtered.AllPotentials(present, &passed);
    return !passed.empty();
  };
  if (atoms.empty() || may_match({})) return {};
  std::vector<std::string> required;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    std::vector<int> others;
    for (std::size_t other = 0; other < atoms.size(); ++other)
      if (other != i) others.push_back(static_cast<int>(other));
    if (!may_match(others)) required.push_back(atoms[i]);
  }
  if (required.empty()) return atoms;
  return {*std::ranges::max_element(required, {}, &std::string::size)};
}

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

}  // namespace agentstore::cmd
