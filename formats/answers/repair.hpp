// The answers of `repair`.

#pragma once

#include <string_view>

#include "agentstore/repair.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// agentstore/repair/1, on one line.
void write_repair_json(Sink& sink, std::string_view session_id, const Repair& repair);

/// What was done, or in a dry run would be; each stretch that no event could be made of.
void write_repair_text(Sink& sink, std::string_view session_id, const Repair& repair, bool dry_run);

}  // namespace agentstore::formats
