#include "store/keep.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>

#include "agentstore/json.hpp"
#include "log/log_length.hpp"
#include "store/fold.hpp"
#include "store/fold_snapshots.hpp"
#include "store/reader.hpp"
#include "store/snapshot.hpp"

namespace agentstore {
namespace {

constexpr std::uint64_t kept_max = 128;
constexpr std::size_t state_bytes_max = std::size_t{1} << 20;  // of those kept for points in time
// A fold that begins further back, in intervals, waits for a thorough one.
constexpr std::uint64_t catch_up_intervals_max = 32;

// How far apart the snapshots of a log of so many events are.
std::uint64_t step_for(std::uint64_t events, std::uint64_t interval) {
  std::uint64_t step = std::max<std::uint64_t>(interval, 1);
  while (events / step > kept_max) step *= 2;
  return step;
}

// Whether every number fits a double: the Go library fails on a snapshot where one does not.
bool fits_doubles(std::string_view value) {
  if (json::kind_of(value) == json::Kind::number) {
    return std::isfinite(std::strtod(std::string{value}.c_str(), nullptr));
  }
  for (json::Walk walk{value}; walk.next();) {
    if (!fits_doubles(walk.value())) return false;
  }
  return true;
}

// Its state may be large: the newest one alone is kept.
bool is_session(const Fold& fold) {
  return fold.projection->name() == "session";
}

class Keeper {
 public:
  Keeper(Backend& backend, std::string id, const KeepOptions& options)
      : backend_(backend), id_(std::move(id)), options_(options) {}

  Result<void> run(std::span<const ProjectionFactory> projections) {
    key_ = backend_.cache_key(MissingKey::make);
    if (key_ == nullptr) return {};
    auto guard = backend_.log(id_);
    if (!guard) return std::unexpected(guard.error());
    log_ = std::move(*guard);
    const auto length = log::length_of(*log_, id_);
    if (!length) return std::unexpected(length.error());
    events_ = length->events;
    for (const ProjectionFactory& make : projections) {
      if (auto begun = begin(make); !begun) return begun;
    }
    if (folds_.empty()) return {};
    if (auto done = fold(); !done) return done;
    if (auto saved = save(true); !saved) return saved;
    if (failure_) return std::unexpected(*failure_);
    return {};
  }

 private:
  Result<void> begin(const ProjectionFactory& make) {
    Kept kept{.fold = {.projection = make(id_), .position = {}, .report = {}},
              .empty = make(id_)->to_json()};
    const auto started = start_at_snapshot(backend_, *log_, id_, {}, kept.fold);
    if (!started) return std::unexpected(started.error());
    const std::uint64_t behind = events_ - std::min(events_, kept.fold.position.sequence_number);
    if (!options_.thorough && behind / catch_up_intervals_max > options_.interval) return {};
    kept.saved_at = kept.fold.position.sequence_number;
    folds_.push_back(std::move(kept));
    return {};
  }

  Result<void> fold() {
    const auto first = std::ranges::min_element(
        folds_, {}, [](const Kept& kept) { return kept.fold.position.sequence_number; });
    const auto opened = LogReader::open(
        std::make_unique<log::BorrowedSource>(*log_),
        {.session_id = id_, .check_hashes = true, .start = first->fold.position}, {});
    if (!opened) return std::unexpected(opened.error());
    LogReader& reader = **opened;
    const std::uint64_t step = step_for(events_, options_.interval);
    for (;;) {
      const auto batch = reader.next();
      if (!batch) return std::unexpected(batch.error());
      if (batch->empty()) return {};
      std::erase_if(folds_, [&](Kept& kept) { return !apply(kept, *batch); });
      const log::Position& here = reader.position();
      for (Kept& kept : folds_) {
        if (kept.fold.position.sequence_number < here.sequence_number) kept.fold.position = here;
      }
      if (here.sequence_number / step == (here.sequence_number - batch->size()) / step) continue;
      if (auto saved = save(false); !saved) return saved;
      if (folds_.empty()) return {};
    }
  }

  struct Kept {
    Fold fold;
    std::string empty;           // the state of no events
    std::uint64_t saved_at = 0;  // the event of the newest snapshot
  };

  // False where it cannot be folded.
  bool apply(Kept& kept, std::span<const EventView> events) {
    for (const EventView& event : events) {
      if (event.sequence_number <= kept.fold.position.sequence_number) continue;
      const auto applied = kept.fold.apply(event);
      if (applied) continue;
      if (!failure_) failure_ = applied.error();
      return false;
    }
    return true;
  }

