#include "formats/answers/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "agentstore/json.hpp"
#include "formats/answers/absent.hpp"
#include "formats/text/code_points.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/paint.hpp"
#include "formats/text/rules.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t verdict_columns = 9;

std::string hash_json(const std::string& hash) {
  return hash.empty() ? "null" : json::quote(hash);
}

std::string verification_json(const Verification& verification) {
  std::string out = fmt::format(
      "{{\"session_id\":{},\"verdict\":{},\"events\":{},\"unsealed\":{},\"redacted\":{},"
      "\"head\":{},\"root\":{},\"findings\":{}",
      json::quote(verification.session_id), json::quote(to_string(verification.verdict)),
      verification.events, verification.unsealed, verification.redacted,
      hash_json(verification.head), hash_json(verification.root),
      array_json(verification.findings, finding_json));
  if (verification.verdict == Verdict::extract)
    out += ",\"absent\":" + absent_json(verification.absent);
  return out + '}';
}

bool is_bad(Verdict verdict) {
  return verdict == Verdict::torn || verdict == Verdict::damaged || verdict == Verdict::lost;
}

std::string verdict_text(const Verification& verification, bool color) {
  std::string text{to_string(verification.verdict)};
  const bool bad = is_bad(verification.verdict);
  if (bad) {
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c; });
  }
  text.append(verdict_columns - std::min(verdict_columns, text.size()), ' ');
  const Paint paint = bad ? Paint::red : has_findings(verification) ? Paint::yellow : Paint::none;
  return painted(text, paint, color);
}

std::string hash_text(std::string_view name, const std::string& hash) {
  constexpr std::size_t shown = 8;
  if (hash.size() <= shown) return {};
  return fmt::format("  {} {}…{}", name, hash.substr(0, 4), hash.substr(hash.size() - 2));
}

std::string counts_text(const Verification& verification) {
  std::string text = counted(verification.events, "event");
  if (verification.unsealed > 0) text += ", " + thousands(verification.unsealed) + " unsealed";
  if (verification.redacted > 0) text += ", " + thousands(verification.redacted) + " redacted";
  return text;
}

// The ids, and how they are shown: shortened where a terminal is too narrow for its lines.
class Ids {
 public:
  Ids(std::span<const Verification> verifications, const Screen& screen) {
    measure(verifications);
    const bool whole = screen.columns == 0 || screen.wide;
    if (whole || columns_ + line_columns <= screen.columns) return;
    std::vector<std::string_view> ids;
    for (const Verification& verification : verifications) ids.push_back(verification.session_id);
    characters_ = telling_characters(std::move(ids));
    measure(verifications);
  }

  std::size_t columns() const { return columns_; }
  std::string cell(const std::string& id) const {
    std::string text = shown(id);
    text.append(columns_ - std::min(columns_, display_width(text)), ' ');
    return text;
  }

 private:
  std::string shown(const std::string& id) const {
    return printable(id.size() > long_id_bytes ? cut_utf8(id, characters_) : id);
  }
  void measure(std::span<const Verification> verifications) {
    columns_ = 0;
    for (const Verification& verification : verifications)
      columns_ = std::max(columns_, display_width(shown(verification.session_id)));
    columns_ = std::min(columns_, id_columns_max);
  }

  static constexpr std::size_t id_columns_max = 36;
  static constexpr std::size_t long_id_bytes = 16;
  static constexpr std::size_t line_columns = 52;  // of what follows an id
  std::size_t columns_ = 0;
  std::size_t characters_ = std::string::npos;
};

// Adds the parts of a line that there is room for.
std::string line_of(const Verification& verification, const Ids& ids, const Screen& screen) {
  const std::string counts = counts_text(verification);
  std::size_t used = ids.columns() + 4 + verdict_columns + counts.size();
  std::string line = ids.cell(verification.session_id) + "  " +
                     verdict_text(verification, screen.color) + "  " + counts;
  for (const std::string& hash :
       {hash_text("head", verification.head), hash_text("root", verification.root)}) {
    used += display_width(hash);
    if (screen.columns > 0 && !screen.wide && used > screen.columns) break;
    line += painted(hash, Paint::dim, screen.color);
  }
  return line;
}

void write_session(Sink& sink, const Verification& verification, const Ids& ids,
                   const Screen& screen) {
  sink.write(line_of(verification, ids, screen) + "\n");
  const std::size_t indent = screen.columns > 0 && screen.columns < 60 ? 2 : ids.columns() + 2;
  const auto say = [&](const std::string& text) {
    sink.write(std::string(indent, ' ') + wrapped(text, screen, indent, indent) + "\n");
  };
  if (verification.verdict == Verdict::extract) say(absent_text(verification.absent));
  for (const Finding& finding : verification.findings) say(finding_text(finding));
  const std::uint64_t shown = verification.findings.size();
  if (verification.finding_count > shown)
    say("and " + thousands(verification.finding_count - shown) + " more");
}

}  // namespace

std::string finding_json(const Finding& finding) {
  const std::uint64_t number = finding.sequence_number;
  return fmt::format(
      "{{\"kind\":{},\"line\":{},\"offset\":{},\"sequence_number\":{},\"message\":{}}}",
      json::quote(to_string(finding.kind)), finding.line, finding.offset_bytes,
      number == 0 ? "null" : std::to_string(number), json::quote(finding.message));
}

std::string finding_text(const Finding& finding) {
  constexpr std::size_t message_columns_max = 300;
  std::string place;
  if (finding.line > 0) place = fmt::format("line {}, byte {}", finding.line, finding.offset_bytes);
  if (finding.sequence_number > 0) place += fmt::format(" (#{})", finding.sequence_number);
  const std::string message = printable_cut(finding.message, message_columns_max);
  return place.empty() ? message : place + ": " + message;
}

bool has_findings(const Verification& verification) {
  return is_bad(verification.verdict) || verification.finding_count > 0 ||
         !verification.findings.empty();
}

void write_verify_json(Sink& sink, std::span<const Verification> verifications,
                       const RuleFiles& rules) {
  sink.write(R"({"schema":"agentstore/verify/1","sessions":[)");
  for (std::size_t at = 0; at < verifications.size(); ++at) {
    if (at > 0) sink.write(",");
    sink.write(verification_json(verifications[at]));
  }
  // What a session has beside its events.
  sink.write("],\"not_sealed\":[\"name\",\"labels\",\"created_at\"],\"rules\":" +
             rules_json(rules) + "}\n");
}

void write_verify_text(Sink& sink, std::span<const Verification> verifications,
                       const Screen& screen, bool of_store, bool of_page) {
  const Ids ids{verifications, screen};
  for (const Verification& verification : verifications)
    write_session(sink, verification, ids, screen);
  if (of_store)
    sink.write(wrapped("names, labels and times of creation are not sealed, and were not verified",
                       screen, 0) +
               "\n");
  if (of_page)
    sink.write(wrapped("of a page, the stored lines in it were verified, and not what it shows",
                       screen, 0) +
               "\n");
  const auto found = static_cast<std::size_t>(std::ranges::count_if(verifications, has_findings));
  const std::string all = counted(verifications.size(), "session");
  sink.write(found == 0 ? "no findings in " + all + "\n"
                        : fmt::format("{} of {} {} findings\n", thousands(found), all,
                                      found == 1 ? "has" : "have"));
}

}  // namespace agentstore::formats
