// Holding sessions to their rules: verification, checkpoints, repair, redaction.

#include <algorithm>
#include <utility>

#include "agentstore/store.hpp"
#include "base/ids.hpp"
#include "store/cached_aggregate.hpp"
#include "store/keep.hpp"
#include "store/store_impl.hpp"
#include "store/verify_session.hpp"

namespace agentstore {

Result<Verification> Store::verify(std::string_view session_id,
                                   const VerifyOptions& options) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  Backend& backend = *(*impl)->backend;
  const SessionEntries entries = backend.entries(session_id);
  auto verified = verify_session(backend, session_id, options, entries);
  if (!verified) return verified;
  for (const Finding& finding : entries.findings) add_finding(*verified, finding);
  for (const Finding& finding : backend.check_source_files(session_id))
    add_finding(*verified, finding);
  if (options.snapshots) {
    const auto findings = check_snapshots(backend, session_id, (*impl)->snapshotted(session_id));
    if (!findings) return std::unexpected(findings.error());
    for (const Finding& finding : *findings) add_finding(*verified, finding);
    for (const Finding& finding : backend.check_list(session_id)) add_finding(*verified, finding);
    verified->notes = backend.foreign_caches(session_id);
  }
  return verified;
}

Result<std::vector<Finding>> Store::check_cached_aggregate(std::string_view session_id,
                                                           const Parts& parts) const {
  const auto impl = held();
  if (!impl) return std::unexpected(impl.error());
  return agentstore::check_cached_aggregate(*(*impl)->backend, session_id, parts);
}

Result<std::string> Store::checkpoint(std::string_view session_id, const SigningKey& key) {
  const auto impl = writable();
  if (!impl) return std::unexpected(impl.error());
  if (auto allowed = check_session_id(session_id); !allowed) {
    return std::unexpected(allowed.error());
  }
  Backend& backend = *(*impl)->backend;
  return (*impl)->write([&]() -> Result<std::string> {
    // What is signed has to be beyond taking back before it is looked at.
    const auto durable = backend.make_durable(session_id);
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
      return fail(
          Code::corrupt,
          "session " + std::string{session_id} + " does not verify: nothing was signed" + why,
          "verify the session to see what is wrong", Remedy::verify);
    }
    auto note = key.sign({key.name() + "/" + std::string{session_id}, mark->size, mark->root});
    if (!note) return note;
    if (auto saved = backend.save_checkpoint(session_id, mark->size, *note); !saved) {
      return std::unexpected(saved.error());
    }
    return note;
  });
}

Result<Repair> Store::repair(std::string_view session_id, const RepairOptions& options) {
  const auto impl = writable();
  if (!impl) return std::unexpected(impl.error());
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
                "bring the log back from a backup, or accept the loss in a repair",
                Remedy::accept_loss);
  }
  return (*impl)->write([&] {
    auto repair = (*impl)->backend->repair(session_id, chosen);
    if (!repair && options.accept_loss && repair.error().remedy == Remedy::accept_loss)
      return Result<Repair>{
          fail(Code::corrupt,
               repair.error().message + "; and it is damaged: " +
                   (verified->findings.empty() ? std::string{"see `agentstore verify`"}
                                               : verified->findings.front().message),
               "bring it back from a backup")};
    if (repair && chosen.accept_loss) repair->verdict = Verdict::lost;
    return repair;
  });
}

Result<std::vector<Receipt>> Store::redact(std::string_view session_id,
                                           std::span<const std::uint64_t> sequence_numbers,
                                           std::string_view reason, std::string_view requested_by) {
  const auto impl = writable();
  if (!impl) return std::unexpected(impl.error());
  if (auto allowed = check_session_id(session_id); !allowed)
    return std::unexpected(allowed.error());
  if (reason.empty()) return fail(Code::invalid, "a redaction needs a reason");
  return (*impl)->write(
      [&] { return (*impl)->backend->redact(session_id, sequence_numbers, reason, requested_by); });
}

Result<Receipt> Store::redact(std::string_view session_id, std::uint64_t sequence_number,
                              std::string_view reason, std::string_view requested_by) {
  const std::uint64_t numbers[] = {sequence_number};
  auto receipts = redact(session_id, numbers, reason, requested_by);
  if (!receipts) return std::unexpected(receipts.error());
  return std::move(receipts->front());
}

}  // namespace agentstore
