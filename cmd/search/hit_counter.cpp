#include "cmd/search/hit_counter.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/stats.hpp"

namespace agentstore::cmd {
namespace {

/// What people said and agents did comes before what surrounds it.
int rank_of(EventKind kind) {
  switch (kind) {
    case EventKind::message: return 0;
    case EventKind::call: return 1;
    case EventKind::answer: return 2;
    case EventKind::result: return 3;
    case EventKind::plan:
    case EventKind::decision:
    case EventKind::error:
    case EventKind::entry: return 4;
    default: return 5;
  }
}

/// A record without a time has that of one before it.
bool tells_time(const EventView& event) {
  return event.metadata.find(R"("timestamp_source")") == std::string_view::npos;
}

/// As much of an excerpt as a line may show: there may be one for each of very many sessions.
formats::Excerpt shortened(formats::Excerpt excerpt) {
  constexpr std::size_t before_bytes = 160;
  constexpr std::size_t after_bytes = 480;
  const auto continues = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; };
  std::size_t from = excerpt.begin_bytes - std::min(excerpt.begin_bytes, before_bytes);
  while (from < excerpt.begin_bytes && continues(excerpt.text[from])) ++from;
  std::size_t to = std::min(excerpt.text.size(), excerpt.begin_bytes + after_bytes);
  while (to < excerpt.text.size() && continues(excerpt.text[to])) ++to;
  formats::Excerpt less{excerpt.text.substr(from, to - from),
                        excerpt.begin_bytes - from,
                        std::min(excerpt.end_bytes, to) - from,
                        {}};
  for (const auto& [begin, end] : excerpt.others)
    if (begin >= from && end <= to) less.others.emplace_back(begin - from, end - from);
  return less;
}

}  // namespace

void HitCounter::take(const EventQuestions& questions, const EventView& event, bool number_known) {
  constexpr int ranks = 8;
  if (is_of_session_alone(event.type)) return;
  const std::uint64_t words = questions.words_in(event);
  if (words == 0) return;
  const EventKind kind = kind_of_type(event.type);
  const bool told = tells_time(event);
  const bool first = found_.hits == 0;
  words_ |= words;
  ++found_.by_kind[kind];
  if (first || (told && !newest_known_)) found_.newest_at = event.timestamp;
  else if (told == newest_known_) found_.newest_at = std::max(found_.newest_at, event.timestamp);
  newest_known_ = newest_known_ || told;
  // Of hits of one kind the first; one with more of the words is better.
  const int rank = (64 - std::popcount(words)) * ranks + rank_of(kind);
  ++found_.hits;
  if (!first && rank >= best_rank_) return;
  best_rank_ = rank;
  found_.best = {.sequence_number = number_known ? event.sequence_number : 0,
                 .event_id = std::string{event.event_id},
                 .type = std::string{event.type},
                 .tool_name = {},
                 .timestamp = event.timestamp,
                 .excerpt = {}};
  best_event_ = std::make_unique<OwnedEvent>(event);
}

void HitCounter::finish(const EventQuestions& questions) {
  if (!best_event_) return;
  const EventView event = best_event_->view();
  found_.best.tool_name = tool_name_of(event).value_or("");
  found_.best.excerpt = shortened(questions.excerpt(event).value_or(formats::Excerpt{}));
  best_event_.reset();
}

void HitCounter::merge(HitCounter later) {
  if (!later.any()) return;
  if (!any()) return (void)(*this = std::move(later));
  words_ |= later.words_;
  found_.hits += later.found_.hits;
  for (const auto& [kind, count] : later.found_.by_kind) found_.by_kind[kind] += count;
  if (later.newest_known_ == newest_known_)
    found_.newest_at = std::max(found_.newest_at, later.found_.newest_at);
  else if (later.newest_known_) found_.newest_at = later.found_.newest_at;
  newest_known_ = newest_known_ || later.newest_known_;
  if (later.best_rank_ >= best_rank_) return;
  best_rank_ = later.best_rank_;
  found_.best = std::move(later.found_.best);
  best_event_ = std::move(later.best_event_);
}

}  // namespace agentstore::cmd
