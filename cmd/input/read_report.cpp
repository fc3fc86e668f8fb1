#include "cmd/input/read_report.hpp"

#include <fmt/format.h>

#include <string>

#include "formats/answers/absent.hpp"

namespace agentstore::cmd {
namespace {

std::string place_of(const Finding& finding) {
  std::string place = fmt::format("line {}, byte {}", finding.line, finding.offset_bytes);
  if (finding.sequence_number != 0) place += fmt::format(", #{}", finding.sequence_number);
  return place;
}

}  // namespace

int tell_report(Context& context, const ReadReport& report, OnCorrupt on_corrupt) {
  if (report.verdict == Verdict::extract)
    context.note(report.log_name + " is an extract: " + formats::absent_text(report.absent));
  if (report.verdict == Verdict::in_flight)
    context.note(report.log_name + " ends in a write that is still under way; it is left out");
  if (!report.seals_checked)
    context.note(report.log_name +
                 " is over 64 MiB: seals were not checked; `agentstore verify` checks them");
  for (const Finding& finding : report.findings)
    context.warn(report.log_name + " (" + place_of(finding) + "): " + finding.message +
                 (report.verdict == Verdict::torn && report.log_name != "-"
                      ? "; the next append repairs it"
                      : ""));
  if (report.finding_count > report.findings.size())
    context.warn(
        fmt::format("and {} findings more", report.finding_count - report.findings.size()));
  if (report.finding_count == 0 || on_corrupt != OnCorrupt::skip) return Status::fine;
  return Status::incomplete;
}

Error with_advice(Error error, const Input& input) {
  if (error.code != Code::corrupt || !error.hint.empty()) return error;
  error.hint = "`agentstore verify " + input.arguments() +
               "` says more, `agentstore replay --on-corrupt skip` shows what can be read";
  return error;
}

Result<OnCorrupt> parse_on_corrupt(std::string_view word) {
  if (word == "strict") return OnCorrupt::strict;
  if (word == "prefix") return OnCorrupt::prefix;
  if (word == "skip") return OnCorrupt::skip;
  return fail(Code::invalid, "--on-corrupt cannot be " + in_quotes(word),
              "it is strict, prefix or skip");
}

}  // namespace agentstore::cmd
