#include "cmd/totals/explanation.hpp"

#include <map>
#include <utility>

#include "agentstore/json.hpp"

namespace agentstore::cmd {
namespace {

using formats::ExplainedRecord;
using Key = std::pair<std::string, std::uint64_t>;

/// A record that its file, or another file of its session, holds once more.
void add_repetition(const EventView& event, const TracedPlace& place,
                    std::vector<ExplainedRecord>& records) {
  const Usage usage = usage_of(event);
  if (!usage.has_tokens() || usage.extra.empty()) return;
  ExplainedRecord& one = records.emplace_back();
  one.record.why = UncountedRecord::Why::repetition;
  one.record.session_id = event.session_id;
  one.record.tokens_in = usage.tokens_in.value_or(0);
  one.record.tokens_out = usage.tokens_out.value_or(0);
  one.path = place.path;
  one.line = place.line;
}

}  // namespace

Result<std::vector<ExplainedRecord>> explain(const Adder& adder, const Totals& totals,
                                             const std::vector<const Input*>& inputs) {
  std::vector<ExplainedRecord> records;
  for (UncountedRecord& record : adder.responses().uncounted_records())
    records.push_back({.record = std::move(record), .path = {}, .line = 0, .note = {}});
  for (const UnreadUsage& unread : totals.unread_usage) {
    ExplainedRecord& one = records.emplace_back();
    one.record.why = UncountedRecord::Why::unknown;
    one.record.session_id = unread.session_id;
    one.record.sequence_number = unread.sequence_number;
    one.note = unread.why;
  }
  std::multimap<Key, std::size_t> wanted;
  for (std::size_t i = 0; i < records.size(); ++i)
    wanted.emplace(Key{records[i].record.session_id, records[i].record.sequence_number}, i);
  for (const Input* input : inputs) {
    const auto traced = input->trace([&](const EventView& event, const TracedPlace& place) {
      if (place.repeated) return add_repetition(event, place, records);
      const auto [from, to] =
          wanted.equal_range(Key{std::string{event.session_id}, event.sequence_number});
      for (auto at = from; at != to; ++at) {
        records[at->second].path = place.path;
        records[at->second].line = place.line;
      }
    });
    if (!traced) return std::unexpected{traced.error()};
  }
  return records;
}

}  // namespace agentstore::cmd
