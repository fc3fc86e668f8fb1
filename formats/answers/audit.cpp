#include "formats/answers/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "formats/text/escape.hpp"
#include "formats/text/paint.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t severity_columns = 10;
constexpr std::size_t message_bytes_max = 1000;
constexpr const char* not_judged = "unjudged";

Paint paint_of(const AuditFinding& finding) {
  if (!finding.judged || finding.severity == AuditSeverity::warning) return Paint::yellow;
  return finding.severity == AuditSeverity::error ? Paint::red : Paint::dim;
}

std::string padded(std::string text, std::size_t columns) {
  text.append(columns - std::min(columns, text.size()), ' ');
  return text;
}

/// Findings as lines, those of a session under its name.
class TextWriter {
 public:
  TextWriter(Sink& sink, const AuditAnswer& answer, const Screen& screen)
      : sink_{sink}, answer_{answer}, screen_{screen} {
    for (const AuditFinding& finding : answer.findings) {
      rule_columns_ = std::max(rule_columns_, finding.rule.size() + 2);
      number_columns_ = std::max(number_columns_, number_of(finding).size() + 2);
    }
  }

  void write() {
    const std::string* session = nullptr;
    for (const AuditFinding& finding : answer_.findings) {
      if (session == nullptr || *session != finding.session_id) begin(finding.session_id);
      session = &finding.session_id;
      write(finding);
    }
    write_fixes();
    sink_.write(wrapped(audit_summary(answer_), screen_, 2) + "\n");
  }

 private:
  static std::string number_of(const AuditFinding& finding) {
    return finding.sequence_number ? "#" + std::to_string(*finding.sequence_number) : "-";
  }

  void begin(const std::string& id) {
    const auto found = std::ranges::find(answer_.sessions, id, &AuditedSession::id);
    std::string line = id.empty() ? "in all sessions" : "in " + printable(id);
    if (found != answer_.sessions.end() && !found->name.empty())
      line =
          "in " + printable(found->name) + "  " + painted(printable(id), Paint::dim, screen_.color);
    if (found != answer_.sessions.end() && !found->store.empty())
      line += painted("  " + printable(found->store), Paint::dim, screen_.color);
    sink_.write(line + "\n");
  }

  void write(const AuditFinding& finding) {
    const std::string number = number_of(finding);
    const std::string severity{finding.judged ? to_string(finding.severity) : not_judged};
    const std::size_t indent = number_columns_ + 2 + severity_columns + rule_columns_;
    const bool narrow = screen_.columns > 0 && screen_.columns < indent + 30;
    const std::string message =
        printable_cut(finding.message, screen_.wide ? std::string::npos : message_bytes_max);
    sink_.write(std::string(number_columns_ - number.size(), ' ') + number + "  " +
                painted(padded(severity, severity_columns), paint_of(finding), screen_.color) +
                padded(finding.rule, rule_columns_));
    if (narrow) sink_.write("\n" + std::string(number_columns_ + 2, ' '));
    const std::size_t at = narrow ? number_columns_ + 2 : indent;
    sink_.write(wrapped(message, screen_, at, at) + "\n");
  }

  /// What to do about the rules that found something.
  void write_fixes() {
    if (answer_.findings.empty()) return;
    sink_.write("\n");
    for (const AuditRule& rule : answer_.rules) {
      if (std::ranges::find(answer_.findings, rule.name, &AuditFinding::rule) ==
          answer_.findings.end())
        continue;
      const std::string start = "fix " + rule.name + ": ";
      sink_.write(start + wrapped(printable(rule.fix), screen_, 4, start.size()) + "\n");
    }
    sink_.write("\n");
  }

  Sink& sink_;
  const AuditAnswer& answer_;
  const Screen& screen_;
  std::size_t rule_columns_ = 0;
  std::size_t number_columns_ = 4;
};

std::string severities_text(const AuditAnswer& answer) {
  std::string text;
  for (const AuditSeverity severity :
       {AuditSeverity::error, AuditSeverity::warning, AuditSeverity::note})
    if (const auto count = answer.count(severity); count > 0)
      text += (text.empty() ? ": " : ", ") + counted(count, to_string(severity));
  return text;
}

std::uint64_t sessions_with_findings(const AuditAnswer& answer) {
  std::set<std::string_view> ids;
  for (const AuditFinding& finding : answer.findings)
    if (finding.judged && !finding.session_id.empty()) ids.insert(finding.session_id);
  return ids.size();
}

}  // namespace

std::uint64_t AuditAnswer::count() const {
  return static_cast<std::uint64_t>(std::ranges::count(findings, true, &AuditFinding::judged));
}

std::uint64_t AuditAnswer::count(AuditSeverity severity) const {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      findings, [&](const AuditFinding& one) { return one.judged && one.severity == severity; }));
}

std::uint64_t AuditAnswer::events() const {
  std::uint64_t sum = 0;
  for (const AuditedSession& session : sessions) sum += session.events;
  return sum;
}

std::string audit_summary(const AuditAnswer& answer) {
  const std::uint64_t found = answer.count();
  const std::string looked_at = fmt::format(" ({}, {})", counted(answer.rules.size(), "rule"),
                                            counted(answer.events(), "event"));
  std::string text;
  if (found == 0)
    text = fmt::format("no {}findings in {}", answer.baseline ? "new " : "",
                       counted(answer.sessions.size(), "session"));
  else
    text = fmt::format("{}{} in {} of {}{}", thousands(found),
                       answer.baseline ? (found == 1 ? " new finding" : " new findings")
                                       : (found == 1 ? " finding" : " findings"),
                       thousands(sessions_with_findings(answer)),
                       counted(answer.sessions.size(), "session"), severities_text(answer));
  if (const auto unjudged = answer.unjudged(); unjudged > 0)
    text += fmt::format("; {} could not be judged", thousands(unjudged));
  if (answer.baseline)
    text += fmt::format("; {} in the baseline", thousands(answer.baseline->known));
  return text + looked_at;
}

Result<void> write_audit(std::string_view format, Sink& sink, const AuditAnswer& answer,
                         const Screen& screen) {
  if (format == "text") TextWriter{sink, answer, screen}.write();
  else if (format == "json") write_audit_json(sink, answer);
  else if (format == "sarif") write_audit_sarif(sink, answer);
  else if (format == "junit") write_audit_junit(sink, answer);
  else if (format == "github") write_audit_github(sink, answer);
  else if (format == "markdown") write_audit_markdown(sink, answer);
  else
    return fail(Code::invalid, "there is no format \"" + std::string{format.substr(0, 60)} + '"',
                "it is text, json, sarif, junit, github or markdown");
  return {};
}

void write_audit_rules_text(Sink& sink, const std::vector<ListedRule>& rules,
                            const Screen& screen) {
  Table table{
      {{.name = "RULE", .role = Role::key}, {.name = "SEVERITY"}, {.name = "ON"}, {.name = "WHY"}}};
  for (const ListedRule& one : rules) {
    const bool by_name = one.turned_on_by.starts_with("--rule ");  // It stands in the row already.
    const std::string off = one.turned_on_by.empty() ? "no" : by_name ? "--rule" : one.turned_on_by;
    table.row({one.rule.name, std::string{to_string(one.rule.severity)}, one.on ? "yes" : off,
               one.rule.why});
  }
  table.write(sink, screen);
}

}  // namespace agentstore::formats
