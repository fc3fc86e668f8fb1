// The fold itself: which events, in which order, up to where.

#include "store/fold.hpp"

#include <algorithm>
#include <utility>

#include "store/fold_parts.hpp"
#include "store/fold_snapshots.hpp"
#include "store/reader.hpp"

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

}  // namespace

Result<void> Fold::apply(const EventView& event) {
  if (auto applied = projection->apply(event); !applied) return applied;
  last_sequence_number = std::max(last_sequence_number, event.sequence_number);
  if (event.timestamp < max_timestamp) monotonic = false;
  max_timestamp = std::max(max_timestamp, event.timestamp);
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

}  // namespace agentstore
