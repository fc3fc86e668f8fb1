#include "store/fold.hpp"

#include <algorithm>
#include <utility>

#include "agentstore/json.hpp"
#include "agentstore/store.hpp"
#include "log/redaction.hpp"
#include "store/reader.hpp"
#include "store/snapshot.hpp"

namespace agentstore {
namespace {

Result<void> fold_rest(std::unique_ptr<log::ByteSource> source, const std::string& session_id,
                       const FoldOptions& options, Fold& fold) {
  const auto reader = LogReader::open(
      std::move(source),
      {.session_id = session_id, .on_corrupt = options.on_corrupt, .start = fold.position},
      filter_of(options.point), options.upcasts);
  if (!reader) return std::unexpected(reader.error());
  auto done = for_each_event(**reader, [&](const EventView& event) { return fold.apply(event); });
  fold.position = (*reader)->position();
  fold.report = (*reader)->report();
  return done;
}

/// A copied folder may have a snapshot that was made of more events than its log holds.
void tell_if_ahead(std::string_view snapshot, const std::string& session_id, const Fold& fold,
                   const std::function<void(const std::string&)>& tell) {
  if (!tell || json::check(snapshot, json::rules_to_read)) return;
  const std::int64_t version = json::find_integer(snapshot, "version").value_or(0);
  const auto last = static_cast<std::int64_t>(fold.report.last_sequence_number);
  if (version <= last) return;
  tell("session " + session_id + ": its snapshot is at event " + std::to_string(version) +
       ", ahead of the log, which ends at " + std::to_string(last) + "; it was ignored");
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
  auto source = backend.log(id);
  if (!source) return std::unexpected(source.error());
  Fold fold{.projection = make(id), .position = {}, .report = {}};
  const auto snapshot = backend.snapshot(id, fold.projection->name());
  const auto redaction = log::last_redaction(**source);
  if (!redaction) return std::unexpected(redaction.error());
  const bool upcast = options.upcasts != nullptr && !options.upcasts->empty();
  // A redaction that was not finished may have left a snapshot that holds the payload.
  if (snapshot && *snapshot && !*redaction && !upcast) {
    const auto used = restore(**snapshot, **source, id, options.point, fold);
    if (!used) return std::unexpected(used.error());
  }
  if (auto done = fold_rest(std::move(*source), id, options, fold); !done) {
    return std::unexpected(done.error());
  }
  if (snapshot && *snapshot && options.point.is_now())
    tell_if_ahead(**snapshot, id, fold, options.on_notice);
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
