#include "agentstore/store.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <utility>

#include "backends/backend.hpp"
#include "backends/naming.hpp"
#include "base/ids.hpp"
#include "base/sha256.hpp"
#include "base/system.hpp"
#include "base/utf8.hpp"
#include "store/fold.hpp"
#include "store/keep.hpp"
#include "store/memo.hpp"
#include "store/merge.hpp"
#include "store/parts.hpp"
#include "store/reader.hpp"
#include "store/rules.hpp"
#include "store/verify_session.hpp"

namespace agentstore {
namespace {

// A write is read back whole: what readers and repairs hold of it has to end somewhere.
constexpr std::size_t batch_bytes_max = std::size_t{128} << 20;
constexpr std::size_t line_overhead_bytes = 1024;

bool are_utf8(const Labels& labels) {
  return std::all_of(labels.begin(), labels.end(), [](const auto& label) {
    return is_utf8(label.first) && is_utf8(label.second);
  });
}

}  // namespace

struct Store::Impl {
  Impl(std::unique_ptr<Backend> opened, StoreOptions chosen, Result<Upcasts> rules,
       Result<Ledger> money)
      : backend(std::move(opened)),
        options(std::move(chosen)),
        upcasts(std::move(rules)),
        ledger(std::move(money)) {}

  Result<void> writable() const {
    if (closed) return fail(Code::closed, "the store is closed");
    if (process_epoch() != opened_by) {
      return fail(Code::closed, "the store was opened before a fork", "open it again in the child");
    }
    return {};
  }

  void notice(const std::string& text) const {
    if (options.on_notice) options.on_notice(text);
  }

  // Of what snapshots are kept: the default projection, and those built in.
  std::vector<ProjectionFactory> snapshotted(std::string_view session_id) const {
    std::vector<ProjectionFactory> projections{options.projection};
    const auto session = backend->session(session_id, false);
    const Labels labels = session ? session->labels : Labels{};
    const std::string own{options.projection("")->name()};
    for (const ProjectionKind& kind : projection_kinds()) {
      const bool of_other_ledger = kind.name == "balance" && !(ledger && ledger->built_in);
      if (!kind.snapshotted || kind.name == own || of_other_ledger) continue;
      projections.push_back(*projection_named(kind.name, casino_ledger(), labels));
    }
    return projections;
  }

  // A snapshot that fails costs time later; the events from `first` to `last` stand.
  void snapshot_after(std::string_view session_id, std::uint64_t first, std::uint64_t last) {
    const std::uint64_t interval = options.snapshot_interval;
    if (interval == 0 || !upcasts || !upcasts->empty() || first == 0) return;
    const std::uint64_t before = (first - 1) / interval;
    if (last / interval == before) return;
    // What may take long is done each time that the log has doubled: on average it costs nothing.
    const bool doubled = std::bit_width(last / interval) != std::bit_width(before);
    const auto saved =
        save_snapshots(*backend, session_id, snapshotted(session_id),
                       {.interval = interval, .thorough = doubled, .created_at = now()});
    if (!saved) {
      notice("session " + std::string{session_id} +
             ": no snapshot was saved: " + saved.error().message);
    }
  }

  void snapshot_after(std::string_view session_id, const std::vector<Receipt>& receipts) {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    for (const Receipt& receipt : receipts) {
      if (receipt.duplicate) continue;
      if (first == 0) first = receipt.sequence_number;
      last = receipt.sequence_number;
    }
    snapshot_after(session_id, first, last);
  }

  Result<std::vector<Receipt>> append(std::string_view session_id,
                                      std::span<const log::CheckedDraft> drafts,
                                      const AppendOptions& how) {
    auto receipts = backend->append(session_id, drafts, how);
    if (receipts) snapshot_after(session_id, *receipts);
    return receipts;
  }

  std::uint64_t interval() const {
    return closed || process_epoch() != opened_by ? 0 : options.snapshot_interval;
  }

  // Whether snapshots of it are kept for everybody.
  bool keeps(std::string_view session_id, const Projection& projection) const {
    const auto kept = snapshotted(session_id);
    return std::ranges::any_of(kept, [&](const ProjectionFactory& make) {
      const auto one = make("");
      return one->name() == projection.name() && one->version() == projection.version();
    });
  }

  Result<Folded> fold(std::string_view session_id, const ProjectionFactory& make,
                      FoldOptions how) const {
    if (!upcasts) return std::unexpected(upcasts.error());
    how.upcasts = &*upcasts;
    how.on_notice = options.on_notice;
    how.now = now();
    auto fold = fold_session(*backend, session_id, make, how);
    if (!fold) return std::unexpected(fold.error());
    return Folded{std::string{session_id}, std::move(fold->projection), fold->last_sequence_number,
                  std::move(fold->report),
                  fold->position.sealed ? to_hex(bytes_of(fold->position.head)) : std::string{}};
  }

