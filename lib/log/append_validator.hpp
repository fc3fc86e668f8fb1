// Judges callers' appends against a log and against one another: who is refused, what is there
// already, which events are new and get which numbers. Shared by every backend.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agentstore/append.hpp"
#include "agentstore/result.hpp"
#include "base/ids.hpp"
#include "base/sha256.hpp"
#include "log/draft.hpp"
#include "log/event_ids.hpp"

namespace agentstore::log {

/// What goes into an event's line and needs nothing of the log.
struct Sealing {
  Salt salt;
  UuidBytes id_bytes;  ///< for an event that has no id
  Hash payload_hash;
};

/// One caller's append, and what came of it.
struct Request {
  std::span<const CheckedDraft> drafts;
  const AppendOptions& options;
  std::vector<Sealing> sealings = {};  ///< for each draft, where lines are made at once
  Result<std::vector<Receipt>> result = std::vector<Receipt>{};
};

struct ValidationContext {
  std::uint64_t version = 0;  ///< the number of the log's last event
  /// Its hash, hex: asked for where a caller expects one.
  std::function<std::string()> head;
  std::function<Result<std::optional<StoredEvent>>(std::string_view event_id)> find_event;
};

class AppendValidator {
 public:
  explicit AppendValidator(const ValidationContext& context) : context_(context) {}

  /// Fills in the request's result, to be told to the caller only once the write is durable; of new
  /// events the receipts have nothing but their numbers. Errors: io, from looking up an id.
  Result<void> judge(Request& request);

  /// An event that is to be stored; its receipt lies in its request's result.
  struct New {
    const CheckedDraft* draft;
    const Sealing* sealing;  ///< null where the request has none
    Receipt* receipt;
  };
  std::span<const New> news() const { return news_; }

  /// Once the receipts of the new events are complete: those of their duplicates, too.
  void finish(std::span<Request* const> requests) const;

 private:
  Result<void> place(const Request& request, std::size_t i, Receipt& receipt);
  void refuse(Request& request, std::size_t keep, Error error);

  const ValidationContext& context_;
  std::vector<New> news_;
  std::unordered_map<std::string_view, std::size_t> ids_;  // of news_
  bool repeated_ = false;                                  // an event is told of more than once
};

}  // namespace agentstore::log
