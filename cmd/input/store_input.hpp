// A session of a store, as an input.

#pragma once

#include <memory>
#include <string>

#include "agentstore/store.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

class StoreInput final : public Input {
 public:
  /// `store` has to outlive it. `folder`: that of the store, where it is not the one that was
  /// chosen with --store.
  StoreInput(const Store& store, Session session, std::string folder = {})
      : Input{std::move(session)}, store_{store}, folder_{std::move(folder)} {}

  std::string label() const override;
  std::string arguments() const override;
  std::string folder() const override { return folder_; }
  std::string identity() const override;
  bool of_store() const override { return true; }
  Result<Session> describe() const override;
  Result<std::string> session_id(OnCorrupt on_corrupt) const override;
  Labels labels() const override { return session().labels; }
  std::optional<std::uint64_t> event_count() const override;
  Result<Ledger> ledger() const override { return store_.ledger(); }
  Result<Folded> fold(const ProjectionFactory& make, const Point& point,
                      OnCorrupt on_corrupt) const override;
  Result<History> history() const override;
  Result<Verification> verify(const VerifyOptions& options) const override;
  Result<std::vector<Finding>> check_cached_aggregate(const Parts& parts) const override;

 private:
  Result<std::unique_ptr<EventReader>> open(ReadOptions options) const override;
  Result<ReadReport> open_parts(ReadOptions options, const Parts& parts,
                                formats::Made made) const override;

  const Store& store_;
  const std::string folder_;
};

}  // namespace agentstore::cmd
