#include "cmd/replay/feed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "cmd/input/event_spill.hpp"
#include "cmd/replay/feed_delivery.hpp"
#include "cmd/replay/feed_input.hpp"
#include "cmd/replay/waiting.hpp"

namespace agentstore::cmd {
namespace {

// Of a database so many events are held at once, unless their payloads come to more.
constexpr std::int64_t places_at_once = 1000;
constexpr std::int64_t bytes_at_once = std::int64_t{8} << 20;

class Feed {
 public:
  Feed(Context& context, const Store& store, FeedSource& source, FeedCursor& cursor,
       FeedDelivery& delivery, ReadOptions read)
      : context_{context},
        store_{store},
        source_{source},
        cursor_{cursor},
        delivery_{delivery},
        read_{std::move(read)},
        filter_{std::exchange(read_.filter, {})} {}

  void begin_behind(std::int64_t position) { position_ = position; }

  /// Delivers what is new. False: it is time to end. Errors: of the store as a whole; those of the
  /// cursor.
  Result<bool> poll() {
    const auto more = source_.has_positions() ? poll_positions() : poll_sessions();
    if (!more || !*more) return more;
    return delivery_.commit();
  }

  /// What is wrong with sessions, now.
  int status() const { return told_.empty() ? Status::fine : Status::finding; }

 private:
  using Place = FeedCursor::Place;

  Result<bool> poll_sessions() {
    const auto changed = source_.changed();
    if (!changed) return std::unexpected{changed.error()};
    auto ids = std::exchange(again_, {});
    for (const ChangedLog& log : *changed)
      if (!is_as_it_was(log)) ids.push_back(log.session_id);
    for (const std::string& id : ids) {
      if (is_interrupted()) return false;
      const auto more = read_session(id);
      if (!more || !*more) return more;
    }
    return true;
  }

  // Whether the cursor knows the log up to its end: then it need not be read to begin with.
  bool is_as_it_was(const ChangedLog& log) {
    const bool is_first = !seen_.contains(log.session_id);
    const Place& seen = this->seen(log.session_id);
    return is_first && seen.sequence_number > 0 && seen.end_bytes == log.size_bytes;
  }

  Place& seen(const std::string& id) {
    const auto [found, is_new] = seen_.try_emplace(id);
    if (const Place* const kept = is_new ? cursor_.of(id) : nullptr) found->second = *kept;
    return found->second;
  }

  Result<bool> read_session(const std::string& id) {
    auto durable = source_.durable_bytes(id);
    if (!durable) return complain(id, durable.error());
    Place& seen = this->seen(id);
    const auto reader = open(id, std::max<std::uint64_t>(seen.sequence_number, 1));
    if (!reader) return complain(id, reader.error());
    bool goes_on = seen.sequence_number == 0;
    for (;;) {
      const auto batch = (*reader)->next();
      if (!batch) return complain(id, batch.error());
      if (batch->empty()) break;
      for (const EventView& event : *batch) {
        if (!std::exchange(goes_on, true)) {
          if (event.sequence_number != seen.sequence_number || event.hash != seen.hash)
            return start_over(id);
          continue;
        }
        const std::uint64_t end = event.offset_bytes + event.line.size();
        if (end > *durable) durable = source_.durable_bytes(id);
        if (!durable) return complain(id, durable.error());
        if (end > *durable) {
          again_.push_back(id);
          return true;
        }
        deliver(event, std::nullopt);
        seen = {event.sequence_number, std::string{event.hash}};
      }
      if (const auto more = commit_if_due(); !more || !*more) return more;
    }
    if (!goes_on) return start_over(id);
    told_.erase(id);
    return true;
  }

  Result<std::unique_ptr<EventReader>> open(const std::string& id, std::uint64_t from,
                                            std::uint64_t to = UINT64_MAX) {
    ReadOptions options = read_;
    options.filter.from_seq = from;
    options.filter.to_seq = to;
    return store_.read(id, std::move(options));
  }

  // The log was cut back, or another one is in its place.
  Result<bool> start_over(const std::string& id) {
    context_.warn(fmt::format(
        "session {}: the event #{} that was read last is not there any more: the session is given "
        "again from its start",
        id, seen_[id].sequence_number));
    seen_[id] = {};
    return read_session(id);
  }

  // Databases: in the order of positions, read by session.
  Result<bool> poll_positions() {
    if (!position_) position_ = cursor_.position().value_or(0);
    for (;;) {
      if (is_interrupted()) return false;
      const auto places = source_.behind(*position_, places_at_once, bytes_at_once);
      if (!places) return std::unexpected{places.error()};
      if (places->empty()) return true;
      Found events;
      if (auto read = read_places(*places, events); !read) return std::unexpected{read.error()};
      for (const EventPlace& place : *places) {
        const auto found = events.find({place.session_id, place.sequence_number});
        if (found != events.end()) deliver(found->second.view(), place.position);
      }
      position_ = places->back().position;
      if (const auto more = delivery_.commit(); !more || !*more) return more;
    }
  }

