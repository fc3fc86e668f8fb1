#include <algorithm>
#include <array>
#include <cassert>
#include <cctype>

#include "agentstore/analysis/audit.hpp"
#include "agentstore/internal/nearest.hpp"
#include "agentstore/json.hpp"
#include "query/audit_texts.hpp"

namespace agentstore {
namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t shown_bytes_max = 60;
constexpr std::array<std::string_view, 3> severities{"note", "warning", "error"};
constexpr std::array<std::string_view, 7> members{"name",    "severity", "why",     "fix",
                                                  "default", "param",    "redacted"};

bool is_lower(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_rule_name(std::string_view name) {
  return !name.empty() && name.size() <= name_bytes_max && name[0] >= 'a' && name[0] <= 'z' &&
         std::ranges::all_of(name, [](char c) { return is_lower(c) || c == '-'; });
}

bool is_parameter_name(std::string_view name) {
  return !name.empty() && name.size() <= name_bytes_max && name[0] >= 'a' && name[0] <= 'z' &&
         std::ranges::all_of(name, [](char c) { return is_lower(c) || c == '_'; });
}

std::string in_quotes(std::string_view word) {
  return '"' + std::string{word.substr(0, shown_bytes_max)} + '"';
}

/// A member of a head: what stands after "-- key:", with the lines that go on with it.
struct Member {
  std::string_view key;
  std::string value;
  std::size_t line = 0;
};

/// "key" of "-- key: value"; empty where a comment is no member.
std::string_view key_of(std::string_view comment) {
  const std::size_t colon = comment.find(':');
  if (colon == comment.npos || colon == 0) return {};
  const std::string_view key = comment.substr(0, colon);
  return std::ranges::all_of(key, [](char c) { return c >= 'a' && c <= 'z'; }) ? key
                                                                               : std::string_view{};
}

/// The comment lines that a text begins with. A line that is indented goes on with the one before.
std::vector<Member> head_of(std::string_view text) {
  constexpr std::string_view comment = "--";
  std::vector<Member> head;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.starts_with(comment)) break;
    line.remove_prefix(comment.size());
    const std::string_view said = json::trimmed(line);
    const std::string_view key = key_of(said);
    const bool goes_on = line.starts_with("   ") && !head.empty();
    if (goes_on) head.back().value += (head.back().value.empty() ? "" : " ") + std::string{said};
    else if (!key.empty())
      head.push_back({key, std::string{json::trimmed(said.substr(key.size() + 1))}, number});
  }
  return head;
}

class Reader {
 public:
  explicit Reader(std::string_view file) : file_{file} {}

  Result<void> take(AuditRule& rule, const Member& member) {
    if (std::ranges::find(members, member.key) == members.end()) return unknown(member);
    if (member.value.empty()) return wrong(member, "says nothing");
    const bool again = std::ranges::find(seen_, member.key) != seen_.end();
    if (again && member.key != "param") return wrong(member, "is there twice");
    seen_.push_back(member.key);
    if (member.key == "name") return take_name(rule, member);
    if (member.key == "severity") return take_severity(rule, member);
    if (member.key == "why") rule.why = member.value;
    if (member.key == "fix") rule.fix = member.value;
    if (member.key == "param") return take_parameter(rule, member);
    if (member.key == "default") return take_switch(rule.standard, member, "off", "on");
    if (member.key == "redacted")
      return take_switch(rule.needs_payloads, member, "harmless", "needed");
    return {};
  }

  Result<void> check_whole() const {
    for (const std::string_view key : {"name", "severity", "why", "fix"})
      if (std::ranges::find(seen_, key) == seen_.end())
        return fail(Code::invalid,
                    std::string{file_} + ":1: the rule has no `-- " + std::string{key} + ": …`",
                    "a rule begins with the comment lines name, severity, why and fix");
    return {};
  }

