// What sums leave out, and why: the difference to whoever adds up every record.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agentstore/analysis/responses.hpp"
#include "formats/text/incomplete.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

struct ExplainedRecord {
  UncountedRecord record;
  std::string path;        ///< of the file that it is in; empty: the session's log
  std::uint64_t line = 0;  ///< in that file
  std::string note;        ///< more to say of why; may be empty
};

struct ExplainAnswer {
  std::uint64_t sessions = 0;
  std::int64_t counted_in = 0;
  std::int64_t counted_out = 0;
  std::vector<ExplainedRecord> records;
  Incomplete incomplete = {};
};

/// "repetition", "placeholder", "copy", "history", "sub_agent", "unknown".
std::string_view name_of(UncountedRecord::Why why);

/// agentstore/explain/1, on one line.
void write_explain_json(Sink& sink, const ExplainAnswer& answer);
/// The sums by reason, and each record.
void write_explain_text(Sink& sink, const ExplainAnswer& answer, const Screen& screen);

}  // namespace agentstore::formats
