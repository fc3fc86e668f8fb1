// Reading a session, and folding it.

#include <algorithm>
#include <iterator>
#include <utility>

#include "agentstore/store.hpp"
#include "base/sha256.hpp"
#include "store/cached_aggregate.hpp"
#include "store/copied_events.hpp"
#include "store/merge.hpp"
#include "store/reader.hpp"
#include "store/store_impl.hpp"

namespace agentstore {

bool Store::Impl::keeps(std::string_view session_id, const Projection& projection) const {
  const auto kept = snapshotted(session_id);
  return std::ranges::any_of(kept, [&](const ProjectionFactory& make) {
    const auto one = make("");
    return one->name() == projection.name() && one->version() == projection.version();
  });
}

Result<Folded> Store::Impl::fold(std::string_view session_id, const ProjectionFactory& make,
                                 FoldOptions how) const {
  if (!upcasts) return std::unexpected(upcasts.error());
  how.upcasts = &*upcasts;
  if (options.on_notice) how.on_notice = [this](const std::string& text) { notices.notice(text); };
  how.now = now();
  auto fold = fold_session(*backend, session_id, make, how);
  if (!fold) return std::unexpected(fold.error());
  return Folded{std::string{session_id}, std::move(fold->projection), fold->last_sequence_number,
                std::move(fold->report),
                fold->position.sealed ? to_hex(bytes_of(fold->position.head)) : std::string{}};
}

std::optional<State> Store::Impl::state_at_end(std::string_view session_id,
                                               const ProjectionFactory& make,
                                               const Point& point) const {
  if (!point.is_now() || !upcasts || !upcasts->empty()) return std::nullopt;
  const auto projection = make(session_id);
  auto kept = backend->kept_state(session_id, projection->name());
  if (!kept || kept->version != projection->version()) return std::nullopt;
  const auto session = backend->session(session_id, true);
  if (!session || session->event_count != kept->sequence_number) return std::nullopt;
  State state{.session_id = std::string{session_id},
              .projection = std::string{projection->name()},
              .last_sequence_number = kept->sequence_number,
              .json = std::move(kept->json),
              .report = {}};
  state.report.last_sequence_number = state.last_sequence_number;
  return state;
}

Result<void> Store::Impl::complete(ReadOptions& read) const {
  if (read.raw || read.upcasts != nullptr) return {};
  if (!upcasts) return std::unexpected(upcasts.error());
  if (!upcasts->empty()) read.upcasts = &*upcasts;
  return {};
}

Result<std::unique_ptr<EventReader>> Store::read(std::string_view session_id,
                                                 ReadOptions options) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  if (auto ready = (*impl)->complete(options); !ready) return std::unexpected(ready.error());
  auto source = (*impl)->backend->log(session_id);
  if (!source) return std::unexpected(source.error());
  log::ScanOptions scan{.session_id = std::string{session_id},
                        .on_corrupt = options.on_corrupt,
                        .check_hashes = checks_seals(options.seals, **source)};
  auto reader = LogReader::open(std::move(*source), std::move(scan), std::move(options.filter),
                                options.upcasts);
  if (reader) (*reader)->keep_alive(impl_);
  return reader;
}

Result<Events> Store::events(std::string_view session_id, ReadOptions options) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  if (auto ready = (*impl)->complete(options); !ready) return std::unexpected(ready.error());
  const bool plain = options.filter.newest == 0 && (options.raw || options.upcasts == nullptr);
  std::shared_ptr<EventReader> unsealed =
      plain ? (*impl)->backend->unsealed_events(session_id, 0) : nullptr;
  Events all;
  if (unsealed) {
    const bool whole = options.filter.takes_all();
    for (;;) {
      const auto batch = unsealed->next();
      if (!batch) return std::unexpected(batch.error());
      if (batch->empty()) break;
      if (whole) all.events_.insert(all.events_.end(), batch->begin(), batch->end());
      else
        std::ranges::copy_if(*batch, std::back_inserter(all.events_),
                             [&](const EventView& each) { return options.filter.matches(each); });
    }
    all.report_ = unsealed->report();
    all.texts_ = std::move(unsealed);
    return all;
  }
  const auto reader = read(session_id, std::move(options));
  if (!reader) return std::unexpected(reader.error());
  const auto copies = std::make_shared<CopiedEvents>(session_id);
  for (;;) {
    const auto batch = (*reader)->next();
    if (!batch) return std::unexpected(batch.error());
    if (batch->empty()) break;
    if (auto taken = copies->take(*batch); !taken) return std::unexpected(taken.error());
  }
  all.events_ = copies->events();
  all.texts_ = copies;
  all.report_ = (*reader)->report();
  return all;
}

Result<ReadReport> Store::read_parts(std::string_view session_id, ReadOptions options,
                                     const Parts& parts) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  if (auto ready = (*impl)->complete(options); !ready) return std::unexpected(ready.error());
  return read_session_in_parts(*(*impl)->backend, session_id, std::move(options), parts);
}

Result<std::unique_ptr<EventReader>> Store::read_all(ReadOptions options) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  if (auto ready = (*impl)->complete(options); !ready) return std::unexpected(ready.error());
  auto ids = (*impl)->backend->session_ids();
  if (!ids) return std::unexpected(ids.error());
  return make_merged_reader(
      std::move(*ids), [shared = impl_](const std::string& id) { return shared->backend->log(id); },
      std::move(options));
}

Result<State> Store::state(std::string_view session_id, OnCorrupt on_corrupt) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  return state(session_id, (*impl)->options.projection, {}, on_corrupt);
}

Result<State> Store::state(std::string_view session_id, const ProjectionFactory& make,
                           const Point& point, OnCorrupt on_corrupt) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  if (auto kept = (*impl)->state_at_end(session_id, make, point)) return std::move(*kept);
  const auto folded = fold(session_id, make, point, on_corrupt);
  if (!folded) return std::unexpected(folded.error());
  return folded->state();
}

Result<State> Store::state(std::string_view session_id, Projection& projection,
                           ReadOptions options) const {
  const auto reader = read(session_id, std::move(options));
  if (!reader) return std::unexpected(reader.error());
  State state{.session_id = std::string{session_id},
              .projection = std::string{projection.name()},
              .json = {},
              .report = {}};
  const auto done = for_each_event(**reader, [&](const EventView& event) {
    state.last_sequence_number = std::max(state.last_sequence_number, event.sequence_number);
    return projection.apply(event);
  });
  if (!done) return std::unexpected(done.error());
  state.json = projection.to_json();
  state.report = (*reader)->report();
  state.notes = {projection.notes().begin(), projection.notes().end()};
  return state;
}

Result<Folded> Store::fold(std::string_view session_id, const ProjectionFactory& make,
                           const Point& point, OnCorrupt on_corrupt) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  const bool kept = (*impl)->keeps(session_id, *make(session_id));
  return (*impl)->fold(session_id, make,
                       {.point = point,
                        .on_corrupt = on_corrupt,
                        .keep_after_events = kept ? (*impl)->interval() : 0});
}

Result<Folded> Store::fold_to_decide(std::string_view session_id,
                                     const ProjectionFactory& make) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  return (*impl)->fold(session_id, make,
                       {.keep_after_events = (*impl)->interval(), .keep_newest_alone = true});
}

}  // namespace agentstore
