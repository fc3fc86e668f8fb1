#include "formats/sources/usage.hpp"

#include <limits>

#include "formats/sources/texts.hpp"

namespace agentstore::formats {
namespace {

std::int64_t grow(std::int64_t& largest, std::int64_t told) {
  const std::int64_t before = largest;
  largest = std::max(largest, told);
  return largest - before;
}

/// What `told` adds to the largest figures so far.
Usage grow(Usage& largest, const Usage& told) {
  return {grow(largest.in, told.in), grow(largest.cache_write, told.cache_write),
          grow(largest.cache_read, told.cache_read), grow(largest.out, told.out),
          grow(largest.cache_write_1h, told.cache_write_1h)};
}

std::string usage_text(const Usage& usage) {
  return std::to_string(usage.all_in()) + '+' + std::to_string(usage.out);
}

}  // namespace

std::int64_t Usage::all_in() const {
  std::int64_t sum = 0;
  for (const std::int64_t part : {in, cache_write, cache_read})
    if (__builtin_add_overflow(sum, part, &sum)) return std::numeric_limits<std::int64_t>::max();
  return sum;
}

void ResponseIds::begin(Open& open, const ResponseRecord& record, const Usage& told) {
  open.largest = {};
  if (!record.request_id.empty()) {
    open.identity = joined({record.message_id, "/", record.request_id});
    if (open.number > 1) open.identity += "#" + std::to_string(open.number);
  } else if (!record.uuid.empty()) {
    open.identity = joined({record.message_id, "/", record.uuid});
  } else {
    open.identity = joined({record.message_id, "/", record.time, "/", usage_text(told)});
  }
}

// Records without a request id are of the newest response of their message id.
std::size_t ResponseIds::open_of(const ResponseRecord& record, bool& is_new) {
  const bool nameless = record.message_id.empty() && record.request_id.empty();
  const std::string_view own = nameless ? record.uuid : record.message_id;
  const std::string of_message =
      joined({std::to_string(record.session), nameless ? "\nuuid\n" : "\n", own});
  const auto newest = by_ids_.find(of_message);
  const auto joins = [&] {
    return newest != by_ids_.end() && (record.request_id.empty() ||
                                       (!open_[newest->second].named &&
                                        open_[newest->second].prompts == prompts_[record.session]));
  };
  std::size_t index = open_.size();
  if (!record.request_id.empty()) {
    const std::string ids = joined({of_message, "\n", record.request_id});
    const auto known = by_ids_.find(ids);
    index = known != by_ids_.end() ? known->second : joins() ? newest->second : open_.size();
    by_ids_[ids] = index;
  } else if (joins()) {
    index = newest->second;
  }
  by_ids_[of_message] = index;
  is_new = index == open_.size();
  if (is_new) open_.emplace_back();
  return index;
}

ToldResponse ResponseIds::take(const ResponseRecord& record, const Usage& told, Tally& tally) {
  if (record.message_id.empty() && record.request_id.empty() && record.uuid.empty()) return {};
  bool is_new = false;
  Open& open = open_[open_of(record, is_new)];
  const std::uint64_t prompts = prompts_[record.session];
  // One request is one response: only figures of another input show that its id was used again.
  const bool other_input =
      told.all_in() > 0 && open.largest.all_in() > 0 && told.all_in() != open.largest.all_in();
  const bool ended = !is_new && open.prompts != prompts &&
                     ((record.request_id.empty() && !open.named) || other_input);
  if (ended) ++open.number;
  if (is_new || ended) begin(open, record, told);
  open.prompts = prompts;
  open.named = open.named || !record.request_id.empty();
  const Usage added = grow(open.largest, told);
  const bool first = is_new || ended;
  const Usage counted = record.history ? Usage{} : added;
  if (!first) ++tally.repeated_usage;
  if (!first || record.history)
    tally.add_repeated(told.all_in() - counted.all_in(), told.out - counted.out);
  return {.identity = open.identity,
          .first = first,
          .grew = first || !added.is_zero() || added.cache_write_1h > 0};
}

}  // namespace agentstore::formats
