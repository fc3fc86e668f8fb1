// An audit for machines: JSON of ours, and SARIF 2.1.0.

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <span>

#include "agentstore/json.hpp"
#include "formats/answers/audit.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/rules.hpp"

namespace agentstore::formats {
namespace {

std::string count_json(const std::optional<std::uint64_t>& count) {
  return count ? std::to_string(*count) : "null";
}

std::string text_or_null(const std::string& text) {
  return text.empty() ? "null" : json::quote(text);
}

std::string finding_json(const AuditFinding& finding) {
  return fmt::format(
      R"({{"rule":{},"severity":"{}","session_id":{},"sequence_number":{},"message":{},)"
      R"("fingerprint":"{}","file":{},"line":{}}})",
      json::quote(finding.rule), to_string(finding.severity), text_or_null(finding.session_id),
      count_json(finding.sequence_number), json::quote(finding.message), finding.fingerprint,
      text_or_null(finding.file), count_json(finding.line));
}

std::string findings_json(const AuditAnswer& answer, bool judged) {
  std::vector<const AuditFinding*> some;
  for (const AuditFinding& finding : answer.findings)
    if (finding.judged == judged) some.push_back(&finding);
  std::string text =
      array_json(some, [](const AuditFinding* one) { return "\n" + finding_json(*one); });
  return text;
}

std::string parameter_json(const AuditParameter& parameter) {
  return fmt::format(R"({{"name":{},"standard":{}}})", json::quote(parameter.name),
                     text_json(parameter.standard));
}

// SARIF.

/// In one run; code scanning of GitHub refuses a file with more.
constexpr std::size_t results_max = 25'000;

/// `{"text":…}`, for people.
std::string message_json(std::string_view text) {
  return R"({"text":)" + json::quote(printable(text)) + "}";
}

bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view{"-._~/"}.contains(c);
}

/// A path as a URI; one that is relative stays so.
std::string uri_of(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path)
    if (is_unreserved(c)) uri += c;
    else uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  return uri;
}

/// Code scanning takes no result without a file: what is in none has its session's name there.
std::string location_json(const AuditFinding& finding) {
  const std::string session = finding.session_id.empty() ? "sessions" : finding.session_id;
  const std::string region =
      finding.line ? fmt::format(R"(,"region":{{"startLine":{}}})", *finding.line) : "";
  std::string location =
      fmt::format(R"({{"physicalLocation":{{"artifactLocation":{{"uri":{}}}{}}})",
                  json::quote(uri_of(finding.file.empty() ? session : finding.file)), region);
  if (finding.session_id.empty()) return '[' + location + "}]";
  const std::string number =
      finding.sequence_number ? "#" + std::to_string(*finding.sequence_number) : "";
  return '[' + location +
         fmt::format(
             R"(,"logicalLocations":[{{"name":{},"fullyQualifiedName":{},"kind":"{}"}}]}}])",
             json::quote(printable(session)), json::quote(printable(session + number)),
             number.empty() ? "session" : "event");
}

std::string rule_json(const AuditRule& rule) {
  return fmt::format(R"({{"id":{},"name":{},"shortDescription":{},"fullDescription":{},"help":{},)"
                     R"("defaultConfiguration":{{"level":"{}"}}}})",
                     json::quote(rule.name), json::quote(rule.name), message_json(rule.name),
                     message_json(rule.why), message_json(rule.fix), to_string(rule.severity));
}

std::string result_json(const AuditAnswer& answer, const AuditFinding& finding) {
  const auto index =
      std::ranges::find(answer.rules, finding.rule, &AuditRule::name) - answer.rules.begin();
  const std::string kind = finding.judged
                               ? fmt::format(R"("level":"{}")", to_string(finding.severity))
                               : R"("kind":"open","level":"none")";
  return fmt::format(R"({{"ruleId":{},"ruleIndex":{},{},"message":{},"locations":{},)"
                     R"("partialFingerprints":{{"agentstoreFinding/v1":"{}"}}{}}})",
                     json::quote(finding.rule), index, kind, message_json(finding.message),
                     location_json(finding), finding.fingerprint,
                     answer.baseline && finding.judged ? R"(,"baselineState":"new")" : "");
}

