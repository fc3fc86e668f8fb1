#include "log/due_events.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace agentstore::log {

Result<std::uint64_t> newest_checkpoint_size(System& system, const Path& checkpoints) {
  const auto names = list_folder(system, checkpoints);
  if (!names && names.error().code == Code::not_found) return 0;
  if (!names) return std::unexpected(names.error());
  std::uint64_t newest = 0;
  for (const std::string& name : *names) {
    std::uint64_t size = 0;
    const auto [end, status] = std::from_chars(name.data(), name.data() + name.size(), size);
    if (status == std::errc{} && std::string_view{end} == ".note") newest = std::max(newest, size);
  }
  return newest;
}

Result<DueEvents> due_events(System& system, const WriterOptions& options) {
  DueEvents due;
  const auto newest = newest_checkpoint_size(system, options.checkpoints);
  if (!newest) return std::unexpected(newest.error());
  due.checkpoint = *newest;
  if (!options.synced_events) return due;
  const auto synced = options.synced_events();
  if (!synced) return std::unexpected(synced.error());
  due.synced = *synced;
  return due;
}

std::unexpected<Error> lost_events(const WriterOptions& options, const DueEvents& due,
                                   std::uint64_t events) {
  const bool by_checkpoint = due.checkpoint >= due.synced;
  return fail(
      Code::corrupt,
      options.log.string() + " has lost events: it ends at #" + std::to_string(events) + ", and " +
          (by_checkpoint
               ? "a checkpoint was made at #" + std::to_string(due.checkpoint)
               : std::to_string(due.synced) + " events were synced, says the session's file"),
      "bring it back from a backup, or accept the loss in a repair", Remedy::accept_loss);
}

Result<void> check_not_lost(System& system, const WriterOptions& options, std::uint64_t events) {
  const auto due = due_events(system, options);
  if (!due) return std::unexpected(due.error());
  if (events >= due->count()) return {};
  return lost_events(options, *due, events);
}

Result<void> lower_synced_events(System& system, const WriterOptions& options,
                                 std::uint64_t events) {
  const auto due = due_events(system, options);
  if (!due) return std::unexpected(due.error());
  if (due->synced <= events || !options.set_synced_events) return {};
  return options.set_synced_events(events);
}

}  // namespace agentstore::log
