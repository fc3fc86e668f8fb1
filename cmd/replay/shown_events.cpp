#include "cmd/replay/shown_events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "cmd/input/find_event.hpp"
#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::uint64_t end_of_log = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t caused_max = 10;

bool read_number(std::string_view digits, std::uint64_t& into) {
  const char* const end = digits.data() + digits.size();
  const auto [rest, error] = std::from_chars(digits.data(), end, into);
  return error == std::errc{} && rest == end;
}

/// "12", "3..7", "3..", "..7"; nothing where it is none of them.
std::optional<EventRange> range_in(std::string_view word) {
  const std::size_t dots = word.find("..");
  const std::string_view from = word.substr(0, dots);
  const std::string_view to = dots == word.npos ? from : word.substr(dots + 2);
  EventRange range{.from = 1, .to = end_of_log};
  const bool read = (from.empty() || read_number(from, range.from)) &&
                    (to.empty() || read_number(to, range.to)) && !(from.empty() && to.empty());
  return read ? std::optional{range} : std::nullopt;
}

}  // namespace

EventWord parse_event_word(std::string_view word) {
  const std::size_t mark = word.rfind('#');
  if (mark == word.npos || mark == 0 || mark + 1 == word.size()) return {word, {}};
  return {word.substr(0, mark), word.substr(mark + 1)};
}

Result<std::uint64_t> ShownEvents::last() {
  std::uint64_t number = 0;
  // The newest of the log may lie beyond a point at which the session is read: S@12.
  for (const std::uint64_t newest : {1, 0}) {
    ReadOptions options{.on_corrupt = on_corrupt_};
    options.filter.newest = newest;
    const auto read =
        for_each_event(history_.read, std::move(options),
                       [&](const EventView& event) { number = event.sequence_number; });
    if (!read) return std::unexpected{read.error()};
    if (number != 0) break;
  }
  return number;
}

Result<void> ShownEvents::choose_one(std::string_view word) {
  if (const auto range = range_in(word)) {
    if (range->from > range->to)
      return fail(Code::invalid, in_quotes(word) + " ends before it starts");
    const auto newest = last();
    if (!newest) return std::unexpected{newest.error()};
    if (range->from == 0 || range->from > *newest)
      return fail(Code::not_found,
                  fmt::format("there is no event #{} in {}: {}", range->from, in_quotes(label_),
                              *newest == 0 ? std::string{"it has none"}
                                           : fmt::format("its last is #{}", *newest)));
    ranges_.push_back(*range);
    return {};
  }
  const auto number = find_event(history_, word);
  if (!number) return std::unexpected{number.error()};
  ranges_.push_back({*number, *number});
  return {};
}

Result<void> ShownEvents::choose(const std::vector<std::string>& words) {
  for (const std::string& word : words)
    if (auto chosen = choose_one(word); !chosen) return chosen;
  if (!words.empty()) return see_all();
  const auto newest = last();
  if (!newest) return std::unexpected{newest.error()};
  if (*newest == 0) return fail(Code::not_found, "there is no event in " + in_quotes(label_));
  ranges_.push_back({*newest, *newest});
  return see_all();
}

Result<std::uint64_t> ShownEvents::last_chosen() {
  const auto newest = last();
  if (!newest) return newest;
  return std::min(*newest, std::ranges::max(ranges_, {}, &EventRange::to).to);
}

bool ShownEvents::is_shown(std::uint64_t number) const {
  return std::ranges::any_of(ranges_, [&](const EventRange& range) { return range.has(number); });
}

void ShownEvents::note_shown(const EventView& event) {
  types_[event.sequence_number] = event.type;
  if (!event.event_id.empty()) ids_[std::string{event.event_id}] = event.sequence_number;
  if (auto cause = json::find_text(event.metadata, "causation_id")) causes_.try_emplace(*cause);
}

void ShownEvents::note_any(const EventView& event) {
  pairs_.take(event);
  if (const auto wanted = causes_.find(std::string{event.event_id});
      wanted != causes_.end() && !event.event_id.empty())
    wanted->second = {event.sequence_number, std::string{event.type}};
  if (ids_.empty() || event.metadata.size() <= 2) return;
  const auto cause = json::find_text(event.metadata, "causation_id");
  const auto by = cause ? ids_.find(*cause) : ids_.end();
  if (by == ids_.end()) return;
  auto& caused = caused_[by->second];
  if (caused.size() < caused_max)
    caused.push_back({event.sequence_number, std::string{event.type}});
}

