#include "cmd/audit/rule_set.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <system_error>

#include "agentstore/decimal.hpp"
#include "agentstore/filter.hpp"
#include "agentstore/internal/nearest.hpp"
#include "agentstore/json.hpp"
#include "cmd/home_folder.hpp"
#include "cmd/quoting.hpp"
#include "cmd/read_whole.hpp"
#include "cmd/totals/sql_functions.hpp"
#include "cmd/totals/sql_source.hpp"
#include "cmd/words/points.hpp"
#include "formats/text/json_fields.hpp"

namespace agentstore::cmd {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t rule_bytes_max = std::size_t{1} << 20;

/// Parameters that flags give a value, and those flags.
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> flags_of_parameters{{
    {"max_cost", "--max-cost"},
    {"max_tokens", "--max-tokens"},
    {"max_events", "--max-events"},
    {"max_time_ms", "--max-time"},
    {"max_turns", "--max-turns"},
    {"max_tool_calls", "--max-tool-calls"},
    {"max_gap_ms", "--max-gap"},
    {"loop", "--loop"},
    {"forbid_tool", "--forbid-tool"},
    {"forbid_command", "--forbid-command"},
    {"forbid_model", "--forbid-model"},
    {"allow_tool", "--allow-tool"},
    {"allow_model", "--allow-model"},
    {"allow_path", "--allow-path"},
    {"allow_host", "--allow-host"},
}};

/// "--max-cost", else "--param NAME=VALUE".
std::string flag_of(const std::string& parameter) {
  const auto* const found =
      std::ranges::find(flags_of_parameters, parameter, [](const auto& one) { return one.first; });
  return found == flags_of_parameters.end() ? "--param " + parameter + "=VALUE"
                                            : std::string{found->second};
}

bool is_limit(const std::string& parameter) {
  return parameter == "loop" || parameter.starts_with("max_");
}

bool is_pattern(const std::string& word) {
  return word.contains('*');
}

/// The .sql files of a folder, by name; a file is itself. Errors: invalid (none is there), io.
Result<std::vector<std::string>> files_at(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return std::vector{path};
  std::vector<std::string> files;
  for (fs::directory_iterator entry{path, error}, end; !error && entry != end;
       entry.increment(error))
    if (entry->path().extension() == ".sql") files.push_back(entry->path().string());
  if (error)
    return fail(Code::io, "cannot read the folder " + in_quotes(path) + ": " + error.message());
  if (files.empty())
    return fail(Code::invalid, "--rules " + in_quotes(path) + ": there is no .sql file in it",
                "a rule is a file; `agentstore audit --show loops` shows one");
  std::ranges::sort(files);
  return files;
}

}  // namespace

std::string name_for_people(const AuditRule& rule) {
  return "the rule " + rule.name + (rule.file.empty() ? "" : " (" + rule.file + ")");
}

Result<RuleSet> RuleSet::load(Context& context, const AuditCommand& options) {
  RuleSet set;
  const auto least = parse_audit_severity(options.severity);
  if (!least)
    return fail(Code::invalid, "--severity: " + least.error().message, least.error().hint);
  for (const AuditRule& rule : built_in_audit_rules()) set.all_.push_back({.rule = rule});
  if (auto added = set.add_files(options.rule_paths); !added) return std::unexpected{added.error()};
  if (auto read = set.read_parameters(context, options); !read)
    return std::unexpected{read.error()};
  if (auto chosen = set.choose(context, options, *least); !chosen)
    return std::unexpected{chosen.error()};
  return set;
}

Result<void> RuleSet::add_files(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const auto files = files_at(expand_home(path));
    if (!files) return std::unexpected{files.error()};
    for (const std::string& file : *files)
      if (auto added = add_file(file); !added) return added;
  }
  return {};
}

Result<void> RuleSet::add_file(const std::string& path) {
  const auto text = read_whole_file(path, rule_bytes_max);
  if (!text) return std::unexpected{text.error()};
  auto rule = parse_audit_rule(*text, path);
  if (!rule) return std::unexpected{rule.error()};
  if (!rule->asks)
    return fail(Code::invalid, path + ": the rule has a head, and no SQL behind it",
                "write one SELECT that gives session_id, seq and message");
  for (const formats::ListedRule& one : all_)
    if (one.rule.name == rule->name)
      return fail(Code::invalid,
                  path + ": a rule of the name " + rule->name + " is " +
                      (one.rule.file.empty() ? "built in" : "in " + one.rule.file),
                  "give it another name");
  all_.push_back({.rule = std::move(*rule)});
  return {};
}