  using Found = std::map<std::pair<std::string, std::uint64_t>, OwnedEvent>;
  // Without what a damaged session does not give. Where reading failed for another reason, nothing
  // is delivered: it would be passed over.
  Result<void> read_places(const std::vector<EventPlace>& places, Found& found) {
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> ranges;
    for (const EventPlace& place : places) {
      const std::uint64_t number = place.sequence_number;
      auto& [first, last] = ranges.try_emplace(place.session_id, number, number).first->second;
      first = std::min(first, number);
      last = std::max(last, number);
    }
    for (const auto& [id, range] : ranges) {
      const auto reader = open(id, range.first, range.second);
      const auto read = reader
                            ? for_each_event(**reader,
                                             [&](const EventView& event) {
                                               found.emplace(std::pair{id, event.sequence_number},
                                                             OwnedEvent{event});
                                             })
                            : Result<void>{std::unexpected{reader.error()}};
      if (read) told_.erase(id);
      else if (read.error().code == Code::corrupt) static_cast<void>(complain(id, read.error()));
      else return read;
    }
    return {};
  }

  void deliver(const EventView& event, std::optional<std::int64_t> position) {
    delivery_.event(event, position, filter_.matches(event));
  }

  Result<bool> commit_if_due() {
    if (!delivery_.is_due()) return true;
    return delivery_.commit();
  }

  // Said once, as long as it stays the same; the others go on. What is no damage may pass.
  Result<bool> complain(const std::string& id, const Error& error) {
    if (error.code != Code::corrupt) again_.push_back(id);
    std::string& told = told_[id];
    if (told != error.message) context_.warn("session " + id + ": " + error.message);
    told = error.message;
    return true;
  }

  Context& context_;
  const Store& store_;
  FeedSource& source_;
  FeedCursor& cursor_;
  FeedDelivery& delivery_;
  ReadOptions read_;
  const Filter filter_;
  std::map<std::string, Place> seen_;        // what was delivered
  std::vector<std::string> again_;           // to be read again, whatever changes
  std::map<std::string, std::string> told_;  // what is wrong with a session
  std::optional<std::int64_t> position_;
};

Result<void> check_position(const ReplayCommand& options, const FeedSource& source,
                            const FeedCursor& cursor) {
  if (!options.from_position) return {};
  if (!source.has_positions())
    return fail(Code::invalid,
                "--from-position goes with a database: each session of a folder "
                "has numbers of its own",
                "--cursor FILE keeps them");
  if (cursor.position())
    return fail(Code::invalid,
                fmt::format("the cursor is at position {}, and --from-position is given",
                            *cursor.position()),
                "leave out one of them");
  return {};
}

}  // namespace

bool is_feed(const ReplayCommand& options) {
  return (options.all && options.follow) || options.cursor || options.from_position ||
         options.lag || options.ack || options.max_lag;
}

Result<void> check_feed(const ReplayCommand& options, bool json) {
  if (!is_feed(options)) return {};
  if (!options.all)
    return fail(Code::invalid, "--cursor, --ack, --lag and --from-position are about all sessions",
                "give --all instead of a session");
  if ((options.ack || options.lag) && !options.cursor)
    return fail(Code::invalid, options.ack ? "--ack moves a cursor" : "--lag is that of a cursor",
                "add --cursor FILE");
  if (options.max_lag && !options.lag)
    return fail(Code::invalid, "--max-lag goes with --lag", "add --lag");
  if (options.lag)
    return options.follow || options.ack || options.from_position
               ? Result<void>{fail(Code::invalid, "--lag shows no events",
                                   "leave out --follow, --ack and --from-position")}
               : Result<void>{};
  if (options.reverse || options.newest || options.output || options.quiet ||
      !options.assertions.empty() || options.filter.sequence)
    return fail(Code::invalid, "a feed of all sessions is read forwards, to standard output",
                "leave out --reverse, --newest, --output, --quiet, --assert and --seq");
  if (options.follow && (json || options.format == "json"))
    return fail(Code::invalid, "a feed that goes on is no JSON array, which would have to end",
                "give --format jsonl");
  return {};
}

int feed(Context& context, Selector& selector, const ReplayCommand& options, ReadOptions read,
         Printer& printer) {
  auto input = open_feed(context, selector, options, FeedCursor::Use::move);
  if (!input) return context.refuse(input.error());
  auto& [store, source, cursor] = *input;
  if (auto use = check_position(options, *source, cursor); !use) return context.refuse(use.error());
  stop_at_signals();
  FeedDelivery delivery{context, printer, cursor, options.ack};
  Feed feed{context, *store, *source, cursor, delivery, std::move(read)};
  if (options.from_position) feed.begin_behind(static_cast<std::int64_t>(*options.from_position));
  for (;;) {
    const auto more = feed.poll();
    // Who follows goes on when others are done; nothing was passed over.
    const bool busy = !more && more.error().code == Code::busy && options.follow;
    if (busy) context.warn(more.error().message);
    else if (!more) return context.refuse(more.error());
    if ((more && !*more) || delivery.is_closed()) break;
    if (!options.follow && !delivery.awaits_acks()) break;
    if (!wait_a_moment(context.out, delivery.input())) break;
  }
  printer.end();
  return context.finish(feed.status());
}

}  // namespace agentstore::cmd
