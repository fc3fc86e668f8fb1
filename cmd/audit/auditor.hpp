// An audit: every log is looked at whole, then each rule is asked over all of them.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cmd/audit/rule_set.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/input/input.hpp"
#include "cmd/input/session_copies.hpp"
#include "cmd/totals/sql_source.hpp"
#include "formats/answers/audit.hpp"

namespace agentstore::cmd {

class Auditor {
 public:
  /// The gate learns of everything that keeps something from being judged, and of damage.
  Auditor(Context& context, const AuditCommand& options, OnCorrupt on_corrupt, Gate& gate)
      : context_{context}, options_{options}, on_corrupt_{on_corrupt}, gate_{gate} {}

  /// Adds to the answer what was looked at, and what was found. The inputs are gone after it, but
  /// for those that places are asked of. Errors: invalid (a rule that cannot be asked, naming it; a
  /// file that is nothing to read); io.
  Result<void> run(Inputs inputs, const RuleSet& rules, formats::AuditAnswer& answer);

  /// Gives findings the file and line of their events, as far as there are some.
  void place(std::vector<formats::AuditFinding>& findings) const;

 private:
  /// What rule 0 says of a log.
  void look_at_all();
  void look_at(const Input& input, const Result<Verification>& verification);
  void add_session(const Input& input, const Verification& verification);
  Result<void> leave_out_copies_of(Inputs& inputs);
  void find_difference(const Input& kept, const Input& other, const LogComparison& how);
  void find_shared_ids();
  /// Of a session that was added.
  void find_integrity(const Input& input, formats::AuditFinding finding);
  Result<void> ask(const AuditRule& rule, const RuleSet& rules, SqlDatabase& database);
  Result<void> take_rows(const AuditRule& rule, SqlQuery& query);
  void add(formats::AuditFinding finding, const std::string& about);
  void tell_lacking(const AuditRule& rule);
  void tell_reading();
  void sort();

  Context& context_;
  const AuditCommand& options_;
  const OnCorrupt on_corrupt_;
  Gate& gate_;
  std::vector<const Input*> looked_at_;
  std::map<const Input*, std::string> id_of_;
  std::map<std::string, const Input*, std::less<>> input_of_;  // by session; none of copies_
  std::map<std::string, const Input*, std::less<>> found_in_;  // by fingerprint: what rule 0 found
  Inputs copies_;                    // no rule but rule 0 is asked of them
  std::optional<Error> unreadable_;  // a file that is nothing to read
  std::vector<const Input*> bad_;    // of which rule 0 told
  std::optional<SqlInputs> source_;
  formats::AuditAnswer* answer_ = nullptr;
  std::map<std::string, std::uint64_t> equal_;  // findings that nothing tells apart
  std::vector<std::string> names_;              // of rules, for a message at any time
};

}  // namespace agentstore::cmd
