#include "formats/answers/find.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <map>
#include <ranges>
#include <tuple>
#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "cmd/commands.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/input/event_spill.hpp"
#include "cmd/input/places.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/transcript_reader.hpp"
#include "cmd/search/store_search.hpp"
#include "cmd/search/transcript_search.hpp"
#include "cmd/words/filters.hpp"
#include "cmd/words/labels.hpp"
#include "formats/text/units.hpp"

namespace agentstore::cmd {
namespace {

Result<void> check_use(const FindCommand& options, bool json) {
  if (options.ids && options.counts)
    return fail(Code::invalid, "-l and -c are given", "give one of them");
  if (options.around && (options.ids || options.counts || json))
    return fail(Code::invalid, "-C shows events to people", "leave out -l, -c and --json");
  return {};
}

/// Which events are asked; several threads ask it. Errors: as make_filter.
Result<Filter> filter_of(const Context& context, const FindCommand& options) {
  FilterOptions plain = options.filter;
  std::vector<std::string> tools;
  for (const std::string& names : std::exchange(plain.tools, {}))
    for (const auto name : std::views::split(names, ','))
      tools.emplace_back(std::string_view{name});
  Where none;
  auto filter = make_filter(plain, context.zone, none);
  if (!filter || tools.empty()) return filter;
  filter->predicate = [tools = std::move(tools)](const EventView& event) {
    const auto tool = tool_name_of(event);
    return tool && std::ranges::any_of(tools, [&](const std::string& pattern) {
             return matches_pattern(pattern, *tool);
           });
  };
  return filter;
}

/// What was found in all places.
class Finder {
 public:
  Finder(Context& context, const FindCommand& options, const Search& search)
      : context_{context}, options_{options}, search_{search}, places_{context} {}

  /// Errors: as Places::chosen; of the one place that was chosen.
  Result<void> find() {
    const auto places = places_.chosen();
    if (!places) return std::unexpected{places.error()};
    for (Place* const place : *places) {
      auto hits = search_place(*place);
      if (!hits) return std::unexpected{hits.error()};
      (place->transcripts ? files_ : stored_) += hits->looked_at;
      unreadable_.insert(unreadable_.end(), hits->unreadable.begin(), hits->unreadable.end());
      reports_.insert(reports_.end(), hits->reports.begin(), hits->reports.end());
      for (HitCounter& session : hits->sessions) add(*place, places->size() > 1, session);
    }
    std::ranges::sort(found_, [](const Found& a, const Found& b) {
      const auto& one = a.hits.found();
      const auto& other = b.hits.found();
      return std::tie(other.hits, other.newest_at, one.session_id) <
             std::tie(one.hits, one.newest_at, other.session_id);
    });
    return {};
  }

  int answer() {
    tell_copies();
    const std::size_t shown =
        std::min<std::uint64_t>(found_.size(), options_.limit.value_or(~0ULL));
    std::vector<formats::FoundSession> sessions;
    for (const Found& one : found_ | std::views::take(shown)) sessions.push_back(one.hits.found());
    Gate gate{context_, {.decides = context_.common.quiet, .on_corrupt = OnCorrupt::strict}};
    std::vector<std::string> incomplete;
    for (const Error& error : unreadable_) {
      context_.answer_lacks(error.message);
      incomplete.push_back(error.message);
    }
    gate.lacks_files(incomplete);
    for (const ReadReport& report : reports_) gate.read(report);
    if (context_.common.json) formats::write_find_json(context_.out, sessions, incomplete);
    else if (options_.ids || options_.counts) write_ids(sessions);
    else write_text(sessions);
    if (found_.empty() && !context_.common.json && !context_.common.quiet)
      context_.note("nothing was found in " + looked_at_text());
    return context_.finish(context_.common.quiet ? gate.status_of_search(!found_.empty())
                                                 : gate.status(true));
  }

 private:
  struct Found {
    Place* place;
    HitCounter hits;
  };

  Result<PlaceHits> search_place(Place& place) {
    if (place.transcripts) return search_transcripts(context_, *place.transcripts, search_);
    const auto store = places_.store_of(place);
    if (!store) return std::unexpected{store.error()};
    return search_store(context_, **store, search_);
  }

  /// Of a session that is in several places, what has most hits is kept.
  void add(Place& place, bool several, HitCounter& hits) {
    if ((hits.words() & search_.questions.all_words()) != search_.questions.all_words()) return;
    if (several) hits.found().store = place.name;
    const auto [known, is_new] = index_.emplace(hits.found().session_id, found_.size());
    if (is_new) return found_.push_back({&place, std::move(hits)});
    Found& other = found_[known->second];
    if (copies_++ == 0)
      first_copy_ = "session " + hits.found().session_id + " is in " + other.place->name +
                    " and in " + place.name;
    if (hits.found().hits > other.hits.found().hits) other = {&place, std::move(hits)};
  }

  void tell_copies() {
    if (copies_ == 0) return;
    context_.note(first_copy_ +
                  (copies_ == 1 ? "" : fmt::format(", as {} more are in two", copies_ - 1)) +
                  ": each counts once, where it has most hits");
  }

  void write_ids(const std::vector<formats::FoundSession>& sessions) {
    for (const formats::FoundSession& one : sessions)
      context_.out.write((options_.counts ? fmt::format("{:7} ", one.hits) : std::string{}) +
                         one.session_id + "\n");
  }