  // Where nothing came behind the newest snapshot.
  std::optional<State> state_at_end(std::string_view session_id, const ProjectionFactory& make,
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

  // Tells the reader what to read by. Errors: those of upcasts().
  Result<void> complete(ReadOptions& read) const {
    if (read.raw || read.upcasts != nullptr) return {};
    if (!upcasts) return std::unexpected(upcasts.error());
    if (!upcasts->empty()) read.upcasts = &*upcasts;
    return {};
  }

  std::unique_ptr<Backend> backend;
  StoreOptions options;
  Result<Upcasts> upcasts;
  Result<Ledger> ledger;
  std::uint64_t opened_by = process_epoch();
  std::atomic<bool> closed = false;
};

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&& other) noexcept {
  std::swap(impl_, other.impl_);
  return *this;
}
Store::~Store() {
  if (impl_) (void)close();
}

Result<Store> Store::open(const std::filesystem::path& folder, StoreOptions options) {
  auto backend = open_file_backend(folder, options);
  if (!backend) return std::unexpected(backend.error());
  auto upcasts = options.upcasts ? std::move(*options.upcasts) : read_upcasts(folder);
  auto ledger = options.ledger ? std::move(*options.ledger) : read_ledger(folder);
  return Store{std::make_unique<Impl>(std::move(*backend), std::move(options), std::move(upcasts),
                                      std::move(ledger))};
}

Store Store::in_memory(StoreOptions options) {
  auto upcasts = std::move(options.upcasts).value_or(Upcasts{});
  auto ledger = std::move(options.ledger).value_or(casino_ledger());
  return Store{std::make_unique<Impl>(make_memory_backend(), std::move(options), std::move(upcasts),
                                      std::move(ledger))};
}

Result<Session> Store::create_session(NewSession wanted) {
  if (auto allowed = impl_->writable(); !allowed) return std::unexpected(allowed.error());
  const bool random_id = wanted.id.empty();
  if (random_id) wanted.id = uuid4();
  if (auto allowed = check_session_id(wanted.id); !allowed) return std::unexpected(allowed.error());
  if (auto allowed = check_session_name(wanted.name); !allowed)
    return std::unexpected(allowed.error());
  if (!are_utf8(wanted.labels))
    return fail(Code::invalid, "one of the session's labels is not UTF-8");
  const Timestamp at = wanted.created_at.value_or(now());
  if (!is_writable(at)) {
    return fail(Code::invalid, "the session's beginning is outside the years 0000 to 9999");
  }
  Session session{
      std::move(wanted.id), std::move(wanted.name), std::move(wanted.labels), at, at, 0};
  // A random id is nobody's name.
  const bool unnamed = random_id && session.name.empty();
  auto created = unnamed ? impl_->backend->create(session) : create_named(*impl_->backend, session);
  if (!created) return std::unexpected(created.error());
  return session;
}

Result<Session> Store::change_session(std::string_view session_id, const SessionChange& change) {
  if (auto allowed = impl_->writable(); !allowed) return std::unexpected(allowed.error());
  if (auto allowed = check_session_id(session_id); !allowed)
    return std::unexpected(allowed.error());
  if (auto allowed = check_session_name(change.name.value_or("")); !allowed)
    return std::unexpected(allowed.error());
  return agentstore::change_session(*impl_->backend, session_id, change);
}

Result<Session> Store::session(std::string_view id, bool fresh_counts) const {
  return impl_->backend->session(id, fresh_counts);
}

Result<std::vector<Session>> Store::sessions(const ListOptions& options) const {
  return impl_->backend->sessions(options);
}

Result<std::vector<Receipt>> Store::append(std::string_view session_id,
                                           std::span<const Draft> drafts,
                                           const AppendOptions& options) {
  if (auto allowed = impl_->writable(); !allowed) return std::unexpected(allowed.error());
  if (auto allowed = check_session_id(session_id); !allowed)
    return std::unexpected(allowed.error());
  std::vector<log::CheckedDraft> checked(drafts.size());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    log::CheckedDraft& one = checked[i];
    if (auto done = log::check_draft(drafts[i], one); !done) {
      done.error().draft_index = i;
      return std::unexpected(done.error());
    }
    bytes +=
        one.payload.size() + one.metadata.size() + one.event_id.size() * 6 + line_overhead_bytes;
    if (bytes > batch_bytes_max) {
      return fail(Code::invalid, "the events of one append are over 128 MiB",
                  "append them in several parts");
    }
  }
  return impl_->append(session_id, checked, options);
}

