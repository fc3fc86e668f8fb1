#include <algorithm>

#include "cmd/replay/feed.hpp"
#include "cmd/replay/feed_input.hpp"
#include "cmd/times.hpp"
#include "cmd/words/points.hpp"
#include "formats/answers/lag.hpp"
#include "formats/text/units.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::int64_t places_at_once = 100'000;

/// For how long an event has waited to be read; nothing where it cannot be read.
std::optional<std::int64_t> seconds_since(const Store& store, const std::string& session_id,
                                          std::uint64_t sequence_number) {
  ReadOptions one{.raw = true};
  one.filter.from_seq = one.filter.to_seq = sequence_number;
  const auto reader = store.read(session_id, std::move(one));
  if (!reader) return std::nullopt;
  const auto batch = (*reader)->next();
  if (!batch || batch->empty()) return std::nullopt;
  return std::max<std::int64_t>(milliseconds_between(batch->front().timestamp, now()) / 1000, 0);
}

Result<formats::Lag> lag_of_database(const Store& store, FeedSource& source,
                                     std::int64_t position) {
  formats::Lag lag;
  lag.cursor = static_cast<std::uint64_t>(position);
  const auto newest = source.newest();
  if (!newest) return std::unexpected{newest.error()};
  lag.newest = static_cast<std::uint64_t>(*newest);
  for (std::int64_t at = position;;) {
    const auto places = source.behind(at, places_at_once, FeedSource::any_bytes);
    if (!places) return std::unexpected{places.error()};
    if (places->empty()) return lag;
    if (lag.events == 0)
      lag.seconds =
          seconds_since(store, places->front().session_id, places->front().sequence_number);
    lag.events += places->size();
    at = places->back().position;
  }
}

Result<std::vector<formats::Lag>> lag_of_sessions(Context& context, const Store& store,
                                                  const FeedCursor& cursor) {
  const auto sessions = store.sessions({.on_unreadable = context.on_unreadable()});
  if (!sessions) return std::unexpected{sessions.error()};
  std::vector<formats::Lag> lags;
  for (const Session& session : *sessions) {
    const FeedCursor::Place* const place = cursor.of(session.id);
    formats::Lag lag{.session_id = session.id,
                     .newest = session.event_count,
                     .cursor = place == nullptr ? 0 : place->sequence_number};
    if (lag.newest > lag.cursor) {
      lag.events = lag.newest - lag.cursor;
      lag.seconds = seconds_since(store, session.id, lag.cursor + 1);
    }
    lags.push_back(std::move(lag));
  }
  std::ranges::sort(lags, {}, &formats::Lag::session_id);
  return lags;
}

}  // namespace

int feed_lag(Context& context, Selector& selector, const ReplayCommand& options) {
  std::optional<std::int64_t> max_s;
  if (options.max_lag) {
    const auto span = read_span_ms("--max-lag", *options.max_lag, context.zone);
    if (!span) return context.refuse(span.error());
    max_s = *span / 1000;
  }
  const auto input = open_feed(context, selector, options, FeedCursor::Use::look);
  if (!input) return context.refuse(input.error());
  const auto& [store, source, cursor] = *input;
  formats::LagAnswer answer{.cursor = *options.cursor, .store = source->identity(), .sessions = {}};
  if (source->has_positions()) {
    const auto lag = lag_of_database(*store, *source, cursor.position().value_or(0));
    if (!lag) return context.refuse(lag.error());
    answer.database = *lag;
  } else {
    auto lags = lag_of_sessions(context, *store, cursor);
    if (!lags) return context.refuse(lags.error());
    answer.sessions = std::move(*lags);
  }
  if (context.common.json || options.format == "json") write_lag_json(context.out, answer);
  else write_lag_text(context.out, answer, context.screen(), context.common.verbose);
  const auto seconds = formats::sum_of(answer).seconds;
  int status = Status::fine;
  if (max_s && seconds && *seconds > *max_s)
    status = context.find("the reader is behind for " + formats::duration_text(*seconds * 1000) +
                          ", and may be for " + formats::duration_text(*max_s * 1000));
  return context.finish(status);
}

}  // namespace agentstore::cmd
