// What a store is made of. Readers share it, so that they may outlive their store.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentstore/store.hpp"
#include "backends/backend.hpp"
#include "base/system.hpp"
#include "log/draft.hpp"
#include "store/fold.hpp"
#include "store/notices.hpp"

namespace agentstore {

struct Store::Impl {
  explicit Impl(StoreOptions chosen)
      : options(std::move(chosen)), notices(options.on_notice, options.on_detail) {}

  /// Errors: closed.
  Result<void> writable() const;

  /// Runs `work`, which writes: its notices are told once it is over.
  template <class Work>
  auto write(Work work) const -> decltype(work()) {
    Notices::Write writing{notices};
    auto result = work();
    if (!result) writing.tell();
    return result;
  }

  /// As Store::append, of drafts that were checked.
  Result<std::vector<Receipt>> append(std::string_view session_id,
                                      std::span<const log::CheckedDraft> drafts,
                                      const AppendOptions& how);

  /// Of what snapshots are kept: the default projection, and those built in.
  std::vector<ProjectionFactory> snapshotted(std::string_view session_id) const;
  /// A snapshot that fails costs time later; the events from `first` to `last` are stored.
  void snapshot_after(std::string_view session_id, std::uint64_t first, std::uint64_t last);
  void snapshot_after(std::string_view session_id, const std::vector<Receipt>& receipts);

  /// Events between snapshots that a reader keeps; 0: none.
  std::uint64_t interval() const {
    return closed || process_epoch() != opened_by ? 0 : options.snapshot_interval;
  }
  /// Whether snapshots of it are kept for everybody.
  bool keeps(std::string_view session_id, const Projection& projection) const;

  Result<Folded> fold(std::string_view session_id, const ProjectionFactory& make,
                      FoldOptions how) const;
  /// Where nothing came after the newest snapshot.
  std::optional<State> state_at_end(std::string_view session_id, const ProjectionFactory& make,
                                    const Point& point) const;

  /// Tells the reader what to read by. Errors: those of upcasts().
  Result<void> complete(ReadOptions& read) const;

  const StoreOptions options;
  const Notices notices;
  std::unique_ptr<Backend> backend;
  Result<Upcasts> upcasts;
  Result<Ledger> ledger;
  const std::uint64_t opened_by = process_epoch();
  std::atomic<bool> closed = false;
};

}  // namespace agentstore