Result<Receipt> Store::append(std::string_view session_id, const Draft& draft,
                              const AppendOptions& options) {
  if (auto allowed = impl_->writable(); !allowed) return std::unexpected(allowed.error());
  if (auto allowed = check_session_id(session_id); !allowed)
    return std::unexpected(allowed.error());
  log::CheckedDraft checked;
  if (auto done = log::check_draft(draft, checked); !done) {
    done.error().draft_index = 0;
    return std::unexpected(done.error());
  }
  auto receipts = impl_->append(session_id, {&checked, 1}, options);
  if (!receipts) return std::unexpected(receipts.error());
  return std::move(receipts->front());
}

Result<std::unique_ptr<EventReader>> Store::read(std::string_view session_id,
                                                 ReadOptions options) const {
  if (auto ready = impl_->complete(options); !ready) return std::unexpected(ready.error());
  auto source = impl_->backend->log(session_id);
  if (!source) return std::unexpected(source.error());
  log::ScanOptions scan{.session_id = std::string{session_id},
                        .on_corrupt = options.on_corrupt,
                        .check_hashes = checks_seals(options.seals, **source)};
  return LogReader::open(std::move(*source), std::move(scan), std::move(options.filter),
                         options.upcasts);
}

Result<ReadReport> Store::read_parts(std::string_view session_id, ReadOptions options,
                                     const Parts& parts) const {
  if (auto ready = impl_->complete(options); !ready) return std::unexpected(ready.error());
  return read_session_in_parts(*impl_->backend, session_id, std::move(options), parts);
}

Result<std::unique_ptr<EventReader>> Store::read_all(ReadOptions options) const {
  if (auto ready = impl_->complete(options); !ready) return std::unexpected(ready.error());
  auto ids = impl_->backend->session_ids();
  if (!ids) return std::unexpected(ids.error());
  Backend* const backend = impl_->backend.get();
  return make_merged_reader(
      std::move(*ids), [backend](const std::string& id) { return backend->log(id); },
      std::move(options));
}

Result<Ledger> Store::ledger() const {
  return impl_->ledger;
}

Result<const Upcasts*> Store::upcasts() const {
  if (!impl_->upcasts) return std::unexpected(impl_->upcasts.error());
  return &*impl_->upcasts;
}

Result<State> Store::state(std::string_view session_id, OnCorrupt on_corrupt) const {
  return state(session_id, impl_->options.projection, {}, on_corrupt);
}

Result<State> Store::state(std::string_view session_id, const ProjectionFactory& make,
                           const Point& point, OnCorrupt on_corrupt) const {
  if (auto kept = impl_->state_at_end(session_id, make, point)) return std::move(*kept);
  const auto folded = fold(session_id, make, point, on_corrupt);
  if (!folded) return std::unexpected(folded.error());
  return folded->state();
}

Result<Folded> Store::fold(std::string_view session_id, const ProjectionFactory& make,
                           const Point& point, OnCorrupt on_corrupt) const {
  return impl_->fold(
      session_id, make,
      {.point = point,
       .on_corrupt = on_corrupt,
       .keep_after_events = impl_->keeps(session_id, *make(session_id)) ? impl_->interval() : 0});
}