 private:
  std::unexpected<Error> wrong(const Member& member, const std::string& why,
                               std::string hint = {}) const {
    return fail(Code::invalid,
                std::string{file_} + ':' + std::to_string(member.line) + ": `" +
                    std::string{member.key} + "` " + why,
                std::move(hint));
  }

  std::unexpected<Error> unknown(const Member& member) const {
    const std::vector<std::string> known{members.begin(), members.end()};
    const std::string near = nearest(member.key, known);
    return wrong(member, "is no member of a rule's head",
                 near.empty() ? "it has name, severity, why, fix, default, param and redacted"
                              : "did you mean " + near + '?');
  }

  Result<void> take_name(AuditRule& rule, const Member& member) const {
    if (!is_rule_name(member.value))
      return wrong(member, "cannot be " + in_quotes(member.value),
                   "small letters, digits and -, up to 64");
    rule.name = member.value;
    return {};
  }

  Result<void> take_severity(AuditRule& rule, const Member& member) const {
    const auto severity = parse_audit_severity(member.value);
    if (!severity)
      return wrong(member, "cannot be " + in_quotes(member.value), severity.error().hint);
    rule.severity = *severity;
    return {};
  }

  Result<void> take_switch(bool& into, const Member& member, std::string_view off,
                           std::string_view on) const {
    if (member.value != off && member.value != on)
      return wrong(member, "cannot be " + in_quotes(member.value),
                   "it is " + std::string{on} + " or " + std::string{off});
    into = member.value == on;
    return {};
  }

  Result<void> take_parameter(AuditRule& rule, const Member& member) const {
    const std::size_t equals = member.value.find('=');
    AuditParameter parameter{
        .name = std::string{json::trimmed(std::string_view{member.value}.substr(0, equals))},
        .standard = std::nullopt};
    if (equals != std::string::npos)
      parameter.standard = json::trimmed(std::string_view{member.value}.substr(equals + 1));
    if (!is_parameter_name(parameter.name))
      return wrong(member, "cannot be " + in_quotes(parameter.name),
                   "write `-- param: limit` or `-- param: limit = 5`");
    if (std::ranges::find(rule.parameters, parameter.name, &AuditParameter::name) !=
        rule.parameters.end())
      return wrong(member, in_quotes(parameter.name) + " is there twice");
    rule.parameters.push_back(std::move(parameter));
    return {};
  }

  std::string_view file_;
  std::vector<std::string_view> seen_;
};

/// Whether anything but comments and white space is there.
bool has_sql(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = json::trimmed(text.substr(0, end));
    if (!line.empty() && !line.starts_with("--")) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

std::vector<AuditRule> read_built_in() {
  std::vector<AuditRule> rules;
  for (const std::string_view text : sql::audit_texts()) {
    auto rule = parse_audit_rule(text, "built in");
    assert(rule && "each rule that is built in has to be one");
    rule->file.clear();
    rules.push_back(std::move(*rule));
  }
  return rules;
}

}  // namespace

std::string_view to_string(AuditSeverity severity) {
  return severities[static_cast<std::size_t>(severity)];
}

Result<AuditSeverity> parse_audit_severity(std::string_view word) {
  const auto* const found = std::ranges::find(severities, word);
  if (found == severities.end())
    return fail(Code::invalid, "there is no severity " + in_quotes(word),
                "it is note, warning or error");
  return static_cast<AuditSeverity>(found - severities.begin());
}

Result<AuditRule> parse_audit_rule(std::string_view text, std::string_view file) {
  AuditRule rule;
  Reader reader{file};
  for (const Member& member : head_of(text))
    if (auto taken = reader.take(rule, member); !taken) return std::unexpected{taken.error()};
  if (auto whole = reader.check_whole(); !whole) return std::unexpected{whole.error()};
  rule.file = file;
  rule.text = text;
  rule.asks = has_sql(text);
  return rule;
}

std::span<const AuditRule> built_in_audit_rules() {
  static const std::vector<AuditRule> rules = read_built_in();
  return rules;
}

}  // namespace agentstore
