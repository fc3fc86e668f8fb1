#include "cmd/totals/sql_functions.hpp"

#include <re2/re2.h>

#include <map>
#include <memory>
#include <set>

#include "agentstore/filter.hpp"
#include "agentstore/json.hpp"
#include "cmd/words/argument_words.hpp"
#include "cmd/words/pattern.hpp"
#include "formats/exports/secrets.hpp"
#include "formats/text/json_fields.hpp"

namespace agentstore::cmd {
namespace {

using Answer = SqlFunction::Answer;
using Values = std::span<const SqlValue>;

/// Of a value that is no text, its digits.
std::optional<std::string> text_of(const SqlValue& value) {
  if (const auto* const text = std::get_if<std::string_view>(&value)) return std::string{*text};
  if (const auto* const integer = std::get_if<std::int64_t>(&value))
    return std::to_string(*integer);
  if (const auto* const real = std::get_if<double>(&value)) return std::to_string(*real);
  return std::nullopt;
}

Answer array_of(const std::vector<std::string>& texts) {
  return formats::array_json(texts, [](const std::string& text) { return json::quote(text); });
}

/// Patterns that were asked for, compiled.
class Patterns {
 public:
  Result<const RE2*> compiled(const std::string& pattern) {
    std::unique_ptr<RE2>& one = compiled_[pattern];
    if (one == nullptr) {
      RE2::Options options;
      options.set_log_errors(false);
      one = std::make_unique<RE2>("(?m)" + pattern, options);
    }
    if (one->ok()) return one.get();
    return fail(Code::invalid, "the pattern does not parse: " + one->error());
  }

 private:
  std::map<std::string, std::unique_ptr<RE2>, std::less<>> compiled_;
};

SqlFunction regexp() {
  auto patterns = std::make_shared<Patterns>();
  const auto call = [patterns](Values values) -> Result<Answer> {
    const auto pattern = text_of(values[0]);
    const auto text = text_of(values[1]);
    if (!pattern || !text) return SqlFunction::Null{};
    const auto compiled = patterns->compiled(*pattern);
    if (!compiled) return std::unexpected{compiled.error()};
    return std::int64_t{RE2::PartialMatch(*text, **compiled) ? 1 : 0};
  };
  return {.name = "regexp", .arguments = 2, .call = call};
}

Result<Answer> matches(Values values) {
  const auto text = text_of(values[0]);
  const auto pattern = text_of(values[1]);
  if (!text || !pattern) return SqlFunction::Null{};
  return std::int64_t{matches_pattern(*pattern, *text) ? 1 : 0};
}

Result<Answer> secrets(Values values) {
  const auto text = text_of(values[0]);
  if (!text) return SqlFunction::Null{};
  // What stands before a value (its key, a line of a file) tells whether it is a secret.
  const std::string read = resolved(*text);
  std::set<std::string_view> seen;
  std::string found;
  for (const formats::FoundSecret& one : formats::find_secrets(read)) {
    if (!seen.insert(std::string_view{read}.substr(one.begin_bytes, one.bytes)).second) continue;
    found += (found.empty() ? "" : ",") + std::string{R"({"name":)"} + json::quote(one.name) +
             R"(,"bytes":)" + std::to_string(one.bytes) + "}";
  }
  return "[" + found + "]";
}

Result<Answer> paths(Values values) {
  const auto arguments = text_of(values[0]);
  if (!arguments || json::check(*arguments, json::rules_to_read)) return SqlFunction::Null{};
  return array_of(paths_named_in(*arguments));
}

Result<Answer> hosts(Values values) {
  const auto arguments = text_of(values[0]);
  if (!arguments || json::check(*arguments, json::rules_to_read)) return SqlFunction::Null{};
  return array_of(hosts_named_in(*arguments));
}

Result<Answer> within(Values values) {
  const auto path = text_of(values[0]);
  const auto folders = text_of(values[1]);
  if (!path || !folders) return SqlFunction::Null{};
  if (json::check(*folders, json::rules_to_read))
    return fail(Code::invalid, "within: the folders are no JSON array");
  std::vector<std::string> all;
  for (json::Walk walk{*folders}; walk.next();)
    if (json::kind_of(walk.value()) == json::Kind::string)
      all.push_back(json::text_of(walk.value()));
  return std::int64_t{is_within(*path, all, text_of(values[2]).value_or("")) ? 1 : 0};
}

}  // namespace

std::vector<SqlFunction> sql_functions() {
  return {regexp(),
          {.name = "matches", .arguments = 2, .call = matches},
          {.name = "secrets", .arguments = 1, .call = secrets},
          {.name = "paths", .arguments = 1, .call = paths},
          {.name = "within", .arguments = 3, .call = within},
          {.name = "hosts", .arguments = 1, .call = hosts}};
}

}  // namespace agentstore::cmd