Result<Folded> Store::fold_to_decide(std::string_view session_id,
                                     const ProjectionFactory& make) const {
  return impl_->fold(session_id, make,
                     {.keep_after_events = impl_->interval(), .keep_newest_alone = true});
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

Result<Verification> Store::verify(std::string_view session_id,
                                   const VerifyOptions& options) const {
  const SessionEntries entries = impl_->backend->entries(session_id);
  auto verified = verify_session(*impl_->backend, session_id, options, entries);
  if (!verified) return verified;
  for (const Finding& finding : entries.findings) add_finding(*verified, finding);
  if (options.snapshots) {
    const auto findings =
        check_snapshots(*impl_->backend, session_id, impl_->snapshotted(session_id));
    if (!findings) return std::unexpected(findings.error());
    for (const Finding& finding : *findings) add_finding(*verified, finding);
    for (const Finding& finding : impl_->backend->check_list(session_id))
      add_finding(*verified, finding);
    verified->notes = impl_->backend->foreign_caches(session_id);
  }
  return verified;
}

Result<std::vector<std::string>> Store::known_ids() const {
  return impl_->backend->known_ids();
}

Result<std::vector<Finding>> Store::check_memo(std::string_view session_id,
                                               const Parts& parts) const {
  return agentstore::check_memo(*impl_->backend, session_id, parts);
}

Result<std::string> Store::checkpoint(std::string_view session_id, const SigningKey& key) {
  if (auto allowed = impl_->writable(); !allowed) return std::unexpected(allowed.error());
  if (auto allowed = check_session_id(session_id); !allowed) {
    return std::unexpected(allowed.error());
  }
  // What is signed has to be beyond taking back before it is looked at.
  const auto durable = impl_->backend->make_durable(session_id);
  if (!durable) return std::unexpected(durable.error());
  const auto verified = verify(session_id, {.marks = {*durable}});
  if (!verified) return std::unexpected(verified.error());
  const bool sound = verified->verdict == Verdict::clean ||
                     verified->verdict == Verdict::unsealed ||
                     verified->verdict == Verdict::in_flight;
  const auto mark = std::ranges::find(verified->marks, *durable, &Mark::size);
  if (!sound || verified->finding_count > 0 || mark == verified->marks.end()) {
    const std::string why =
        verified->findings.empty() ? "" : " (" + verified->findings.front().message + ")";
    return fail(Code::corrupt,
                "session " + std::string{session_id} + " does not verify: nothing was signed" + why,
                "run: agentstore verify " + std::string{session_id});
  }
  auto note = key.sign({key.name() + "/" + std::string{session_id}, mark->size, mark->root});
  if (!note) return note;
  if (auto saved = impl_->backend->save_checkpoint(session_id, mark->size, *note); !saved) {
    return std::unexpected(saved.error());
  }
  return note;
}

Result<Repair> Store::repair(std::string_view session_id, const RepairOptions& options) {
  if (auto allowed = impl_->writable(); !allowed) return std::unexpected(allowed.error());
  if (auto allowed = check_session_id(session_id); !allowed)
    return std::unexpected(allowed.error());
  const auto verified = verify(session_id);
  if (!verified) return std::unexpected(verified.error());
  RepairOptions chosen = options;
  chosen.accept_loss = options.accept_loss && verified->verdict == Verdict::lost;
  if (verified->verdict == Verdict::lost && !chosen.accept_loss) {
    return fail(Code::corrupt,
                "session " + std::string{session_id} +
                    " has lost events: " + verified->findings.back().message,
                "bring the log back from a backup, or go on without them: agentstore repair "
                "--accept-loss " +
                    std::string{session_id});
  }
  auto repair = impl_->backend->repair(session_id, chosen);
  if (repair && chosen.accept_loss) repair->verdict = Verdict::lost;
  return repair;
}

Result<std::vector<Receipt>> Store::redact(std::string_view session_id,
                                           std::span<const std::uint64_t> sequence_numbers,
                                           std::string_view reason, std::string_view requested_by) {
  if (auto allowed = impl_->writable(); !allowed) return std::unexpected(allowed.error());
  if (auto allowed = check_session_id(session_id); !allowed)
    return std::unexpected(allowed.error());
  if (reason.empty()) return fail(Code::invalid, "a redaction needs a reason");
  return impl_->backend->redact(session_id, sequence_numbers, reason, requested_by);
}

Result<Receipt> Store::redact(std::string_view session_id, std::uint64_t sequence_number,
                              std::string_view reason, std::string_view requested_by) {
  const std::uint64_t numbers[] = {sequence_number};
  auto receipts = redact(session_id, numbers, reason, requested_by);
  if (!receipts) return std::unexpected(receipts.error());
  return std::move(receipts->front());
}

Result<Adopted> Store::adopt(
    const Session& session,
    const std::function<Result<std::optional<std::string_view>>()>& next_line) {
  if (auto allowed = impl_->writable(); !allowed) return std::unexpected(allowed.error());
  if (auto allowed = check_session_id(session.id); !allowed)
    return std::unexpected(allowed.error());
  Session empty = session;
  empty.updated_at = empty.created_at;
  empty.event_count = 0;
  auto adopted = impl_->backend->adopt(empty, next_line);
  if (adopted && adopted->events > 0) {
    const std::uint64_t first = adopted->already + 1;
    impl_->snapshot_after(session.id, first, adopted->already + adopted->events);
  }
  return adopted;
}

Result<void> Store::close() {
  // In the child of a fork the files are the parent's: they are not to be touched.
  if (impl_->closed.exchange(true) || process_epoch() != impl_->opened_by) return {};
  return impl_->backend->close();
}

}  // namespace agentstore