  // At the end, or on the way there: for points in time.
  Result<void> save(bool at_end) {
    std::vector<KeptSnapshot> snapshots;
    for (Kept& kept : folds_) {
      const std::uint64_t here = kept.fold.position.sequence_number;
      if (here == kept.saved_at || !is_worth_keeping(kept, at_end)) continue;
      auto numbers = backend_.snapshots(id_, kept.fold.projection->name());
      if (!numbers) return std::unexpected(numbers.error());
      KeptSnapshot snapshot{.projection = std::string{kept.fold.projection->name()},
                            .sequence_number = here,
                            .text = snapshot_text(id_, kept.fold, options_.created_at, *key_)};
      snapshot.outdated = outdated(std::move(*numbers), here, at_end, kept);
      kept.saved_at = here;
      snapshots.push_back(std::move(snapshot));
    }
    if (snapshots.empty()) return {};
    const auto saved = backend_.save_snapshots(id_, *log_, snapshots);
    if (!saved) return std::unexpected(saved.error());
    if (!*saved) folds_.clear();  // They hold what may have been removed.
    return {};
  }

  std::vector<std::uint64_t> outdated(std::vector<std::uint64_t> numbers, std::uint64_t here,
                                      bool at_end, const Kept& kept) const {
    // On the way there, those ahead may be of events that follow.
    if (!at_end) std::erase_if(numbers, [&](std::uint64_t number) { return number > here; });
    return outdated_by(
        kept.fold, std::move(numbers),
        {.interval = options_.interval,
         .newest_alone = is_session(kept.fold) || kept.fold.projection->to_json() == kept.empty});
  }

  static bool is_worth_keeping(const Kept& kept, bool at_end) {
    if (!may_be_kept(kept.fold)) return false;
    if (is_session(kept.fold)) return at_end;
    const std::string state = kept.fold.projection->to_json();
    return (at_end || state != kept.empty) && state.size() <= state_bytes_max;
  }

  Backend& backend_;
  const std::string id_;
  const KeepOptions& options_;
  const CacheKey* key_ = nullptr;
  std::unique_ptr<log::ByteSource> log_;  // as it was when the folds began
  std::uint64_t events_ = 0;
  std::vector<Kept> folds_;
  std::optional<Error> failure_;  // of the first projection that could not be folded
};

}  // namespace

bool may_be_kept(const Fold& fold) {
  const Projection& projection = *fold.projection;
  return fold.position.head_known && fold.position.sealed && projection.notes().empty() &&
         projection.version() > 0 && (!is_session(fold) || fits_doubles(projection.to_json()));
}

std::vector<std::uint64_t> outdated_by(const Fold& fold, std::vector<std::uint64_t> numbers,
                                       const Thinning& how) {
  const std::uint64_t here = fold.position.sequence_number;
  std::erase(numbers, here);
  const auto ahead = std::ranges::upper_bound(numbers, here);
  std::vector<std::uint64_t> outdated{ahead, numbers.end()};  // The log does not reach them.
  numbers.erase(ahead, numbers.end());
  if (!how.newest_alone) {
    numbers.push_back(here);
    numbers = outdated_snapshots(numbers, how.interval);
  }
  outdated.insert(outdated.end(), numbers.begin(), numbers.end());
  return outdated;
}

std::vector<std::uint64_t> outdated_snapshots(std::span<const std::uint64_t> numbers,
                                              std::uint64_t interval) {
  std::vector<std::uint64_t> outdated;
  if (numbers.empty()) return outdated;
  const std::uint64_t newest = numbers.back();
  const std::uint64_t step = step_for(newest, interval);
  std::uint64_t before = 0;
  for (const std::uint64_t number : numbers.first(numbers.size() - 1)) {
    // The first one of each stretch stays: it is the one that stayed of shorter stretches.
    const bool crowded = number != numbers.front() && number / step == before / step;
    if (crowded) outdated.push_back(number);
    else before = number;
  }
  return outdated;
}

Result<void> save_snapshots(Backend& backend, std::string_view session_id,
                            std::span<const ProjectionFactory> projections,
                            const KeepOptions& options) {
  return Keeper{backend, std::string{session_id}, options}.run(projections);
}

}  // namespace agentstore