std::string invocation_json(const AuditAnswer& answer) {
  std::vector<std::string> lacks = answer.incomplete.inputs;
  for (const AuditFinding& finding : answer.findings)
    if (!finding.judged) lacks.push_back(finding.rule + ": " + finding.message);
  const bool whole = answer.status <= 1 && lacks.empty();
  if (answer.findings.size() > results_max)
    lacks.push_back(fmt::format("{} of {} findings are left out here",
                                answer.findings.size() - results_max, answer.findings.size()));
  const std::string notifications = array_json(lacks, [](const std::string& one) {
    return R"({"level":"error","message":)" + message_json(one) + "}";
  });
  return fmt::format(
      R"([{{"executionSuccessful":{},"exitCode":{},"toolExecutionNotifications":{}}}])", whole,
      answer.status, notifications);
}

}  // namespace

void write_audit_json(Sink& sink, const AuditAnswer& answer) {
  const std::string counts = fmt::format(
      R"("sessions":{},"events":{},"by_severity":{{"error":{},"warning":{},"note":{}}})",
      answer.sessions.size(), answer.events(), answer.count(AuditSeverity::error),
      answer.count(AuditSeverity::warning), answer.count(AuditSeverity::note));
  const std::string baseline = answer.baseline
                                   ? fmt::format(R"({{"known":{},"gone":{}}})",
                                                 answer.baseline->known, answer.baseline->gone)
                                   : "null";
  sink.write(fmt::format(
      R"({{"schema":"agentstore/audit/1","rules":{},"applied":{},{},"findings":)",
      answer.rules.size(),
      array_json(answer.rules, [](const AuditRule& rule) { return json::quote(rule.name); }),
      counts));
  sink.write(findings_json(answer, true) + R"(,"unjudged":)" + findings_json(answer, false));
  sink.write(R"(,"baseline":)" + baseline + R"(,"incomplete":)" +
             incomplete_json(answer.incomplete) + R"(,"rule_files":)" +
             rules_json(answer.rules_in_force) + "}\n");
}

void write_audit_sarif(Sink& sink, const AuditAnswer& answer) {
  sink.write(
      R"({"$schema":"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",)"
      R"("version":"2.1.0","runs":[{"tool":{"driver":{"name":"agentstore","version":)" +
      json::quote(answer.version) + R"(,"rules":)" +
      array_json(answer.rules, [](const AuditRule& rule) { return "\n" + rule_json(rule); }) +
      R"(}},"columnKind":"unicodeCodePoints","invocations":)" + invocation_json(answer) +
      R"(,"results":)");
  const auto shown =
      std::span{answer.findings}.first(std::min(answer.findings.size(), results_max));
  sink.write(
      array_json(shown, [&](const AuditFinding& one) { return "\n" + result_json(answer, one); }));
  sink.write("}]}\n");
}

void write_audit_rules_json(Sink& sink, const std::vector<ListedRule>& rules) {
  sink.write(R"({"schema":"agentstore/audit-rules/1","rules":)" +
             array_json(rules,
                        [](const ListedRule& one) {
                          return fmt::format(
                              "\n"
                              R"({{"name":{},"severity":"{}","on":{},"turned_on_by":{},"why":{},)"
                              R"("fix":{},"parameters":{},"file":{}}})",
                              json::quote(one.rule.name), to_string(one.rule.severity), one.on,
                              text_or_null(one.turned_on_by), json::quote(one.rule.why),
                              json::quote(one.rule.fix),
                              array_json(one.rule.parameters, parameter_json),
                              text_or_null(one.rule.file));
                        }) +
             "}\n");
}

}  // namespace agentstore::formats
