// The end of a log, as its writer finds it: where it ends without reading it all, and how a torn
// write is cut off without losing a byte.

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "agentstore/json.hpp"
#include "base/ids.hpp"
#include "log/foreign_bytes.hpp"
#include "log/writer.hpp"

namespace agentstore::log {
namespace {

constexpr std::size_t tail_bytes_min = std::size_t{64} << 10;
constexpr std::size_t tail_bytes_max = std::size_t{128} << 20;
constexpr std::size_t copy_bytes = std::size_t{1} << 20;

// The last write in `tail`, which ends the log at `end`: whole, sealed, and hanging together.
// Nothing where that cannot be seen; `start` tells how far back the search came.
std::optional<Position> last_write(std::string_view tail, const std::string& session_id,
                                   std::uint64_t end, bool& needs_more) {
  needs_more = false;
  std::optional<Position> found;
  Line newer;
  Arena arena;
  std::string_view rest = tail;
  for (;;) {
    if (rest.empty() || rest.back() != '\n') {
      needs_more = rest.empty();
      return std::nullopt;
    }
    rest.remove_suffix(1);
    const std::size_t newline = rest.rfind('\n');
    if (newline == rest.npos && end > tail.size()) {
      needs_more = true;  // The line may begin before the tail.
      return std::nullopt;
    }
    const std::size_t start = newline == rest.npos ? 0 : newline + 1;
    Line line;
    if (parse_line(rest.substr(start), arena, line) || check_hashes(line) ||
        line.seal == Seal::unsealed || line.event.session_id != session_id) {
      return std::nullopt;
    }
    const std::uint64_t number = line.event.sequence_number;
    if (!found) {
      if (line.batch.last != 0 && line.batch.last != number) return std::nullopt;
      found = Position{number, end, number, line.hash, true, true};
    } else if (line.hash != newer.prev || line.batch != newer.batch ||
               number + 1 != newer.event.sequence_number) {
      return std::nullopt;
    }
    if (line.batch == Batch{} || line.batch.first == number) return found;
    newer = line;
    rest = rest.substr(0, start);
  }
}

}  // namespace

// An append does not read the log: it trusts the last whole write, whose hashes it checks. Where
// that cannot be found (a new log, a torn end, the Go library's lines), the log is read.
Result<bool> Writer::find_tail() {
  const std::uint64_t end = status_.size_bytes;
  // A last write that is whole says nothing of what an editor or a compressor did to the rest.
  char start[foreign_start_bytes] = {};
  const auto begun = read_at(system_, file_, options_.log, 0, start, sizeof start);
  if (!begun) return std::unexpected(begun.error());
  if (foreign_start({start, *begun}) != nullptr) return false;
  std::string tail;
  for (std::size_t size = tail_bytes_min; end > 0 && size <= tail_bytes_max; size *= 4) {
    tail.resize(std::min<std::uint64_t>(size, end));
    const auto got =
        read_at(system_, file_, options_.log, end - tail.size(), tail.data(), tail.size());
    if (!got) return std::unexpected(got.error());
    if (*got < tail.size()) return false;
    bool needs_more = false;
    if (const auto found = last_write(tail, options_.session_id, end, needs_more)) {
      position_ = *found;
      return true;
    }
    if (!needs_more || tail.size() == end) return false;
  }
  return false;
}

// (1) the bytes to quarantine, durably; (2) cut, if nobody has written since; (3) say so in the
// log.
Result<Path> Writer::cut_torn_end(const ReadReport& torn) {
  const std::uint64_t cut = torn.end_offset_bytes;
  const std::uint64_t end = status_.size_bytes;
  const auto kept = quarantine(cut, end);
  if (!kept) return std::unexpected(kept.error());

  const auto status = status_of(system_, file_, options_.log);
  if (!status) return std::unexpected(status.error());
  if (status->size_bytes != end) {
    return fail(Code::busy, options_.log.string() + " changed while it was repaired", "try again");
  }
  if (const int error = system_.ftruncate(file_.get(), static_cast<off_t>(cut)); error < 0) {
    return system_error("cut", options_.log, -error);
  }
  if (const int error = system_.fdatasync(file_.get()); error < 0) {
    poisoned_ = true;
    return system_error("sync", options_.log, -error);
  }
  const std::string bytes = std::to_string(end - cut);
  const std::string reason = torn.findings.empty() ? "torn" : torn.findings.front().message;
  const std::string payload = R"({"offset":)" + std::to_string(cut) + R"(,"bytes":)" + bytes +
                              R"(,"sha256":")" + kept->sha256_hex + R"(","kept_as":)" +
                              json::quote(kept->path.filename().string()) + R"(,"reason":)" +
                              json::quote(reason) + R"(,"possible_ack_loss":)" +
                              (kept->ends_in_newline ? "true" : "false") + '}';
  const auto written = write_durably(assemble_own("agentstore.log_repaired", payload, context()));
  if (!written) return std::unexpected(written.error());
  notice("session " + options_.session_id + ": the log ended in " + bytes +
         " bytes of a write that was cut off (" + reason + "); they are kept as " +
         kept->path.string());
  return kept->path;
}

// Copies [from, to) of the log into quarantine, durably.
Result<Writer::Kept> Writer::quarantine(std::uint64_t from, std::uint64_t to) {
  if (auto made = make_quarantine(); !made) return std::unexpected(made.error());
  Kept kept{.path = options_.quarantine / (std::to_string(from) + "-" + random_hex(4) + ".bytes"),
            .sha256_hex = {}};
  auto copy = open_file(system_, kept.path, O_WRONLY | O_CREAT | O_EXCL, options_.file_mode);
  if (!copy) return std::unexpected(copy.error());
  Sha256 hash;
  std::string buffer(std::min<std::uint64_t>(copy_bytes, to - from), '\0');
  for (std::uint64_t at = from; at < to;) {
    const std::size_t size = std::min<std::uint64_t>(buffer.size(), to - at);
    const auto got = read_at(system_, file_, options_.log, at, buffer.data(), size);
    if (!got) return std::unexpected(got.error());
    if (*got == 0)
      return fail(Code::busy, options_.log.string() + " changed while it was repaired");
    const std::string_view bytes{buffer.data(), *got};
    if (auto done = write_all(system_, *copy, kept.path, bytes); !done) {
      return std::unexpected(done.error());
    }
    hash.update(bytes);
    kept.ends_in_newline = bytes.back() == '\n';
    at += *got;
  }
  if (const int error = system_.fdatasync(copy->get()); error < 0) {
    return system_error("sync", kept.path, -error);
  }
  if (auto synced = sync_folder(system_, options_.quarantine); !synced) {
    return std::unexpected(synced.error());
  }
  kept.sha256_hex = to_hex(agentstore::bytes_of(hash.finish()));
  return kept;
}

Result<void> Writer::make_quarantine() {
  for (const Path& folder : {options_.quarantine.parent_path(), options_.quarantine}) {
    if (auto made = make_folder(system_, folder, options_.folder_mode); !made) return made;
    // It may stand there since a sync that failed, or was never reached.
    if (auto synced = sync_folder(system_, folder.parent_path()); !synced) return synced;
  }
  return {};
}

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

// What is said beside the log. Unlike a reader, a writer does not go on where that cannot be read.
Result<DueEvents> Writer::due_events() {
  DueEvents due;
  const auto newest = newest_checkpoint_size(system_, options_.checkpoints);
  if (!newest) return std::unexpected(newest.error());
  due.checkpoint = *newest;
  if (!options_.synced_events) return due;
  const auto synced = options_.synced_events();
  if (!synced) return std::unexpected(synced.error());
  due.synced = *synced;
  return due;
}

std::unexpected<Error> Writer::lost(const DueEvents& due, std::uint64_t events) const {
  const bool by_checkpoint = due.checkpoint >= due.synced;
  return fail(
      Code::corrupt,
      options_.log.string() + " has lost events: it ends at #" + std::to_string(events) + ", and " +
          (by_checkpoint
               ? "a checkpoint was made at #" + std::to_string(due.checkpoint)
               : std::to_string(due.synced) + " events were synced, says the session's file"),
      "bring it back from a backup, or: agentstore repair --accept-loss " + options_.session_id);
}

// A log that is shorter than what is said beside it has lost acknowledged events.
Result<void> Writer::check_not_lost() {
  if (accepting_loss_) return {};
  const auto due = due_events();
  if (!due) return std::unexpected(due.error());
  if (position_.sequence_number >= due->count()) return {};
  return lost(*due, position_.sequence_number);
}

// Notes that the log no longer fits go into quarantine, where an auditor finds them.
Result<void> Writer::set_checkpoints_aside() {
  const auto names = list_folder(system_, options_.checkpoints);
  if (!names && names.error().code == Code::not_found) return {};
  if (!names) return std::unexpected(names.error());
  if (auto made = make_quarantine(); !made) return made;
  for (const std::string& name : *names) {
    const Path from = options_.checkpoints / name;
    const Path to = options_.quarantine / (random_hex(4) + "-" + name);
    if (const int error = system_.rename(from.c_str(), to.c_str()); error < 0) {
      return system_error("rename", from, -error);
    }
  }
  if (auto synced = sync_folder(system_, options_.quarantine); !synced) return synced;
  return sync_folder(system_, options_.checkpoints);
}

// Before the log is changed, so that no reader takes it for one that has lost events again.
Result<void> Writer::lower_synced_events(std::uint64_t events) {
  const auto due = due_events();
  if (!due) return std::unexpected(due.error());
  if (due->synced <= events || !options_.set_synced_events) return {};
  return options_.set_synced_events(events);
}

// Says in the log that it goes on after a loss; only then the notes that show it go aside.
// `events`: how many are left.
Result<void> Writer::accept_loss(std::uint64_t events) {
  const auto due = due_events();
  if (!due) return std::unexpected(due.error());
  if (auto lowered = lower_synced_events(events); !lowered) return lowered;
  accepting_loss_ = true;
  auto done = catch_up(true);
  accepting_loss_ = false;
  if (!done) return done;
  const std::string payload = R"({"reason":"loss accepted","checkpoint_size":)" +
                              std::to_string(due->checkpoint) + R"(,"synced_events":)" +
                              std::to_string(due->synced) + R"(,"events":)" +
                              std::to_string(events) + R"(,"possible_ack_loss":true})";
  const auto written = write_durably(assemble_own("agentstore.log_repaired", payload, context()));
  if (!written) return std::unexpected(written.error());
  notice("session " + options_.session_id + ": its log had " + std::to_string(due->count()) +
         " events at the least, and goes on from the " + std::to_string(events) + " that are left");
  return set_checkpoints_aside();
}

}  // namespace agentstore::log
