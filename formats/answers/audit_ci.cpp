// An audit for runners of CI: JUnit's XML, annotations of GitHub Actions, a summary in Markdown.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "formats/answers/audit.hpp"
#include "formats/exports/markdown.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/markup.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t message_bytes_max = 1000;
constexpr std::size_t rows_max = 200;

/// What a finding says, on one line.
std::string said(const AuditFinding& finding) {
  return (finding.judged ? "" : "could not be judged: ") +
         printable_cut(finding.message, message_bytes_max);
}

std::string place_of(const AuditFinding& finding) {
  if (finding.session_id.empty()) return "all sessions";
  const std::string number =
      finding.sequence_number ? " #" + std::to_string(*finding.sequence_number) : "";
  return printable(finding.session_id) + number;
}

// JUnit.

/// The findings of a rule in a session: one case of a test.
using Case = std::vector<const AuditFinding*>;
using Suite = std::map<std::string, Case, std::less<>>;

std::string case_body(const Case& findings) {
  const bool failed = std::ranges::any_of(findings, &AuditFinding::judged);
  const AuditFinding& first = **std::ranges::find_if(
      findings, [&](const AuditFinding* one) { return one->judged == failed; });
  std::string lines;
  for (const AuditFinding* const one : findings)
    lines += escaped_markup(place_of(*one) + ": " + said(*one)) + "\n";
  const std::string more =
      findings.size() == 1 ? "" : fmt::format(" (and {} more)", findings.size() - 1);
  const char* const element = failed ? "failure" : "error";
  return fmt::format("<{} message=\"{}\" type=\"{}\">{}</{}>", element,
                     escaped_markup(said(first)) + more, to_string(first.severity), lines, element);
}

struct Counts {
  std::uint64_t tests = 0;
  std::uint64_t failures = 0;
  std::uint64_t errors = 0;

  void add(const Counts& other) {
    tests += other.tests;
    failures += other.failures;
    errors += other.errors;
  }
  std::string attributes() const {
    return fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\"", tests, failures, errors);
  }
};

/// `rules`: how many were asked of it.
Counts counts_of(const Suite& suite, std::size_t rules) {
  Counts counts{.tests = rules};
  for (const auto& [rule, findings] : suite) {
    if (std::ranges::any_of(findings, &AuditFinding::judged)) ++counts.failures;
    else ++counts.errors;
  }
  return counts;
}

/// `all`: the rules that found nothing passed; else they say nothing of it.
std::string suite_xml(const AuditAnswer& answer, const std::string& name, const Suite& suite,
                      bool all) {
  std::string text =
      fmt::format("  <testsuite name=\"{}\" {} skipped=\"0\">\n", escaped_markup(printable(name)),
                  counts_of(suite, all ? answer.rules.size() : suite.size()).attributes());
  for (const AuditRule& rule : answer.rules) {
    if (!all && !suite.contains(rule.name)) continue;
    text += fmt::format("    <testcase classname=\"{}\" name=\"{}\"",
                        escaped_markup(printable(name)), rule.name);
    const auto found = suite.find(rule.name);
    text += found == suite.end() ? "/>\n" : ">" + case_body(found->second) + "</testcase>\n";
  }
  return text + "  </testsuite>\n";
}

// Annotations.

/// Printable text as the value of a property, or as a message.
std::string escaped(std::string_view printable_text, bool property) {
  std::string out;
  for (const char c : printable_text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (special) out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else out += c;
  }
  return out;
}

std::string_view command_of(const AuditFinding& finding) {
  if (!finding.judged) return "error";
  return finding.severity == AuditSeverity::note ? "notice" : to_string(finding.severity);
}

}  // namespace

void write_audit_junit(Sink& sink, const AuditAnswer& answer) {
  std::vector<std::string> order;
  std::map<std::string, Suite, std::less<>> suites;
  std::set<std::string_view> sessions;
  for (const AuditedSession& session : answer.sessions) {
    sessions.insert(session.id);
    if (suites.try_emplace(session.id).second) order.push_back(session.id);
  }
  for (const AuditFinding& finding : answer.findings) {
    const std::string name = finding.session_id.empty() ? "all sessions" : finding.session_id;
    if (!suites.contains(name)) order.push_back(name);
    suites[name][finding.rule].push_back(&finding);
  }
  const auto is_session = [&](const std::string& name) { return sessions.contains(name); };
  Counts all;
  for (const auto& [name, suite] : suites)
    all.add(counts_of(suite, is_session(name) ? answer.rules.size() : suite.size()));
  sink.write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"agentstore audit\" " +
             all.attributes() + ">\n");
  for (const std::string& name : order)
    sink.write(suite_xml(answer, name, suites[name], is_session(name)));
  sink.write("</testsuites>\n");
}

void write_audit_github(Sink& sink, const AuditAnswer& answer) {
  for (const AuditFinding& finding : answer.findings) {
    std::string line = fmt::format("::{} title={}", command_of(finding),
                                   escaped("agentstore " + finding.rule, true));
    if (!finding.file.empty()) line += ",file=" + escaped(printable(finding.file), true);
    if (!finding.file.empty() && finding.line) line += fmt::format(",line={}", *finding.line);
    sink.write(line + "::" + escaped(place_of(finding) + ": " + said(finding), false) + "\n");
  }
  sink.write(audit_summary(answer) + "\n");
}

void write_audit_markdown(Sink& sink, const AuditAnswer& answer) {
  sink.write("### agentstore audit\n\n" + audit_summary(answer) + "\n");
  if (!answer.findings.empty())
    sink.write("\n| severity | rule | session | event | finding |\n|---|---|---|---|---|\n");
  std::size_t rows = 0;
  for (const AuditFinding& finding : answer.findings) {
    if (++rows > rows_max) break;
    sink.write(fmt::format(
        "| {} | {} | {} | {} | {} |\n", finding.judged ? to_string(finding.severity) : "unjudged",
        finding.rule,
        finding.session_id.empty() ? "all" : markdown_line(printable(finding.session_id)),
        finding.sequence_number ? std::to_string(*finding.sequence_number) : "",
        markdown_line(printable(finding.message))));
  }
  if (answer.findings.size() > rows_max)
    sink.write("\nand " + counted(answer.findings.size() - rows_max, "finding") + " more\n");
  std::string fixes;
  for (const AuditRule& rule : answer.rules)
    if (std::ranges::find(answer.findings, rule.name, &AuditFinding::rule) != answer.findings.end())
      fixes += "- **" + rule.name + "**: " + markdown_line(printable(rule.fix)) + "\n";
  if (!fixes.empty()) sink.write("\n" + fixes);
}

}  // namespace agentstore::formats
