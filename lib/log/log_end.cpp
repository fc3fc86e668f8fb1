#include "log/log_end.hpp"

#include <fcntl.h>

#include <string>
#include <utility>

#include "agentstore/json.hpp"
#include "log/due_events.hpp"
#include "log/last_write.hpp"

namespace agentstore::log {

Result<bool> LogEnd::catch_up(const CatchUp& how) {
  const auto as_left = is_as_left(how.accept_loss);
  if (!as_left) return std::unexpected(as_left.error());
  if (*as_left) return false;
  if (auto synced = sync_what_is_there(); !synced) return std::unexpected(synced.error());
  if (!known_ && !how.read_all) {
    if (auto found = find(); !found) return std::unexpected(found.error());
    if (known_) {
      if (auto whole = check_not_lost(how.accept_loss); !whole)
        return std::unexpected(whole.error());
    }
  }
  if (!known_ || status_.size_bytes != position_.offset_bytes) {
    if (auto scanned = scan_new(how.accept_loss); !scanned) return std::unexpected(scanned.error());
  }
  if (is_durable()) synced_events_ = position_.sequence_number;
  return true;
}

// Opens the log where it is not open, or another file is there under its name.
Result<bool> LogEnd::is_as_left(bool accept_loss) {
  if (poisoned_) {
    return fail(Code::io,
                "an earlier write to " + options_.log.string() + " failed, and could not be undone",
                "close the store and open it again");
  }
  const auto at_path = status_of(system_, options_.log);
  if (!at_path) return std::unexpected(at_path.error());
  if (!*at_path && known_ && position_.offset_bytes > 0) {
    return fail(Code::corrupt, options_.log.string() + " is gone, and held " +
                                   std::to_string(position_.sequence_number) + " events");
  }
  if (file_ && *at_path && (*at_path)->same_file(status_)) {
    status_ = **at_path;
  } else if (auto opened = open(accept_loss); !opened) {
    return std::unexpected(opened.error());
  }
  if (known_ && status_.size_bytes < position_.offset_bytes) {
    return fail(Code::corrupt, options_.log.string() + " has lost events: it is " +
                                   std::to_string(status_.size_bytes) + " bytes long, and was " +
                                   std::to_string(position_.offset_bytes));
  }
  return known_ && status_.size_bytes == position_.offset_bytes;
}

Result<void> LogEnd::open(bool accept_loss) {
  known_ = false;
  position_ = {};
  ids_.reset();
  auto file = open_file(system_, options_.log, O_RDWR | O_APPEND);
  if (!file && file.error().code == Code::not_found) {
    // Nothing is made where there has to be a log.
    if (auto whole = check_not_lost(accept_loss); !whole) return whole;
    file =
        open_file(system_, options_.log, O_RDWR | O_APPEND | O_CREAT | O_EXCL, options_.file_mode);
  }
  if (!file) return std::unexpected(file.error());
  const auto status = status_of(system_, *file, options_.log);
  if (!status) return std::unexpected(status.error());
  // An empty log is new; or its maker died before its entry in the folder was on the disk.
  if (status->size_bytes == 0 && options_.durability == Durability::fsync) {
    if (auto synced = sync_folder(system_, options_.log.parent_path()); !synced) return synced;
  }
  file_ = std::move(*file);
  status_ = *status;
  return {};
}

// What a killed writer left may be in the page cache alone.
Result<void> LogEnd::sync_what_is_there() {
  // A log that was made for a write whose sync is put off has nothing in it yet.
  if (!is_durable() || (options_.durability == Durability::deferred && status_.size_bytes == 0))
    return {};
  if (const int error = system_.fdatasync(file_.get()); error < 0) {
    poisoned_ = true;  // Nobody knows any more what of it is on the disk.
    return system_error("sync", options_.log, -error);
  }
  deferred_ = false;
  return {};
}

// An append does not read the log: it trusts the last whole write. Where that cannot be found (a
// new log, a torn end, the Go library's lines), the log is read.
Result<void> LogEnd::find() {
  LockedSource log = whole();
  const auto found = find_last_write(log, options_.session_id);
  if (!found) return std::unexpected(found.error());
  known_ = found->has_value();
  if (known_) position_ = **found;
  return {};
}

// A log that is shorter than what is said beside it has lost acknowledged events.
Result<void> LogEnd::check_not_lost(bool accept_loss) {
  if (accept_loss) return {};
  auto whole = log::check_not_lost(system_, options_, position_.sequence_number);
  if (!whole) forget();
  return whole;
}

// The part that nobody has looked at yet, hashes included; a torn end is cut off.
Result<void> LogEnd::scan_new(bool accept_loss) {
  LockedSource log = whole();
  Scanner scanner{log,
                  {.session_id = options_.session_id,
                   .on_corrupt = OnCorrupt::strict,
                   .check_hashes = true,
                   .start = position_}};
  for (;;) {
    const auto lines = scanner.next();
    if (!lines) {
      Error error = lines.error();
      error.hint = "verify the session to see what is wrong";
      error.remedy = Remedy::verify;
      return std::unexpected(std::move(error));
    }
    if (lines->empty()) break;
    for (const Line& line : *lines) {
      if (ids_ && !line.event.event_id.empty())
        ids_->add(line.event.event_id, line.event.offset_bytes);
    }
  }
  position_ = scanner.position();
  known_ = true;
  if (auto whole = check_not_lost(accept_loss); !whole) return whole;
  return scanner.report().verdict == Verdict::torn ? cut(scanner.report()) : Result<void>{};
}

// (1) the bytes to quarantine, durably; (2) cut, if nobody has written since; (3) say so in the
// log.
Result<void> LogEnd::cut(const ReadReport& torn) {
  const std::uint64_t from = torn.end_offset_bytes;
  const std::uint64_t end = status_.size_bytes;
  const auto kept = quarantine_.keep(file_, from, end);
  if (!kept) return std::unexpected(kept.error());

  const auto status = status_of(system_, file_, options_.log);
  if (!status) return std::unexpected(status.error());
  if (status->size_bytes != end) {
    return fail(Code::busy, options_.log.string() + " changed while it was repaired", "try again");
  }
  if (const int error = system_.ftruncate(file_.get(), static_cast<off_t>(from)); error < 0) {
    return system_error("cut", options_.log, -error);
  }
  if (const int error = system_.fdatasync(file_.get()); error < 0) {
    poisoned_ = true;
    return system_error("sync", options_.log, -error);
  }
  const std::string bytes = std::to_string(end - from);
  const std::string reason = torn.findings.empty() ? "torn" : torn.findings.front().message;
  const std::string payload = R"({"offset":)" + std::to_string(from) + R"(,"bytes":)" + bytes +
                              R"(,"sha256":")" + kept->sha256_hex + R"(","kept_as":)" +
                              json::quote(kept->path.filename().string()) + R"(,"reason":)" +
                              json::quote(reason) + R"(,"possible_ack_loss":)" +
                              (kept->ends_in_newline ? "true" : "false") + '}';
  const auto written = write(assemble_own("agentstore.log_repaired", payload, context()));
  if (!written) return std::unexpected(written.error());
  options_.notice("the log ended in " + bytes + " bytes of a write that was cut off (" + reason +
                  "); they are kept as " + kept->path.string());
  return {};
}

// What a power cut leaves of one write can be told from damage, of several it cannot: the one
// before is durable before the next is made.
Result<bool> LogEnd::write(const Write& write) {
  if (write.lines.empty()) return true;
  if (auto synced = sync_deferred(); !synced) return std::unexpected(synced.error());
  if (auto written = write_all(system_, file_, options_.log, write.lines); !written) {
    return take_back(written.error(), write.lines.size(), false);
  }
  const auto status = status_of(system_, file_, options_.log);
  if (!status) return take_back(status.error(), write.lines.size(), true);
  if (status->size_bytes != write.after.offset_bytes) return written_over(write, *status);
  if (options_.durability == Durability::fsync) {
    const auto start = std::chrono::steady_clock::now();
    const int error = system_.fdatasync(file_.get());
    last_sync_ = std::chrono::steady_clock::now() - start;
    if (error < 0) {
      return take_back(system_error("sync", options_.log, -error).error(), write.lines.size(),
                       true);
    }
  }
  position_ = write.after;
  if (options_.durability == Durability::fsync) synced_events_ = position_.sequence_number;
  deferred_ = options_.durability == Durability::deferred;
  status_ = *status;
  if (ids_) {
    for (const auto& [id, offset] : write.event_ids) ids_->add(id, offset);
  }
  return true;
}

Result<void> LogEnd::sync_deferred() {
  if (!deferred_) return {};
  if (const int error = system_.fdatasync(file_.get()); error < 0) {
    poisoned_ = true;
    return system_error("sync", options_.log, -error);
  }
  deferred_is_durable();
  return {};
}

void LogEnd::deferred_is_durable() {
  deferred_ = false;
  synced_events_ = position_.sequence_number;
}

// Somebody wrote without the lock. Where that came before our bytes, they are taken back.
Result<bool> LogEnd::written_over(const Write& write, const FileStatus& status) {
  std::string tail(write.lines.size(), '\0');
  const std::uint64_t ours = status.size_bytes - write.lines.size();
  const auto got = read_at(system_, file_, options_.log, ours, tail.data(), tail.size());
  if (status.size_bytes > write.after.offset_bytes && got && tail == write.lines) {
    const int cut = system_.ftruncate(file_.get(), static_cast<off_t>(ours));
    if (cut == 0) return false;
  }
  poisoned_ = true;
  return fail(Code::corrupt,
              options_.log.string() + " was written to without its lock, at byte " +
                  std::to_string(position_.offset_bytes) + "; nothing was acknowledged",
              "verify the session to see what is wrong", Remedy::verify);
}

// Undoes a failed write. What cannot be undone, and any failed sync, leaves the end poisoned.
std::unexpected<Error> LogEnd::take_back(Error why, std::uint64_t written_bytes, bool poison) {
  const auto status = status_of(system_, file_, options_.log);
  const bool ours_alone = status && status->size_bytes <= position_.offset_bytes + written_bytes;
  const bool undone =
      ours_alone &&
      system_.ftruncate(file_.get(), static_cast<off_t>(position_.offset_bytes)) == 0 &&
      system_.fdatasync(file_.get()) == 0;
  poisoned_ = poison || !undone;
  // What the kernel kept of bytes that it failed to write must not be believed by the next to open.
  if (poisoned_) system_.forget_cached(file_.get(), static_cast<off_t>(position_.offset_bytes));
  why.code = Code::io;
  if (!undone) why.message += "; the bytes written could not be taken back";
  return std::unexpected(std::move(why));
}

Result<void> LogEnd::replace(const Path& temp, const Descriptor& file) {
  if (const int error = system_.fsync(file.get()); error < 0) {
    return system_error("sync", temp, -error);
  }
  const auto status = status_of(system_, file_, options_.log);
  if (!status) return std::unexpected(status.error());
  if (status->size_bytes != status_.size_bytes) {
    return fail(Code::busy, options_.log.string() + " was written to without its lock",
                "stop the other program, or try again");
  }
  if (const int error = system_.rename(temp.c_str(), options_.log.c_str()); error < 0) {
    return system_error("rename to", options_.log, -error);
  }
  known_ = deferred_ = false;
  file_ = {};
  ids_.reset();
  return sync_entry();
}

Result<void> LogEnd::extend(const Path& temp) {
  if (const int error = system_.rename(temp.c_str(), options_.log.c_str()); error < 0) {
    return system_error("rename to", options_.log, -error);
  }
  return sync_entry();
}

// What is appended to a log is lost with its entry in the folder.
Result<void> LogEnd::sync_entry() {
  auto synced = sync_folder(system_, options_.log.parent_path());
  if (!synced) poisoned_ = true;
  return synced;
}

Result<std::optional<StoredEvent>> LogEnd::find_event(std::string_view event_id) {
  LockedSource log = source();
  if (!ids_) {
    EventIds ids;
    if (auto built = ids.build(log, options_.session_id, position_.offset_bytes); !built) {
      return std::unexpected(built.error());
    }
    ids_ = std::move(ids);
  }
  return ids_->find(log, event_id);
}

AssembleContext LogEnd::context(const Position& before) {
  return {options_.session_id, before, [this] { return system_.clock(); },
          [this](std::string_view id) { return find_event(id); }};
}

}  // namespace agentstore::log
