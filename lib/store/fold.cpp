#include "store/fold.hpp"

#include <algorithm>
#include <utility>

#include "agentstore/json.hpp"
#include "agentstore/store.hpp"
#include "log/redaction.hpp"
#include "store/fold_parts.hpp"
#include "store/keep.hpp"
#include "store/reader.hpp"
#include "store/snapshot.hpp"

namespace agentstore {
namespace {

/// Goes on from where the fold is, to the end of the log.
Result<void> fold_on(log::ByteSource& source, const std::string& id, const FoldOptions& options,
                     Fold& fold) {
  const std::uint64_t left =
      source.size_bytes() - std::min(source.size_bytes(), fold.position.offset_bytes);
  const bool upcast = options.upcasts != nullptr && !options.upcasts->empty();
  if (options.point.is_now() && options.on_corrupt == OnCorrupt::strict && !upcast &&
      left >= log::parallel_bytes_min) {
    log::Position end;
    auto report = fold_in_parts(
        source, {.session_id = id, .start = fold.position},
        [&](const EventView& event) { return fold.apply(event); }, end);
    if (!report) return std::unexpected(report.error());
    fold.position = end;
    fold.report = std::move(*report);
    return {};
  }
  const auto reader = LogReader::open(std::make_unique<log::BorrowedSource>(source),
                                      {.session_id = id,
                                       .on_corrupt = options.on_corrupt,
                                       .check_hashes = true,
                                       .start = fold.position},
                                      filter_of(options.point), options.upcasts);
  if (!reader) return std::unexpected(reader.error());
  auto done = for_each_event(**reader, [&](const EventView& event) { return fold.apply(event); });
  fold.position = (*reader)->position();
  fold.report = (*reader)->report();
  return done;
}

/// Folds up to the first event that is behind the instant. Those up to `known` never ran backwards:
/// the rest of them are behind it, too, and are passed over.
Result<void> fold_to_instant(log::ByteSource& source, const std::string& id, const Point& point,
                             const log::Position& known, Fold& fold) {
  const auto reader =
      LogReader::open(std::make_unique<log::BorrowedSource>(source),
                      {.session_id = id, .check_hashes = true, .start = fold.position},
                      {.to_seq = known.sequence_number});
  if (!reader) return std::unexpected(reader.error());
  const Filter wanted = filter_of(point);
  for (bool behind = false; !behind;) {
    const auto batch = (*reader)->next();
    if (!batch) return std::unexpected(batch.error());
    if (batch->empty()) break;
    for (const EventView& event : *batch) {
      behind = !wanted.matches(event);
      if (behind) break;
      if (auto applied = fold.apply(event); !applied) return applied;
    }
  }
  fold.position = known;
  return {};
}

/// Folds events that have no lines yet; of no projection where the backend has none such, or where
/// the lines count.
Result<Fold> fold_in_memory(Backend& backend, const std::string& id, const ProjectionFactory& make,
                            const FoldOptions& options) {
  const bool upcast = options.upcasts != nullptr && !options.upcasts->empty();
  auto reader = upcast ? nullptr : backend.unsealed_events(id, 0);
  if (!reader) return Fold{};
  Fold fold{.projection = make(id), .position = {}, .report = {}};
  if (fold.projection->looks_at_lines()) return Fold{};
  const auto kept =
      options.point.is_now() ? backend.kept_state(id, fold.projection->name()) : std::nullopt;
  if (kept && kept->version == fold.projection->version() &&
      fold.projection->from_json(kept->json)) {
    fold.last_sequence_number = kept->sequence_number;
    reader = backend.unsealed_events(id, kept->sequence_number);
  }
  const Filter filter = filter_of(options.point);
  auto done = for_each_event(*reader, [&](const EventView& event) -> Result<void> {
    return filter.matches(event) ? fold.apply(event) : Result<void>{};
  });
  if (!done) return std::unexpected(done.error());
  fold.report = reader->report();
  return fold;
}

/// A copied folder may have a snapshot that was made of more events than its log holds.
void tell_if_ahead(Backend& backend, const std::string& id, const Fold& fold,
                   const std::function<void(const std::string&)>& tell) {
  const std::string_view name = fold.projection->name();
  const auto numbers = backend.snapshots(id, name);
  if (!tell || !numbers) return;
  const bool known = !numbers->empty() && numbers->back() <= fold.report.last_sequence_number;
  if (known && name != "session") return;
  // That for the Go library came along even where the key did not.
  const auto text = name == "session"  ? backend.published_snapshot(id)
                    : numbers->empty() ? Result<std::optional<std::string>>{}
                                       : backend.snapshot(id, name, numbers->back());
  if (!text || !*text || json::check(**text, json::rules_to_read)) return;
  const std::int64_t version = json::find_integer(**text, "version").value_or(0);
  const auto last = static_cast<std::int64_t>(fold.report.last_sequence_number);
  if (version <= last) return;
  tell("session " + id + ": its snapshot is at event " + std::to_string(version) +
       ", ahead of the log, which ends at " + std::to_string(last) + "; it was ignored");
}

/// So that snapshots that were deleted come back as soon as somebody had to do without them.
void keep_fold(Backend& backend, const std::string& id, log::ByteSource& source,
               const FoldOptions& options, const Fold& fold) {
  const std::uint64_t folded = fold.position.sequence_number - fold.started_at;
  if (options.keep_after_events == 0 || folded < options.keep_after_events) return;
  if (fold.report.verdict != Verdict::clean || !may_be_kept(fold)) return;
  if (options.upcasts != nullptr && !options.upcasts->empty()) return;
  const CacheKey* const key = backend.cache_key(MissingKey::make);
  if (key == nullptr) return;
  const std::string name{fold.projection->name()};
  const auto numbers = backend.snapshots(id, name);
  if (!numbers) return;
  const KeptSnapshot snapshot{
      .projection = name,
      .sequence_number = fold.position.sequence_number,
      .text = snapshot_text(id, fold, options.now, *key),
      .outdated = outdated_by(fold, *numbers,
                              {.interval = options.keep_after_events,
                               .newest_alone = options.keep_newest_alone || name == "session"})};
  (void)backend.save_read_snapshot(id, source, snapshot);  // It would only have been faster later.
}

}  // namespace

Result<void> Fold::apply(const EventView& event) {
  if (auto applied = projection->apply(event); !applied) return applied;
  last_sequence_number = std::max(last_sequence_number, event.sequence_number);
  if (event.timestamp < max_timestamp) monotonic = false;
  max_timestamp = std::max(max_timestamp, event.timestamp);
  return {};
}

Result<void> start_at_snapshot(Backend& backend, log::ByteSource& source, const std::string& id,
                               const Point& point, Fold& fold) {
  const auto redaction = log::last_redactions(source);
  if (!redaction) return std::unexpected(redaction.error());
  // A redaction that was not finished may have left snapshots that hold the payload.
  if (!redaction->empty()) return {};
  const CacheKey* const key = backend.cache_key(MissingKey::refuse);
  if (key == nullptr) return {};
  const std::string_view name = fold.projection->name();
  const auto numbers = backend.snapshots(id, name);
  if (!numbers) return {};  // Without them it takes longer.
  const auto text_at = [&](std::uint64_t number) {
    auto text = backend.snapshot(id, name, number);
    return text && *text ? std::move(**text) : std::string{};
  };
  const auto is_early = [&](std::uint64_t number) {
    const std::string text = text_at(number);
    const auto snapshot = open_snapshot(text, id, *key);
    return snapshot && is_within(*snapshot, point);
  };
  auto end = std::upper_bound(numbers->begin(), numbers->end(), filter_of(point).to_seq);
  if (point.at || point.before) end = std::partition_point(numbers->begin(), end, is_early);
  while (end != numbers->begin()) {
    const std::string text = text_at(*--end);
    const auto snapshot = open_snapshot(text, id, *key);
    if (!snapshot || !is_within(*snapshot, point)) continue;
    const auto restored = restore(*snapshot, source, id, fold);
    if (!restored) return std::unexpected(restored.error());
    if (*restored) break;
  }
  return {};
}

Result<Fold> fold_session(Backend& backend, std::string_view session_id,
                          const ProjectionFactory& make, const FoldOptions& options) {
  const std::string id{session_id};
  if (auto fold = fold_in_memory(backend, id, make, options); !fold || fold->projection) {
    return fold;
  }
  const auto source = backend.log(id);
  if (!source) return std::unexpected(source.error());
  const auto newest = [&](const Point& point) -> Result<Fold> {
    Fold fold{.projection = make(id), .position = {}, .report = {}};
    if (options.upcasts != nullptr && !options.upcasts->empty()) return fold;
    if (auto done = start_at_snapshot(backend, **source, id, point, fold); !done)
      return std::unexpected(done.error());
    return fold;
  };
  auto fold = newest(options.point);
  if (!fold) return fold;
  const bool timed = options.point.at || options.point.before;
  if (timed && options.on_corrupt == OnCorrupt::strict) {
    const auto known = newest({});
    if (!known) return std::unexpected(known.error());
    if (known->monotonic && known->position.sequence_number > fold->position.sequence_number) {
      auto done = fold_to_instant(**source, id, options.point, known->position, *fold);
      if (!done) return std::unexpected(done.error());
    }
  }
  if (auto done = fold_on(**source, id, options, *fold); !done)
    return std::unexpected(done.error());
  if (options.point.is_now()) {
    tell_if_ahead(backend, id, *fold, options.on_notice);
    keep_fold(backend, id, **source, options, *fold);
  }
  return fold;
}

State Folded::state() const {
  const auto noticed = projection->notes();
  return {.session_id = session_id,
          .projection = std::string{projection->name()},
          .last_sequence_number = last_sequence_number,
          .json = projection->to_json(),
          .report = report,
          .notes = {noticed.begin(), noticed.end()}};
}

Result<Folded> fold_events(EventReader& reader, const ProjectionFactory& make,
                           std::string session_id) {
  Folded folded{.session_id = std::move(session_id), .projection = nullptr, .report = {}};
  if (!folded.session_id.empty()) folded.projection = make(folded.session_id);
  auto done = for_each_event(reader, [&](const EventView& event) {
    if (!folded.projection) {
      folded.session_id = event.session_id;
      folded.projection = make(folded.session_id);
    }
    folded.last_sequence_number = std::max(folded.last_sequence_number, event.sequence_number);
    return folded.projection->apply(event);
  });
  if (!done) return std::unexpected(done.error());
  if (!folded.projection) folded.projection = make({});
  folded.report = reader.report();
  return folded;
}

}  // namespace agentstore