Result<void> RuleSet::read_parameters(Context& context, const AuditCommand& options) {
  for (const std::string& word : options.parameters) {
    const std::size_t equals = word.find('=');
    if (equals == word.npos || equals == 0)
      return fail(Code::invalid, "--param " + in_quotes(word) + " is not NAME=VALUE");
    given_[word.substr(0, equals)] = word.substr(equals + 1);
  }
  for (const auto& [name, span] : options.spans) {
    const auto ms = read_span_ms(flag_of(name), span, context.zone);
    if (!ms) return std::unexpected{ms.error()};
    given_[name] = std::to_string(*ms);
  }
  for (const auto& [name, words] : options.lists) {
    std::vector<std::string> all;
    for (const std::string& word : words) {
      if (word.empty())
        return fail(Code::invalid, flag_of(name) + " has an empty word", "nothing would match it");
      all.push_back(name == "allow_path" ? expand_home(word) : word);
    }
    given_[name] = formats::array_json(all, [](const auto& word) { return json::quote(word); });
  }
  return check_parameters();
}

Result<void> RuleSet::check_parameters() {
  std::vector<std::string> known;
  std::set<std::string, std::less<>> numbers;
  for (const formats::ListedRule& one : all_)
    for (const AuditParameter& parameter : one.rule.parameters) {
      known.push_back(parameter.name);
      if (is_limit(parameter.name) || (parameter.standard && Decimal::parse(*parameter.standard)))
        numbers.insert(parameter.name);
    }
  for (auto& [name, value] : given_) {
    if (std::ranges::find(known, name) == known.end()) {
      const std::string near = nearest(name, known);
      return fail(Code::invalid, "no rule has the parameter " + in_quotes(name),
                  near.empty() ? "`agentstore audit --list` shows the rules"
                               : "did you mean " + near + "?");
    }
    const auto number = Decimal::parse(value);
    if (is_limit(name) && (!number || *number < Decimal{}))
      return fail(Code::invalid, flag_of(name) + " cannot be " + in_quotes(value),
                  "it is a number from 0");
    if (numbers.contains(name) && !number)
      return fail(Code::invalid, flag_of(name) + " cannot be " + in_quotes(value),
                  "it is a number, as in the rule");
    // SQL compares "02" and "2," as texts, of which each is more than every number.
    if (numbers.contains(name)) value = number->to_string();
    if (name == "loop" && *number < *Decimal::parse("2"))
      return fail(Code::invalid, "--loop cannot be " + in_quotes(value),
                  "one call is no loop: it is a number from 2");
    if (name != "forbid_command") continue;
    for (json::Walk walk{value}; walk.next();) {
      RE2::Options quiet;
      quiet.set_log_errors(false);
      const RE2 pattern{json::text_of(walk.value()), quiet};
      if (!pattern.ok())
        return fail(Code::invalid, "--forbid-command: " + pattern.error(),
                    "its syntax is that of RE2");
    }
  }
  return {};
}

const AuditParameter* RuleSet::missing_of(const AuditRule& rule) const {
  for (const AuditParameter& parameter : rule.parameters)
    if (!parameter.standard && !given_.contains(parameter.name)) return &parameter;
  return nullptr;
}

bool RuleSet::is_asked_for(const AuditRule& rule) const {
  return std::ranges::any_of(rule.parameters, [&](const AuditParameter& parameter) {
    return given_.contains(parameter.name);
  });
}

Result<void> RuleSet::choose(Context& context, const AuditCommand& options, AuditSeverity least) {
  for (formats::ListedRule& one : all_) {
    const AuditParameter* const missing = missing_of(one.rule);
    one.on = missing == nullptr && (one.rule.standard || is_asked_for(one.rule));
    if (missing != nullptr) one.turned_on_by = flag_of(missing->name);
    else if (!one.on) one.turned_on_by = "--rule " + one.rule.name;
  }
  for (const std::string& name : options.without)
    if (auto taken = take_out(name); !taken) return taken;
  for (const std::string& name : options.with)
    if (auto added = put_in(name, options.without); !added) return added;
  if (auto any = check_files(context); !any) return any;
  for (formats::ListedRule& one : all_) {
    if (!one.on || one.rule.severity >= least || one.rule.name == integrity_rule) continue;
    one.on = false;
    // What was asked for is not left out without a word.
    if (is_asked_for(one.rule))
      context.note(name_for_people(one.rule) + " is a " +
                   std::string{to_string(one.rule.severity)} + ", and left out by --severity");
  }
  return {};
}

// A rule that was named and is not applied would be taken for one that found nothing.
Result<void> RuleSet::check_files(Context& context) const {
  for (const formats::ListedRule& one : all_)
    if (const auto* const missing = missing_of(one.rule);
        missing != nullptr && !one.rule.file.empty())
      context.note(name_for_people(one.rule) + " is not applied without " + flag_of(missing->name));

  const formats::ListedRule* taken_out = nullptr;
  for (const formats::ListedRule& one : all_) {
    if (one.rule.file.empty()) continue;
    if (one.on) return {};
    if (one.rule.standard && missing_of(one.rule) == nullptr) taken_out = &one;
  }
  if (taken_out == nullptr) return {};
  return fail(Code::invalid, "--no-rule takes out every rule of --rules",
              "add --rule " + taken_out->rule.name);
}

