// Appending to a session, and the snapshots that come of it.

#include <algorithm>
#include <bit>
#include <exception>
#include <utility>

#include "agentstore/store.hpp"
#include "base/ids.hpp"
#include "log/draft.hpp"
#include "store/keep.hpp"
#include "store/store_impl.hpp"

namespace agentstore {
namespace {

// A write is read back whole: what readers and repairs hold of it has to end somewhere.
constexpr std::size_t batch_bytes_max = std::size_t{128} << 20;
constexpr std::size_t line_overhead_bytes = 1024;

Result<void> check(const Draft& draft, std::size_t index, log::CheckedDraft& into) {
  auto checked = log::check_draft(draft, into);
  if (!checked) checked.error().draft_index = index;
  return checked;
}

}  // namespace

std::vector<ProjectionFactory> Store::Impl::snapshotted(std::string_view session_id) const {
  std::vector<ProjectionFactory> projections{options.projection};
  const auto session = backend->session(session_id, false);
  const Labels labels = session ? session->labels : Labels{};
  const std::string own{options.projection("")->name()};
  static const Ledger unknown;
  for (const ProjectionKind& kind : projection_kinds()) {
    const bool of_other_ledger = kind.name == "balance" && !(ledger && ledger->built_in);
    if (!kind.snapshotted || kind.name == own || of_other_ledger) continue;
    projections.push_back(*projection_named(kind.name, ledger ? *ledger : unknown, labels));
  }
  return projections;
}

// What an embedder's projection throws here is told: the events are stored, whatever comes of it.
void Store::Impl::snapshot_after(std::string_view session_id, std::uint64_t first,
                                 std::uint64_t last) {
  const std::uint64_t interval = options.snapshot_interval;
  if (interval == 0 || !upcasts || !upcasts->empty() || first == 0) return;
  const std::uint64_t before = (first - 1) / interval;
  if (last / interval == before) return;
  const auto not_saved = [&](const std::string& why) {
    notices.notice("session " + std::string{session_id} + ": no snapshot was saved: " + why);
  };
  // What may take long is done each time that the log has doubled: on average it costs nothing.
  const bool doubled = std::bit_width(last / interval) != std::bit_width(before);
  try {
    const auto saved =
        save_snapshots(*backend, session_id, snapshotted(session_id),
                       {.interval = interval, .thorough = doubled, .created_at = now()});
    if (!saved) not_saved(saved.error().message);
  } catch (const std::exception& thrown) {
    not_saved(std::string{"a projection threw: "} + thrown.what());
  } catch (...) {
    not_saved("a projection threw");
  }
}

void Store::Impl::snapshot_after(std::string_view session_id,
                                 const std::vector<Receipt>& receipts) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  for (const Receipt& receipt : receipts) {
    if (receipt.duplicate) continue;
    if (first == 0) first = receipt.sequence_number;
    last = receipt.sequence_number;
  }
  snapshot_after(session_id, first, last);
}

Result<std::vector<Receipt>> Store::Impl::append(std::string_view session_id,
                                                 std::span<const log::CheckedDraft> drafts,
                                                 const AppendOptions& how) {
  return write([&] {
    auto receipts = backend->append(session_id, drafts, how);
    if (receipts) snapshot_after(session_id, *receipts);
    return receipts;
  });
}

Result<std::vector<Receipt>> Store::append(std::string_view session_id,
                                           std::span<const Draft> drafts,
                                           const AppendOptions& options) {
  const auto impl = writable();
  if (!impl) return std::unexpected(impl.error());
  if (auto allowed = check_session_id(session_id); !allowed)
    return std::unexpected(allowed.error());
  std::vector<log::CheckedDraft> checked(drafts.size());
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < drafts.size(); ++i) {
    log::CheckedDraft& one = checked[i];
    if (auto done = check(drafts[i], i, one); !done) return std::unexpected(done.error());
    bytes +=
        one.payload.size() + one.metadata.size() + one.event_id.size() * 6 + line_overhead_bytes;
    if (bytes > batch_bytes_max) {
      return fail(Code::invalid, "the events of one append are over 128 MiB",
                  "append them in several parts");
    }
  }
  return (*impl)->append(session_id, checked, options);
}

Result<Receipt> Store::append(std::string_view session_id, const Draft& draft,
                              const AppendOptions& options) {
  const auto impl = writable();
  if (!impl) return std::unexpected(impl.error());
  if (auto allowed = check_session_id(session_id); !allowed)
    return std::unexpected(allowed.error());
  log::CheckedDraft checked;
  if (auto done = check(draft, 0, checked); !done) return std::unexpected(done.error());
  auto receipts = (*impl)->append(session_id, {&checked, 1}, options);
  if (!receipts) return std::unexpected(receipts.error());
  return std::move(receipts->front());
}

}  // namespace agentstore
