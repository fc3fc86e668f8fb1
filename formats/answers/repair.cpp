#include "formats/answers/repair.hpp"

#include <fmt/format.h>

#include "agentstore/json.hpp"
#include "formats/answers/verify.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {

void write_repair_json(Sink& sink, std::string_view session_id, const Repair& repair) {
  sink.write(fmt::format(
      R"({{"schema":"agentstore/repair/1","session_id":{},"verdict":{},"changed":{},"events":{},)"
      R"("bytes_left_out":{},"left_out_count":{},"left_out":{},"kept_as":{}}})"
      "\n",
      json::quote(session_id), json::quote(to_string(repair.verdict)), repair.changed,
      repair.events, repair.bytes_left_out, repair.left_out_count,
      array_json(repair.left_out, finding_json),
      repair.kept_as.empty() ? "null" : json::quote(repair.kept_as)));
}

void write_repair_text(Sink& sink, std::string_view session_id, const Repair& repair,
                       bool dry_run) {
  const std::string id = printable(session_id);
  if (!repair.changed) {
    sink.write(fmt::format("{}: {}, nothing to repair\n", id, to_string(repair.verdict)));
    return;
  }
  sink.write(fmt::format("{}: {}; {} {}, {} left out\n", id, to_string(repair.verdict),
                         counted(repair.events, "event"), dry_run ? "would be kept" : "kept",
                         counted(repair.bytes_left_out, "byte")));
  for (const Finding& finding : repair.left_out) sink.write("  " + finding_text(finding) + "\n");
  if (!repair.kept_as.empty()) {
    sink.write(fmt::format("  the old bytes are kept: {}\n", printable(repair.kept_as)));
  }
}

}  // namespace agentstore::formats
