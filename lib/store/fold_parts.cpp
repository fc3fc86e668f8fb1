#include "store/fold_parts.hpp"

#include <memory>
#include <utility>

#include "store/copied_events.hpp"

namespace agentstore {

Result<ReadReport> fold_in_parts(log::ByteSource& source, const log::ScanOptions& scan,
                                 const std::function<Result<void>(const EventView&)>& apply,
                                 log::Position& end, const log::Cuts& cuts) {
  Result<void> applied;
  const Parts parts{.make = [&] { return std::make_unique<CopiedEvents>(scan.session_id); },
                    .join =
                        [&](Part& part) {
                          for (const EventView& event : dynamic_cast<CopiedEvents&>(part).events())
                            if (applied) applied = apply(event);
                          return applied ? Joined::taken : Joined::enough;
                        }};
  log::ScanOptions checked = scan;
  checked.check_hashes = true;
  auto report = read_log_in_parts(source, std::move(checked), {}, nullptr, parts, cuts, &end);
  if (!applied) return std::unexpected(applied.error());
  return report;
}

}  // namespace agentstore
