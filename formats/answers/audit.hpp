// What an audit found, for people, machines and CI: text, JSON, SARIF 2.1.0, JUnit, annotations of
// GitHub Actions, Markdown. Messages hold log content, and are escaped here.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/audit.hpp"
#include "agentstore/internal/rule_files.hpp"
#include "formats/text/incomplete.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

struct AuditFinding {
  std::string rule = {};
  AuditSeverity severity = AuditSeverity::error;
  std::string session_id = {};  ///< empty: of no session alone
  /// Absent: of the session as a whole.
  std::optional<std::uint64_t> sequence_number = std::nullopt;
  std::string message = {};
  std::string fingerprint = {};  ///< 32 hex digits: stays the same as the log grows
  bool judged = true;     ///< false: what was asked could not be judged, and `message` says why
  std::string file = {};  ///< where it stands; empty: not in a file
  std::optional<std::uint64_t> line = std::nullopt;  ///< from 1
};

struct AuditedSession {
  std::string id;
  std::string name;   ///< what people call it; may be empty
  std::string store;  ///< where several were asked; else empty
  std::uint64_t events = 0;
};

/// What a baseline took away.
struct AuditBaseline {
  std::uint64_t known = 0;  ///< findings that it has
  std::uint64_t gone = 0;   ///< of its own, those that are no more
};

struct AuditAnswer {
  std::string version = {};           ///< of this program
  std::vector<AuditRule> rules = {};  ///< that were applied
  std::vector<AuditedSession> sessions = {};
  /// In the order of the sessions, then of events; those that could not be judged among them.
  std::vector<AuditFinding> findings = {};
  std::optional<AuditBaseline> baseline = std::nullopt;
  Incomplete incomplete = {};
  RuleFiles rules_in_force = {};
  int status = 0;  ///< the exit status that it leads to

  /// Judged ones alone.
  std::uint64_t count() const;
  std::uint64_t count(AuditSeverity severity) const;
  std::uint64_t unjudged() const { return findings.size() - count(); }
  std::uint64_t events() const;
};

/// "text", "json", "sarif", "junit", "github", "markdown". Errors: invalid (another format).
Result<void> write_audit(std::string_view format, Sink& sink, const AuditAnswer& answer,
                         const Screen& screen);

void write_audit_json(Sink& sink, const AuditAnswer& answer);
void write_audit_sarif(Sink& sink, const AuditAnswer& answer);
void write_audit_junit(Sink& sink, const AuditAnswer& answer);
void write_audit_github(Sink& sink, const AuditAnswer& answer);
void write_audit_markdown(Sink& sink, const AuditAnswer& answer);

/// "3 findings in 2 of 8 sessions: 2 errors, 1 warning"
std::string audit_summary(const AuditAnswer& answer);

/// A rule as a list shows it.
struct ListedRule {
  AuditRule rule;
  bool on = false;
  std::string turned_on_by = {};  ///< a flag, where it is off until that is given; else empty
};
void write_audit_rules_text(Sink& sink, const std::vector<ListedRule>& rules, const Screen& screen);
void write_audit_rules_json(Sink& sink, const std::vector<ListedRule>& rules);

}  // namespace agentstore::formats