  void write_text(const std::vector<formats::FoundSession>& sessions) {
    if (sessions.empty()) return;
    context_.start_pager();
    const formats::Screen screen = context_.screen();
    if (!options_.around) {
      formats::write_find_text(context_.out, sessions, screen);
    } else {
      for (std::size_t i = 0; i < sessions.size() && !context_.out.done(); ++i) {
        formats::write_find_text(context_.out, std::span{sessions}.subspan(i, 1), screen);
        if (auto shown = write_around(found_[i], screen); !shown)
          context_.answer_lacks(shown.error().message);
      }
    }
    context_.out.write(total_text(sessions) + "\n");
  }

  /// "Total: 9 hits in 2 sessions, of 1,504 files", and a line that shows the best of them whole.
  std::string total_text(const std::vector<formats::FoundSession>& sessions) const {
    std::uint64_t hits = 0;
    for (const Found& one : found_) hits += one.hits.found().hits;
    const formats::FoundSession& first = sessions.front();
    std::string text = fmt::format("Total: {} in {}, of {}", formats::counted(hits, "hit"),
                                   formats::counted(found_.size(), "session"), looked_at_text());
    if (sessions.size() < found_.size())
      text += fmt::format("; {} shown", formats::thousands(sessions.size()));
    const Place& place = *found_.front().place;
    const bool named = !first.store.empty() || !context_.common.stores.empty();
    text += "\nagentstore show " + (named ? "--store " + place.name + " " : std::string{}) +
            first.session_id;
    const formats::FoundEvent& best = first.best;
    return text + (best.sequence_number > 0 ? fmt::format("#{}", best.sequence_number)
                                            : " " + best.event_id);
  }

  std::string looked_at_text() const {
    std::string text = stored_ > 0 || files_ == 0 ? formats::counted(stored_, "session") : "";
    if (files_ > 0) text += (text.empty() ? "" : " and ") + formats::counted(files_, "file");
    return text;
  }

  Result<std::unique_ptr<EventReader>> read(const Found& found) {
    ReadOptions options{.on_corrupt = OnCorrupt::prefix, .upcasts = search_.upcasts};
    const std::string& id = found.hits.found().session_id;
    if (found.place->transcripts)
      return TranscriptReader::open(
          {.paths = found.hits.files, .source = nullptr, .session_id = id, .name = {}},
          std::move(options));
    return found.place->store->read(id, std::move(options));
  }

  /// Each hit with the events before and after it.
  Result<void> write_around(const Found& found, const formats::Screen& screen) {
    const auto reader = read(found);
    if (!reader) return std::unexpected{reader.error()};
    std::deque<OwnedEvent> before;
    std::uint64_t after = 0;
    std::uint64_t last = 0;  // that was written
    const auto write = [&](const EventView& event, const formats::Excerpt* excerpt) {
      if (last > 0 && event.sequence_number > last + 1) context_.out.write("    --\n");
      formats::write_beside_found(context_.out, event, excerpt, screen);
      last = event.sequence_number;
    };
    const auto take = [&](const EventView& event) {
      const bool is_hit = search_.filter.matches(event) && search_.questions.words_in(event) != 0;
      if (is_hit) {
        for (const OwnedEvent& earlier : before) write(earlier.view(), nullptr);
        before.clear();
        const auto excerpt = search_.questions.excerpt(event);
        const formats::Excerpt whole = excerpt.value_or(formats::Excerpt{});
        write(event, &whole);
        after = *options_.around;
      } else if (after > 0) {
        --after;
        write(event, nullptr);
      } else if (*options_.around > 0) {
        before.emplace_back(event);
        if (before.size() > *options_.around) before.pop_front();
      }
    };
    return for_each_event(**reader, take);
  }

  Context& context_;
  const FindCommand& options_;
  const Search& search_;
  Places places_;
  std::vector<Found> found_;
  std::map<std::string, std::size_t> index_;
  std::vector<Error> unreadable_;
  std::vector<ReadReport> reports_;
  std::uint64_t files_ = 0;
  std::uint64_t stored_ = 0;
  std::uint64_t copies_ = 0;
  std::string first_copy_;
};

}  // namespace

int run(Context& context, const FindCommand& options) {
  if (auto use = check_use(options, context.common.json); !use) return context.refuse(use.error());
  const auto questions = EventQuestions::parse({.words = options.words,
                                                .in_session = options.in_session,
                                                .files = options.files,
                                                .commands = options.commands});
  if (!questions) return context.refuse(questions.error());
  const auto filter = filter_of(context, options);
  if (!filter) return context.refuse(filter.error());
  const auto upcasts = context.upcasts();
  if (!upcasts) return context.refuse(upcasts.error());
  const auto labels = parse_labels(context.common.labels);
  if (!labels) return context.refuse(labels.error());
  const bool timed = filter->since || filter->until || filter->before;
  const bool numbered = context.common.json || options.around;
  const Search search{.questions = *questions,
                      .filter = *filter,
                      .upcasts = *upcasts,
                      .labels = *labels,
                      .every_record = timed || filter->predicate || numbered || *upcasts != nullptr,
                      .numbered = numbered};
  Finder finder{context, options, search};
  if (auto found = finder.find(); !found) return context.refuse(found.error());
  return finder.answer();
}

}  // namespace agentstore::cmd
