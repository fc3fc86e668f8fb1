#include "formats/answers/rerun_made.hpp"

#include <fmt/format.h>

#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/paint.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

MadeRerun sum_of(const std::vector<MadeRerun>& made) {
  MadeRerun sum{.rerun_of = {}};
  for (const MadeRerun& one : made) {
    sum.turns += one.turns;
    sum.asked += one.asked;
    sum.already += one.already;
    sum.failed += one.failed;
    sum.redacted += one.redacted;
  }
  return sum;
}

std::string figures_json(const MadeRerun& one) {
  return fmt::format(R"("turns":{},"asked":{},"already":{},"failed":{},"redacted":{})", one.turns,
                     one.asked, one.already, one.failed, one.redacted);
}

std::string id_json(const std::string& id) {
  return id.empty() ? "null" : json::quote(id);
}

std::string made_json(const MadeRerun& one) {
  const std::string why = one.refused ? one.refused->message : one.first_failure;
  return "{\"session_id\":" + id_json(one.session_id) + ",\"rerun_of\":" + id_json(one.rerun_of) +
         "," + figures_json(one) + ",\"error\":" + id_json(why) + "}";
}

std::string figures_text(const MadeRerun& one) {
  std::string text = counted(one.asked, "turn") + " asked";
  if (one.already > 0) text += fmt::format(", {} answered before", thousands(one.already));
  if (one.redacted > 0) text += fmt::format(", {} redacted", thousands(one.redacted));
  if (one.failed > 0) text += fmt::format(", {} failed", thousands(one.failed));
  return text;
}

}  // namespace

void write_made_json(Sink& sink, const std::vector<MadeRerun>& made) {
  sink.write("{\"schema\":\"agentstore/rerun-made/1\",\"sessions\":" + array_json(made, made_json) +
             "," + figures_json(sum_of(made)) + "}\n");
}

void write_made_text(Sink& sink, const std::vector<MadeRerun>& made, const Screen& screen) {
  for (const MadeRerun& one : made) {
    if (one.session_id.empty()) continue;  // What was refused is told elsewhere.
    const std::string line =
        printable(one.session_id) + "  of " + printable(one.rerun_of) + ": " + figures_text(one);
    sink.write(painted(line, one.failed > 0 ? Paint::red : Paint::none, screen.color) + "\n");
    if (one.first_failure.empty()) continue;
    sink.write("  " + wrapped(printable(one.first_failure), screen, 2, 2) + "\n");
  }
  sink.write(
      fmt::format("Total: {}, {}\n", counted(made.size(), "session"), figures_text(sum_of(made))));
}

}  // namespace agentstore::formats
