// Rules of an audit: each is one SQL question over sessions (agentstore/analysis/sql.hpp), whose
// rows are findings. A file of a rule begins with its head, one member a comment line:
//
//   -- name: long-answers
//   -- severity: warning
//   -- why: Nobody reads them.
//   -- fix: Ask for a summary.
//   -- param: limit = 2000
//   SELECT session_id, seq, length(text) || ' characters' AS message
//     FROM events WHERE kind = 'answer' AND length(text) > :limit
//
// Columns of an answer: session_id, seq (NULL: of the session as a whole), message; and, where a
// rule has them, `about` (tells two findings at one event apart), `judged` (0: it could not be
// judged).

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"

namespace agentstore {

/// How much a finding matters, from the least on.
enum class AuditSeverity { note, warning, error };
/// The word that stands for it; lives for ever.
std::string_view to_string(AuditSeverity severity);
/// Errors: invalid, naming those that there are.
Result<AuditSeverity> parse_audit_severity(std::string_view word);

/// What a rule's SQL asks for as `:name`.
struct AuditParameter {
  std::string name;
  std::optional<std::string> standard;  ///< its value where none is given; absent: it has to be
};

struct AuditRule {
  std::string name;  ///< [a-z][a-z0-9-]*, up to 64 characters
  AuditSeverity severity = AuditSeverity::error;
  std::string why;
  std::string fix;
  /// Whether it is applied where nobody asks for it. A parameter that has to be given turns it off
  /// until it is.
  bool standard = true;
  /// Whether a payload that was redacted keeps it from being judged where it was to be looked into.
  bool needs_payloads = true;
  std::vector<AuditParameter> parameters;
  std::string file;  ///< as it was named; empty: it is built in
  std::string text;  ///< all of the file, which is its SQL: a head is a comment
  bool asks = true;  ///< whether there is SQL behind the head
};

/// Reads a rule; `file` is for messages, of which each names it and the line.
/// Errors: invalid (a member that is missing, unknown, or there twice; a bad name or severity).
Result<AuditRule> parse_audit_rule(std::string_view text, std::string_view file);

/// Those that are built in, in the order in which people are shown them; live for ever. The first,
/// `integrity`, asks nothing: whoever audits looks at the logs themselves (Store::verify) for it.
/// The others use the functions `regexp`, `matches`, `secrets`, `paths`, `within` and `hosts`,
/// which whoever opens the database adds (SqlOptions::functions).
std::span<const AuditRule> built_in_audit_rules();

}  // namespace agentstore