// What is shown first, since what belongs to it may lie before it.
Result<void> ShownEvents::see_all() {
  const auto shown = [this](const EventView& event) { return is_shown(event.sequence_number); };
  ReadOptions options{.on_corrupt = on_corrupt_};
  options.filter.from_seq = std::ranges::min(ranges_, {}, &EventRange::from).from;
  options.filter.to_seq = std::ranges::max(ranges_, {}, &EventRange::to).to;
  options.filter.predicate = shown;
  const auto noted = for_each_event(history_.read, std::move(options),
                                    [this](const EventView& event) { note_shown(event); });
  if (!noted) return std::unexpected{noted.error()};
  const auto seen = for_each_event(history_.read, {.on_corrupt = on_corrupt_},
                                   [this](const EventView& event) { note_any(event); });
  if (!seen) return std::unexpected{seen.error()};
  return {};
}

void ShownEvents::add_links(formats::ShownEvent& shown) const {
  const std::uint64_t number = shown.event.sequence_number;
  const auto kind = kind_of_type(shown.event.type);
  const auto call = kind == EventKind::result ? pairs_.call_of(number) : std::optional{number};
  const auto* const outcome = call ? pairs_.outcome_of(*call) : nullptr;
  if (outcome != nullptr) shown.outcome = *outcome;
  if (kind == EventKind::result && call) shown.call = formats::EventReference{*call, {}};
  if (kind == EventKind::call && outcome != nullptr && outcome->result != 0)
    shown.result = formats::EventReference{outcome->result, {}};
  if (const auto cause = json::find_text(shown.event.metadata, "causation_id"))
    if (const auto found = causes_.find(*cause);
        found != causes_.end() && found->second.sequence_number != 0)
      shown.cause = found->second;
  if (const auto found = caused_.find(number); found != caused_.end()) {
    shown.caused = found->second;
    if (shown.result)
      std::erase_if(shown.caused, [&](const formats::EventReference& one) {
        return one.sequence_number == shown.result->sequence_number;
      });
  }
}

Result<ReadReport> ShownEvents::each(const std::function<bool(const formats::ShownEvent&)>& take) {
  ReadOptions options{.on_corrupt = on_corrupt_};
  options.filter.from_seq = std::ranges::min(ranges_, {}, &EventRange::from).from;
  options.filter.to_seq = std::ranges::max(ranges_, {}, &EventRange::to).to;
  options.filter.predicate = [this](const EventView& event) {
    return is_shown(event.sequence_number);
  };
  const auto reader = history_.read(std::move(options));
  if (!reader) return std::unexpected{reader.error()};
  const auto beside =
      [this](
          const std::optional<formats::EventReference>& to) -> Result<std::optional<OwnedEvent>> {
    if (!to) return std::nullopt;
    return read_event(history_, to->sequence_number, on_corrupt_);
  };
  const auto show = [&](const EventView& event) -> Result<bool> {
    formats::ShownEvent shown;
    shown.event = event;
    add_links(shown);
    const auto call = beside(shown.call);
    const auto result = beside(shown.result);
    if (!call) return std::unexpected{call.error()};
    if (!result) return std::unexpected{result.error()};
    if (*call) {
      shown.call->type = (*call)->view().type;
      if (!is_shown(shown.call->sequence_number)) shown.call_event = (*call)->view();
    }
    if (*result) {
      shown.result->type = (*result)->view().type;
      if (!is_shown(shown.result->sequence_number)) shown.result_event = (*result)->view();
    }
    return take(shown);
  };
  for (;;) {
    const auto batch = (*reader)->next();
    if (!batch) return std::unexpected{batch.error()};
    if (batch->empty()) return (*reader)->report();
    for (const EventView& event : *batch) {
      const auto more = show(event);
      if (!more) return std::unexpected{more.error()};
      if (!*more) return (*reader)->report();
    }
  }
}

}  // namespace agentstore::cmd
