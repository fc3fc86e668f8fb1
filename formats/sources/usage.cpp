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

ToldResponse ResponseIds::take(const ResponseRecord& record, const Usage& told, Tally& tally) {
  const bool nameless = record.message_id.empty() && record.request_id.empty();
  if (nameless && record.uuid.empty()) return {};
  const std::string_view own = nameless ? record.uuid : std::string_view{};
  const auto [at, is_new] =
      open_.try_emplace(joined({std::to_string(record.session), "\n", record.message_id, "\n",
                                record.request_id, "\n", own}));
  Open& open = at->second;
  const std::uint64_t prompts = prompts_[record.session];
  // One request is one response: only figures of another input show that its id was used again.
  const bool other_input =
      told.all_in() > 0 && open.largest.all_in() > 0 && told.all_in() != open.largest.all_in();
  const bool ended =
      !is_new && open.prompts != prompts && (record.request_id.empty() || other_input);
  if (ended) ++open.number;
  if (is_new || ended) begin(open, record, told);
  open.prompts = prompts;
  const Usage added = grow(open.largest, told);
  if (is_new || ended) return {.identity = open.identity};
  ++tally.repeated_usage;
  tally.add_repeated(told.all_in() - added.all_in(), told.out - added.out);
  return {.identity = open.identity,
          .first = false,
          .grew = !added.is_zero() || added.cache_write_1h > 0};
}

}  // namespace agentstore::formats
