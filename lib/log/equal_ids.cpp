#include "log/equal_ids.hpp"

#include <bit>
#include <map>
#include <utility>

#include "log/fast_parse.hpp"
#include "log/split.hpp"

namespace agentstore::log {
namespace {

constexpr std::size_t block_words = 8;            // of 64 bits: one line of the processor's cache
constexpr std::size_t log_bytes_per_filter = 64;  // for one byte of it: some 50 bits an event
constexpr std::size_t bits_per_id_min = 16;

// std::hash is good enough for a table, not for its neighbouring bits.
std::uint64_t fingerprint_of(std::string_view event_id) {
  std::uint64_t bits = std::hash<std::string_view>{}(event_id);
  bits = (bits ^ (bits >> 32U)) * 0xD6E8'FEB8'6659'FD93U;
  return bits ^ (bits >> 32U);
}

// Gives every event of the log that can be read, one after the other.
using UseEvent = std::function<void(const Line&)>;
Result<void> for_each_event(ByteSource& source, const std::string& session_id,
                            const UseEvent& use) {
  LineSplitter lines{source, 0, source.size_bytes()};
  FastParser fast_parse{session_id};
  Arena arena;
  for (std::uint64_t number = 1;;) {
    for (; const auto raw = lines.take(); ++number) {
      Line line;
      Ends ends;
      fast_parse.forget();
      arena.clear();
      const bool fast_parsed =
          fast_parse.ends(raw->text, ends) && fast_parse.event(raw->text, false, ends, line.event);
      if (!fast_parsed && (raw->too_long || parse_line(raw->text, arena, line))) continue;
      if (line.event.session_id != session_id || line.event.event_id.empty()) continue;
      line.number = number;
      line.event.offset_bytes = raw->offset_bytes;
      use(line);
    }
    if (lines.unfinished_bytes() > line_bytes_max + 1) lines.drop_unfinished();
    const auto more = lines.refill(lines.offset());
    if (!more) return std::unexpected(more.error());
    if (!*more) return {};
  }
}

}  // namespace

void IdRun::add(std::string_view event_id) {
  if (event_id.empty()) return;
  if (fingerprints_.empty()) first_ = event_id;
  fingerprints_.push_back(fingerprint_of(event_id));
  if (greatest_ < event_id) greatest_ = event_id;
  else ascending_ = false;
}

EqualIds::EqualIds(std::uint64_t log_bytes, const IdLimits& limits)
    : limits_(limits),
      filter_(std::bit_ceil(std::clamp<std::size_t>(log_bytes / log_bytes_per_filter,
                                                    64 * block_words, limits.filter_bytes_max)) /
              sizeof(std::uint64_t)) {}

void EqualIds::add(const IdRun& run) {
  const bool all_new = run.ascending_ && greatest_ < run.first_;
  for (const std::uint64_t fingerprint : run.fingerprints_) see(fingerprint, all_new);
  if (greatest_ < run.greatest_) greatest_ = run.greatest_;
  count_ += run.fingerprints_.size();
}

void EqualIds::see(std::uint64_t fingerprint, bool is_new) {
  if (!may_be_known(fingerprint) || is_new || suspects_.contains(fingerprint)) return;
  if (suspects_.size() < limits_.suspects_max) suspects_.insert(fingerprint);
  else overflowed_ = true;
}

// Whether all bits of a fingerprint were set before; they are now. One bit in each word of a block.
bool EqualIds::may_be_known(std::uint64_t fingerprint) {
  const std::uint64_t blocks = filter_.size() / block_words;
  std::uint64_t* const block = filter_.data() + (fingerprint & (blocks - 1)) * block_words;
  std::uint64_t bits = fingerprint * 0x9E37'79B9'7F4A'7C15U;
  bits ^= bits >> 29U;
  std::uint64_t missing = 0;
  for (std::size_t i = 0; i < block_words; ++i, bits >>= 6U) {
    const std::uint64_t bit = std::uint64_t{1} << (bits & 63U);
    missing |= bit & ~block[i];
    block[i] |= bit;
  }
  return missing == 0;
}

Result<void> EqualIds::find(ByteSource& source, const std::string& session_id,
                            const std::function<void(Finding)>& give) {
  if (!overflowed_) return compare(source, session_id, give);
  shares_ = 1 + count_ * bits_per_id_min / (filter_.size() * 64);
  for (share_ = 0; share_ < shares_; ++share_) {
    std::ranges::fill(filter_, 0);
    suspects_.clear();
    auto read = for_each_event(source, session_id, [&](const Line& line) {
      const std::uint64_t fingerprint = fingerprint_of(line.event.event_id);
      if (in_share(fingerprint)) see(fingerprint, false);
    });
    if (!read) return read;
    // More suspects than are kept are equal ids themselves, nearly all: some of them are found.
    if (auto compared = compare(source, session_id, give); !compared) return compared;
  }
  return {};
}

Result<void> EqualIds::compare(ByteSource& source, const std::string& session_id,
                               const std::function<void(Finding)>& give) {
  if (suspects_.empty()) return {};
  std::map<std::string, std::uint64_t, std::less<>> numbers;  // of the first event of each id
  return for_each_event(source, session_id, [&](const Line& line) {
    const EventView& event = line.event;
    if (!suspects_.contains(fingerprint_of(event.event_id))) return;
    const auto known = numbers.find(event.event_id);
    if (known == numbers.end()) {
      numbers.emplace(event.event_id, event.sequence_number);
      return;
    }
    give({FindingKind::event_id, line.number, event.offset_bytes, event.sequence_number,
          "its event id is that of #" + std::to_string(known->second) + ", too"});
  });
}

}  // namespace agentstore::log