Result<void> RuleSet::take_out(const std::string& name) {
  if (name == integrity_rule)
    return fail(Code::invalid, "the rule integrity cannot be taken out",
                "--on-corrupt prefix goes by what comes before damage, --allow-empty by nothing");
  const auto found = named(name);
  if (found.empty()) return unknown(name);
  for (const std::size_t at : found) {
    const AuditRule& rule = all_[at].rule;
    if (!is_pattern(name) && is_asked_for(rule))
      return fail(Code::invalid, "--no-rule " + name + ", and a limit of it is given", "give one");
    // A limit that is given is one that is asked for.
    if (rule.name != integrity_rule && !is_asked_for(rule)) all_[at].on = false;
  }
  return {};
}

Result<void> RuleSet::put_in(const std::string& name, const std::vector<std::string>& without) {
  if (std::ranges::find(without, name) != without.end())
    return fail(Code::invalid, "--rule and --no-rule both name " + in_quotes(name), "give one");
  const auto found = named(name);
  if (found.empty()) return unknown(name);
  const AuditParameter* missing = nullptr;
  bool any = false;
  for (const std::size_t at : found) {
    const AuditParameter* const lacks = missing_of(all_[at].rule);
    all_[at].on = lacks == nullptr;
    any = any || lacks == nullptr;
    if (missing == nullptr) missing = lacks;
  }
  if (any) return {};
  return fail(Code::invalid,
              name_for_people(all_[found.front()].rule) + " needs " + flag_of(missing->name));
}

std::vector<std::size_t> RuleSet::named(const std::string& pattern) const {
  std::vector<std::size_t> found;
  for (std::size_t at = 0; at < all_.size(); ++at)
    if (matches_pattern(pattern, all_[at].rule.name)) found.push_back(at);
  return found;
}

std::unexpected<Error> RuleSet::unknown(const std::string& name) const {
  std::vector<std::string> names;
  for (const formats::ListedRule& one : all_) names.push_back(one.rule.name);
  const std::string near = nearest(name, names);
  return fail(
      Code::invalid, "there is no rule " + in_quotes(name),
      near.empty() ? "`agentstore audit --list` shows the rules" : "did you mean " + near + "?");
}

std::vector<AuditRule> RuleSet::applied() const {
  std::vector<AuditRule> rules;
  for (const formats::ListedRule& one : all_)
    if (one.on) rules.push_back(one.rule);
  return rules;
}

std::vector<SqlParameter> RuleSet::parameters_of(const AuditRule& rule) const {
  std::vector<SqlParameter> parameters;
  for (const AuditParameter& parameter : rule.parameters) {
    const auto given = given_.find(parameter.name);
    if (given != given_.end()) {
      parameters.push_back({parameter.name, given->second});
      continue;
    }
    const std::string standard = parameter.standard.value_or("");
    const auto number = Decimal::parse(standard);
    parameters.push_back({parameter.name, number ? number->to_string() : standard});
  }
  return parameters;
}

Result<const AuditRule*> RuleSet::find(const std::string& name) const {
  for (const formats::ListedRule& one : all_)
    if (one.rule.name == name) return &one.rule;
  return unknown(name);
}

Result<void> RuleSet::check(Context& context) const {
  SqlInputs nothing{context, {}, {}};
  auto database = SqlDatabase::open(nothing, {.functions = sql_functions()});
  if (!database) return std::unexpected{database.error()};
  for (const formats::ListedRule& one : all_) {
    const AuditRule& rule = one.rule;
    const bool waits = !rule.file.empty() && missing_of(rule) != nullptr;
    if (!rule.asks || !(one.on || waits)) continue;
    const auto parameters = parameters_of(rule);
    auto query = database->query(rule.text, parameters);
    if (!query) {
      Error error = query.error();
      if (error.hint.starts_with("-o ")) error.hint = "a rule is one SELECT";
      if (error.message.ends_with(" has no value")) error.hint = "declare it: -- param: NAME";
      error.message = name_for_people(rule) + ": " + error.message;
      return std::unexpected{std::move(error)};
    }
    if (auto columns = columns_of(rule, query->columns()); !columns)
      return std::unexpected{columns.error()};
  }
  return {};
}

Result<FindingColumns> columns_of(const AuditRule& rule, const std::vector<std::string>& columns) {
  FindingColumns found;
  const auto at = [&](std::string_view name) -> std::optional<std::size_t> {
    const auto one = std::ranges::find(columns, name);
    if (one == columns.end()) return std::nullopt;
    return static_cast<std::size_t>(one - columns.begin());
  };
  std::string given;
  for (const std::string& column : columns) given += (given.empty() ? "" : ", ") + column;
  for (const auto& [name, into] :
       {std::pair{"session_id", &found.session_id}, std::pair{"seq", &found.sequence_number},
        std::pair{"message", &found.message}}) {
    const auto place = at(name);
    if (!place)
      return fail(Code::invalid,
                  name_for_people(rule) + " gives no column " + name + ", but " + given,
                  "a finding is session_id, seq (or NULL) and message");
    *into = *place;
  }
  found.about = at("about");
  found.judged = at("judged");
  return found;
}

}  // namespace agentstore::cmd
