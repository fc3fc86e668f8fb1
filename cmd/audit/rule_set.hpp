// The rules of an audit: those that are built in and those of files, which of them are applied, and
// what their parameters stand for.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/audit.hpp"
#include "agentstore/analysis/sql.hpp"
#include "cmd/context.hpp"
#include "formats/answers/audit.hpp"

namespace agentstore::cmd {

/// Rule 0, which is no question in SQL.
inline constexpr std::string_view integrity_rule = "integrity";

class RuleSet {
 public:
  /// Errors: invalid (a file that is no rule, naming it and the place; a name that is there twice
  /// or nowhere; a parameter that is missing, is no number where it has to be one, or that no rule
  /// has); not_found, io.
  static Result<RuleSet> load(Context& context, const AuditCommand& options);

  /// Each with whether it is applied; in the order in which they are shown.
  const std::vector<formats::ListedRule>& all() const { return all_; }
  std::vector<AuditRule> applied() const;
  /// What its SQL is given.
  std::vector<SqlParameter> parameters_of(const AuditRule& rule) const;
  /// Errors: invalid, naming the nearest.
  Result<const AuditRule*> find(const std::string& name) const;

  /// Whether each rule that is applied, or would be with a value, is SQL that reads, and gives what
  /// a finding needs. Errors: invalid, naming file and place.
  Result<void> check(Context& context) const;

 private:
  using Given = std::map<std::string, std::string>;

  Result<void> add_files(const std::vector<std::string>& paths);
  Result<void> add_file(const std::string& path);
  Result<void> read_parameters(Context& context, const AuditCommand& options);
  /// Errors: invalid. Writes numbers in the one way that SQL takes for a number.
  Result<void> check_parameters();
  Result<void> choose(Context& context, const AuditCommand& options, AuditSeverity least);
  /// Whether any rule of a file is applied; tells those that wait for a value. Errors: invalid:
  /// --no-rule took out all of them.
  Result<void> check_files(Context& context) const;
  Result<void> take_out(const std::string& name);
  Result<void> put_in(const std::string& name, const std::vector<std::string>& without);
  /// Whether one of its parameters was given a value.
  bool is_asked_for(const AuditRule& rule) const;
  std::vector<std::size_t> named(const std::string& pattern) const;
  const AuditParameter* missing_of(const AuditRule& rule) const;
  std::unexpected<Error> unknown(const std::string& name) const;

  std::vector<formats::ListedRule> all_;
  Given given_;
};

/// "the rule loops", "the rule mine (rules/mine.sql)": for messages.
std::string name_for_people(const AuditRule& rule);

/// The columns by which findings are read. Errors: invalid, naming the rule and the column that it
/// lacks.
struct FindingColumns {
  std::size_t session_id = 0;
  std::size_t sequence_number = 0;
  std::size_t message = 0;
  std::optional<std::size_t> about;
  std::optional<std::size_t> judged;
};
Result<FindingColumns> columns_of(const AuditRule& rule, const std::vector<std::string>& columns);

}  // namespace agentstore::cmd
