#include "store/fold_snapshots.hpp"

#include <algorithm>
#include <utility>

#include "agentstore/json.hpp"
#include "log/redaction.hpp"
#include "store/keep.hpp"
#include "store/snapshot.hpp"

namespace agentstore {

Result<void> start_at_snapshot(Backend& backend, log::ByteSource& source, const std::string& id,
                               const Point& point, Fold& fold) {
  const auto redaction = log::last_redactions(source);
  if (!redaction) return std::unexpected(redaction.error());
  // A redaction that was not finished may have left snapshots that hold the payload.
  if (!redaction->empty()) return {};
  const CacheKey* const key = backend.cache_key(MissingKey::refuse);
  if (key == nullptr) return {};
  const std::string_view name = fold.projection->name();
  if (name.empty()) return {};
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

// A copied folder may have a snapshot that was made of more events than its log holds.
void tell_if_ahead(Backend& backend, const std::string& id, const Fold& fold,
                   const std::function<void(const std::string&)>& tell) {
  const std::string_view name = fold.projection->name();
  if (!tell || name.empty()) return;
  const auto numbers = backend.snapshots(id, name);
  if (!numbers) return;
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

// So that snapshots that were deleted come back as soon as somebody had to do without them.
void keep_fold(Backend& backend, const std::string& id, log::ByteSource& source,
               const FoldOptions& options, const Fold& fold) {
  const std::uint64_t folded = fold.position.sequence_number - fold.started_at;
  if (options.keep_after_events == 0 || folded < options.keep_after_events) return;
  if (fold.projection->name().empty()) return;
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

}  // namespace agentstore
