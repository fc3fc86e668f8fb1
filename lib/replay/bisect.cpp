#include "agentstore/analysis/bisect.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "agentstore/analysis/views.hpp"

namespace agentstore {
namespace {

constexpr std::size_t flips_max = 1000;

template <class Answer>
Result<Answer> naming(Result<Answer> answer, const EventNaming& name,
                      std::uint64_t sequence_number) {
  if (!answer) answer.error().message += ", after " + event_name(name, sequence_number);
  return answer;
}

/// The halving: knows the states that were tried, and asks for those in between.
class Search {
 public:
  Search(const EventSource& source, std::string_view session_id,
         std::span<const ProjectionFactory> projections, const StateTrial& trial,
         OnCorrupt on_corrupt, const EventNaming& name)
      : source_(source),
        session_id_(session_id),
        projections_(projections),
        trial_(trial),
        on_corrupt_(on_corrupt),
        name_(name) {}

  Result<TurningPoint> run() {
    good_states_ = ProjectionGroup{projections_, session_id_}.states();
    if (auto tried = try_newest(); !tried) return std::unexpected(tried.error());
    while (point_.bad) {
      const auto middle = next();
      if (!middle) break;
      if (auto tried = try_at(*middle); !tried) return std::unexpected(tried.error());
    }
    std::ranges::sort(point_.skipped);
    std::erase_if(point_.skipped, [&](std::uint64_t number) {
      return number <= point_.last_good || number >= point_.first_bad;
    });
    return std::move(point_);
  }

 private:
  Result<void> try_newest() {
    ProjectionGroup fold{projections_, session_id_};
    auto report = for_each_event(source_, {.on_corrupt = on_corrupt_}, [&](const EventView& event) {
      ++point_.events;
      numbers_.push_back(event.sequence_number);
      return fold.apply(event);
    });
    if (!report) return std::unexpected(report.error());
    point_.report = std::move(*report);
    point_.notes = fold.notes();
    if (numbers_.empty()) return {};
    const std::uint64_t newest = numbers_.back();
    const auto outcome = ask(newest, fold.states());
    if (!outcome) return std::unexpected(outcome.error());
    if (*outcome == Trial::skip) return fail(Code::invalid, "the newest state was skipped");
    point_.bad = *outcome == Trial::bad;
    (point_.bad ? point_.first_bad : point_.last_good) = newest;
    return {};
  }

  /// The event nearest to the middle that may still be the one.
  std::optional<std::uint64_t> next() const {
    const auto begin = std::ranges::upper_bound(numbers_, point_.last_good);
    const auto end = std::ranges::lower_bound(numbers_, point_.first_bad);
    if (begin >= end) return std::nullopt;
    const auto middle = begin + (end - begin - 1) / 2;
    const auto is_open = [&](std::uint64_t number) {
      return std::ranges::find(point_.skipped, number) == point_.skipped.end();
    };
    const auto behind = std::find_if(middle, end, is_open);
    if (behind == middle) return *middle;
    const auto before =
        std::find_if(std::reverse_iterator{middle}, std::reverse_iterator{begin}, is_open);
    if (before.base() != begin && (behind == end || middle - before.base() < behind - middle))
      return *before;
    return behind == end ? std::nullopt : std::optional{*behind};
  }

  /// Folds on from the newest state that is good.
  Result<void> try_at(std::uint64_t number) {
    ProjectionGroup fold{projections_, session_id_};
    if (fold.goes_on_from_json())
      if (auto restored = fold.restore(good_states_); !restored) return restored;
    const std::uint64_t first = fold.goes_on_from_json() ? point_.last_good + 1 : 1;
    ReadOptions options{.filter = {.from_seq = first, .to_seq = number}, .on_corrupt = on_corrupt_};
    const auto report = for_each_event(source_, std::move(options),
                                       [&](const EventView& event) { return fold.apply(event); });
    if (!report) return std::unexpected(report.error());
    std::vector<std::string> states = fold.states();
    const auto outcome = ask(number, states);
    if (!outcome) return std::unexpected(outcome.error());
    if (*outcome == Trial::bad) {
      point_.first_bad = number;
    } else if (*outcome == Trial::skip) {
      point_.skipped.push_back(number);
    } else {
      point_.last_good = number;
      good_states_ = std::move(states);
    }
    return {};
  }

  Result<Trial> ask(std::uint64_t number, std::span<const std::string> states) {
    ++point_.trials;
    return naming(trial_(number, states), name_, number);
  }

  const EventSource& source_;
  std::string_view session_id_;
  std::span<const ProjectionFactory> projections_;
  const StateTrial& trial_;
  OnCorrupt on_corrupt_;
  const EventNaming& name_;
  TurningPoint point_;
  std::vector<std::uint64_t> numbers_;  // of the events, which may lack some that are damaged
  std::vector<std::string> good_states_;
};

}  // namespace

Result<Flips> find_flips(const EventSource& source, std::string_view session_id,
                         std::span<const ProjectionFactory> projections,
                         const StateQuestion& question, OnCorrupt on_corrupt,
                         const EventNaming& name) {
  Flips found;
  ProjectionGroup fold{projections, session_id};
  auto answer = naming(question(0, fold.states()), name, 0);
  if (!answer) return std::unexpected(answer.error());
  found.at_start = *answer;
  bool last = *answer;
  auto report = for_each_event(
      source, {.on_corrupt = on_corrupt}, [&](const EventView& event) -> Result<void> {
        if (auto applied = fold.apply(event); !applied) return applied;
        ++found.events;
        const auto now =
            naming(question(event.sequence_number, fold.states()), name, event.sequence_number);
        if (!now) return std::unexpected(now.error());
        if (*now == last) return {};
        last = *now;
        if (found.count++ < flips_max) found.flips.push_back({event.sequence_number, last});
        return {};
      });
  if (!report) return std::unexpected(report.error());
  found.report = std::move(*report);
  found.notes = fold.notes();
  return found;
}

Result<TurningPoint> find_turning_point(const EventSource& source, std::string_view session_id,
                                        std::span<const ProjectionFactory> projections,
                                        const StateTrial& trial, OnCorrupt on_corrupt,
                                        const EventNaming& name) {
  return Search{source, session_id, projections, trial, on_corrupt, name}.run();
}

}  // namespace agentstore
