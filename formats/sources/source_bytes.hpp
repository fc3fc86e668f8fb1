// The fields of what sources make, for agentstore/internal/bytes.hpp.

#pragma once

#include "agentstore/internal/bytes.hpp"
#include "formats/sources/source.hpp"
#include "formats/sources/tally.hpp"
#include "formats/sources/usage.hpp"

namespace agentstore::formats {

void list_fields(auto& way, Any<SourceSession> auto& session) {
  way.fields(session.id, session.title, session.named, session.labels, session.created_at);
}

void list_fields(auto& way, Any<SkippedPart> auto& part) {
  way.fields(part.path, part.line, part.offset_bytes, part.why);
}

void list_fields(auto& way, Any<Tally> auto& tally) {
  auto& [bytes, lines, blank_lines, records, glued_lines, non_objects, events, kept_bytes, by_type,
         unknown, left_out, duplicates, repeated_usage, duplicate_in, duplicate_out, skipped,
         skipped_parts, torn] = tally;
  way.fields(bytes, lines, blank_lines, records, glued_lines, non_objects, events, kept_bytes,
             by_type, unknown, left_out, duplicates, repeated_usage, duplicate_in, duplicate_out,
             skipped, skipped_parts, torn);
}

void list_fields(auto& way, Any<Usage> auto& usage) {
  auto& [in, cache_write, cache_read, out, cache_write_1h] = usage;
  way.fields(in, cache_write, cache_read, out, cache_write_1h);
}

}  // namespace agentstore::formats
