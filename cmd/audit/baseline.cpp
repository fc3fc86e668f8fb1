#include "cmd/audit/baseline.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "agentstore/json.hpp"
#include "cmd/audit/rule_set.hpp"
#include "cmd/home_folder.hpp"
#include "cmd/quoting.hpp"
#include "cmd/read_whole.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t baseline_bytes_max = std::size_t{1} << 30;
constexpr std::string_view schema = "agentstore/audit/1";

}  // namespace

Result<Baseline> Baseline::read(const std::string& path) {
  const auto text = read_whole_file(expand_home(path), baseline_bytes_max);
  if (!text) return std::unexpected{text.error()};
  const auto refuse = [&](const std::string& why) {
    return fail(Code::invalid, "--baseline " + in_quotes(path) + ": " + why,
                "`agentstore audit --json -o FILE` writes one");
  };
  if (const auto wrong = json::check(*text, json::rules_to_read))
    return refuse("it is not JSON (byte " + std::to_string(wrong->offset_bytes) + ": " +
                  wrong->what + ")");
  const json::Value answer{*text};
  const auto named = json::find_text(answer, "schema");
  if (!named || *named != schema)
    return refuse(named ? "it is " + in_quotes(*named) + ", and not " + std::string{schema}
                        : "it is no answer of an audit");
  const auto findings = json::find(answer, "findings");
  if (!findings || json::kind_of(*findings) != json::Kind::array)
    return refuse("it has no findings");
  Baseline baseline;
  for (json::Walk walk{*findings}; walk.next();) {
    const auto fingerprint = json::find_text(walk.value(), "fingerprint");
    if (!fingerprint || fingerprint->empty()) return refuse("a finding in it has no fingerprint");
    baseline.known_[*fingerprint] = {json::find_text(walk.value(), "rule").value_or(""),
                                     json::find_text(walk.value(), "session_id").value_or("")};
  }
  return baseline;
}

void Baseline::take_known(formats::AuditAnswer& answer) const {
  std::set<std::string_view> seen;
  formats::AuditBaseline taken;
  taken.known = std::erase_if(answer.findings, [&](const formats::AuditFinding& finding) {
    const auto known = known_.find(finding.fingerprint);
    if (known == known_.end()) return false;
    seen.insert(known->first);
    return finding.judged && finding.rule != integrity_rule;
  });
  const auto was_asked = [&](const Known& known) {
    const bool session = known.session_id.empty() ||
                         std::ranges::find(answer.sessions, known.session_id,
                                           &formats::AuditedSession::id) != answer.sessions.end();
    return session &&
           std::ranges::find(answer.rules, known.rule, &AuditRule::name) != answer.rules.end();
  };
  for (const auto& [fingerprint, known] : known_)
    if (!seen.contains(fingerprint) && was_asked(known)) ++taken.gone;
  answer.baseline = taken;
}

}  // namespace agentstore::cmd
