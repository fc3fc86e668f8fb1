#include "log/writer.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace agentstore::log {
namespace {

constexpr std::size_t group_drafts_max = 256;
constexpr std::size_t group_bytes_max = std::size_t{1} << 20;
constexpr int foreign_writes_max = 8;
constexpr std::chrono::microseconds yielding_max{200};
constexpr unsigned sleep_us = 100;

std::size_t bytes_of(std::span<const CheckedDraft> drafts) {
  std::size_t sum = 0;
  for (const CheckedDraft& draft : drafts)
    sum += draft.payload.size() + draft.metadata.size() + 512;
  return sum;
}

}  // namespace

Writer::Lock::~Lock() {
  if (file_ != nullptr) system_->flock(file_->get(), LOCK_UN);
}

Writer::Caller::Turn Writer::Caller::turn() {
  std::unique_lock guard{mutex_};
  told_.wait(guard, [&] { return turn_ != Turn::none; });
  return turn_;
}

void Writer::Caller::tell(Turn turn) {
  {
    const std::lock_guard guard{mutex_};
    turn_ = turn;
  }
  told_.notify_one();
}

Writer::Writer(System& system, WriterOptions options)
    : system_(system), options_(std::move(options)), process_epoch_(process_epoch()) {}

Result<std::vector<Receipt>> Writer::append(std::span<const CheckedDraft> drafts,
                                            const AppendOptions& options) {
  if (process_epoch() != process_epoch_) {
    return fail(Code::closed, "the store was opened before a fork", "open it again in the child");
  }
  if (drafts.empty()) return std::vector<Receipt>{};
  const auto caller = std::make_shared<Caller>(drafts, options);
  {
    const std::lock_guard guard{mutex_};
    queue_.push_back(caller);
    queued_.store(queue_.size());
    if (!led_ && exclusive_waiting_ == 0) {
      led_ = true;
      caller->tell(Caller::Turn::lead);
    }
  }
  if (caller->turn() == Caller::Turn::lead) lead();
  return std::move(caller->result);
}

// The one who leads is the first in the queue: its request is among those that it writes.
void Writer::lead() {
  wait_for_company();
  const Group group = take_group();
  const auto committed = commit(group);
  if (!committed) {
    for (const auto& caller : group) caller->result = std::unexpected(committed.error());
  }
  std::unique_lock guard{mutex_};
  stop_leading(guard);
  for (const auto& caller : group) caller->tell(Caller::Turn::over);
}

// Unlocks, too.
void Writer::stop_leading(std::unique_lock<std::mutex>& guard) {
  led_ = exclusive_waiting_ == 0 && !queue_.empty();
  const auto next = led_ ? queue_.front() : nullptr;
  guard.unlock();
  if (next) next->tell(Caller::Turn::lead);
  else free_.notify_one();
}

Writer::Exclusively::Exclusively(Writer& writer) : writer_(writer) {
  std::unique_lock guard{writer_.mutex_};
  ++writer_.exclusive_waiting_;
  writer_.free_.wait(guard, [&] { return !writer_.led_; });
  --writer_.exclusive_waiting_;
  writer_.led_ = true;
}

Writer::Exclusively::~Exclusively() {
  std::unique_lock guard{writer_.mutex_};
  writer_.stop_leading(guard);
}

bool Writer::poisoned() {
  const Exclusively alone{*this};
  return poisoned_;
}

// Callers who shared the last write are likely to be back soon: half a sync is worth the wait.
// Timers are too coarse for that; they do for slow disks.
void Writer::wait_for_company() {
  if (last_group_ <= 1) return;
  const auto start = std::chrono::steady_clock::now();
  while (queued_.load() < last_group_) {
    const auto waited = std::chrono::steady_clock::now() - start;
    if (waited >= average_sync_ / 2) return;
    if (waited < yielding_max) std::this_thread::yield();
    else system_.sleep_us(sleep_us);
  }
}

Writer::Group Writer::take_group() {
  const std::lock_guard guard{mutex_};
  Group group;
  std::size_t drafts = 0;
  std::size_t bytes = 0;
  while (!queue_.empty()) {
    const Caller& next = *queue_.front();
    drafts += next.drafts.size();
    bytes += bytes_of(next.drafts);
    if (!group.empty() && (drafts > group_drafts_max || bytes > group_bytes_max)) break;
    group.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  queued_.store(queue_.size());
  last_group_ = group.size();
  return group;
}

Result<void> Writer::commit(const Group& group) {
  const auto locked = lock();
  if (!locked) return std::unexpected(locked.error());
  std::vector<Request*> requests;
  for (const auto& caller : group) requests.push_back(caller.get());
  for (int i = 0; i < foreign_writes_max; ++i) {
    if (auto done = catch_up(); !done) return done;
    const auto write = assemble(requests, context());
    if (!write) return std::unexpected(write.error());
    const auto written = write_durably(*write);
    if (!written) return std::unexpected(written.error());
    if (*written) return {};
  }
  return fail(Code::busy, options_.log.string() + " is being written to without its lock",
              "stop the other program, or try again");
}

Result<Writer::Lock> Writer::lock() {
  if (!lock_file_) {
    auto file = open_file(system_, options_.lock, O_RDWR | O_CREAT, options_.file_mode);
    if (!file) return std::unexpected(file.error());
    lock_file_ = std::move(*file);
  }
  const auto locked =
      lock_file(system_, lock_file_, options_.lock, LOCK_EX, options_.lock_timeout.count());
  if (!locked) return std::unexpected(locked.error());
  if (!*locked) {
    return fail(Code::busy,
                "another writer kept the lock of session " + options_.session_id + " for " +
                    std::to_string(options_.lock_timeout.count()) + " ms",
                "try again");
  }
  return Lock{system_, lock_file_};
}

// Brings position_ to the end of the log, whoever wrote it, and everything before it to the disk.
Result<void> Writer::catch_up(bool read_all) {
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
  } else if (auto opened = open_log(); !opened) {
    return opened;
  }
  if (known_ && status_.size_bytes == position_.offset_bytes) return {};
  if (known_ && status_.size_bytes < position_.offset_bytes) {
    return fail(Code::corrupt, options_.log.string() + " has lost events: it is " +
                                   std::to_string(status_.size_bytes) + " bytes long, and was " +
                                   std::to_string(position_.offset_bytes));
  }
  // What a killed writer left may be in the page cache alone.
  if (options_.durability == Durability::fsync) {
    if (const int error = system_.fdatasync(file_.get()); error < 0) {
      poisoned_ = true;  // Nobody knows any more what of it is on the disk.
      return system_error("sync", options_.log, -error);
    }
  }
  const bool opened = !known_;
  if (opened) {
    const auto found = read_all ? Result<bool>{false} : find_tail();
    if (!found) return std::unexpected(found.error());
    known_ = *found;
    if (known_) {
      if (auto whole = check_not_lost(); !whole) return forget(whole);
    }
  }
  if (!known_ || status_.size_bytes != position_.offset_bytes) {
    if (auto scanned = scan_new(); !scanned) return scanned;
  }
  if (options_.durability == Durability::fsync) synced_events_ = position_.sequence_number;
  // An event behind the redaction would make it look finished.
  if (auto done = finish_redaction(); !done) return forget(done);
  return {};
}

// What was found is to be looked at again before anything is appended.
Result<void> Writer::forget(Result<void> refusal) {
  known_ = false;
  return refusal;
}

Result<void> Writer::open_log() {
  known_ = false;
  position_ = {};
  ids_.reset();
  auto file = open_file(system_, options_.log, O_RDWR | O_APPEND);
  if (!file && file.error().code == Code::not_found) {
    // Nothing is made where there has to be a log.
    if (auto whole = check_not_lost(); !whole) return whole;
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

// The part that nobody has looked at yet, hashes included; a torn end is cut off.
Result<void> Writer::scan_new() {
  LockedSource log = source(status_.size_bytes);
  Scanner scanner{log,
                  {.session_id = options_.session_id,
                   .on_corrupt = OnCorrupt::strict,
                   .check_hashes = true,
                   .start = position_}};
  for (;;) {
    const auto lines = scanner.next();
    if (!lines) {
      Error error = lines.error();
      error.hint = "run: agentstore verify " + options_.session_id;
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
  if (auto whole = check_not_lost(); !whole) return forget(whole);
  if (scanner.report().verdict != Verdict::torn) return {};
  const auto kept = cut_torn_end(scanner.report());
  return kept ? Result<void>{} : std::unexpected(kept.error());
}

Result<bool> Writer::write_durably(const Write& write) {
  if (write.lines.empty()) return true;
  const std::uint64_t end = write.after.offset_bytes;
  if (auto written = write_all(system_, file_, options_.log, write.lines); !written) {
    return take_back(written.error(), write.lines.size(), false);
  }
  const auto status = status_of(system_, file_, options_.log);
  if (!status) return take_back(status.error(), write.lines.size(), true);
  if (status->size_bytes != end) {
    // Somebody wrote without the lock. Before us: take our bytes back, and start again.
    std::string tail(write.lines.size(), '\0');
    const std::uint64_t ours = status->size_bytes - write.lines.size();
    const auto got = read_at(system_, file_, options_.log, ours, tail.data(), tail.size());
    if (status->size_bytes > end && got && tail == write.lines) {
      const int cut = system_.ftruncate(file_.get(), static_cast<off_t>(ours));
      if (cut == 0) return false;
    }
    poisoned_ = true;
    return fail(Code::corrupt,
                options_.log.string() + " was written to without its lock, at byte " +
                    std::to_string(position_.offset_bytes) + "; nothing was acknowledged",
                "run: agentstore verify " + options_.session_id);
  }
  if (options_.durability == Durability::fsync) {
    const auto start = std::chrono::steady_clock::now();
    const int error = system_.fdatasync(file_.get());
    average_sync_ += (std::chrono::steady_clock::now() - start - average_sync_) / 8;
    if (error < 0) {
      return take_back(system_error("sync", options_.log, -error).error(), write.lines.size(),
                       true);
    }
  }
  position_ = write.after;
  if (options_.durability == Durability::fsync) synced_events_ = position_.sequence_number;
  status_ = *status;
  has_appended_.store(true);
  if (ids_) {
    for (const auto& [id, offset] : write.event_ids) ids_->add(id, offset);
  }
  return true;
}

// Undoes a failed write. What cannot be undone, and any failed sync, leaves the writer poisoned.
std::unexpected<Error> Writer::take_back(Error why, std::uint64_t written_bytes, bool poison) {
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

Result<std::optional<StoredEvent>> Writer::find_event(std::string_view event_id) {
  LockedSource log = source(position_.offset_bytes);
  if (!ids_) {
    EventIds ids;
    if (auto built = ids.build(log, options_.session_id, position_.offset_bytes); !built) {
      return std::unexpected(built.error());
    }
    ids_ = std::move(ids);
  }
  return ids_->find(log, event_id);
}

Result<std::uint64_t> Writer::replace_with(const Path& temp, std::uint64_t events) {
  const Exclusively alone{*this};
  const auto locked = lock();
  if (!locked) return std::unexpected(locked.error());
  if (auto done = catch_up(); !done) return std::unexpected(done.error());

  auto file = open_file(system_, temp, O_RDONLY);
  if (!file) return std::unexpected(file.error());
  std::string here(std::size_t{1} << 20, '\0');
  std::string there = here;
  for (std::uint64_t at = 0; at < position_.offset_bytes;) {
    const std::size_t size = std::min<std::uint64_t>(here.size(), position_.offset_bytes - at);
    const auto got = read_at(system_, file_, options_.log, at, here.data(), size);
    const auto got_there = read_at(system_, *file, temp, at, there.data(), size);
    if (!got) return std::unexpected(got.error());
    if (!got_there) return std::unexpected(got_there.error());
    const std::size_t common = std::min(*got, *got_there);
    if (here.compare(0, common, there, 0, common) != 0) {
      return fail(Code::conflict, "session " + options_.session_id + " has another history here");
    }
    if (*got_there < size) {  // Everything that it has is here, and is to be so for good.
      system_.unlink(temp.c_str());
      if (auto synced = sync_folder(system_, options_.log.parent_path()); !synced) {
        return std::unexpected(synced.error());
      }
      return position_.sequence_number;
    }
    at += size;
  }
  if (const int error = system_.rename(temp.c_str(), options_.log.c_str()); error < 0) {
    return system_error("rename to", options_.log, -error);
  }
  if (auto synced = sync_entry(); !synced) return std::unexpected(synced.error());
  if (options_.durability == Durability::fsync) synced_events_ = events;
  return position_.sequence_number;
}

// What is appended to a log is lost with its entry in the folder: after a failed sync of it the
// writer is poisoned.
Result<void> Writer::sync_entry() {
  auto synced = sync_folder(system_, options_.log.parent_path());
  if (!synced) poisoned_ = true;
  return synced;
}

// A whole log takes the place of this one. Nobody of ours writes meanwhile, but somebody else may.
Result<void> Writer::replace_log(const Path& temp, const Descriptor& file) {
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
  known_ = false;
  file_ = {};
  ids_.reset();
  return sync_entry();
}

Result<std::uint64_t> Writer::make_durable() {
  const Exclusively alone{*this};
  const auto locked = lock();
  if (!locked) return std::unexpected(locked.error());
  if (auto done = catch_up(); !done) return std::unexpected(done.error());
  return position_.sequence_number;
}

Result<void> Writer::exclusively(const std::function<Result<void>()>& work) {
  const Exclusively alone{*this};
  const auto locked = lock();
  if (!locked) return std::unexpected(locked.error());
  return work();
}

LockedSource Writer::source(std::uint64_t size_bytes) const {
  return {system_, options_.log, file_, size_bytes};
}

AssembleContext Writer::context() {
  return {options_.session_id, position_, [this] { return system_.clock(); },
          [this](std::string_view id) { return find_event(id); }};
}

void Writer::notice(const std::string& text) const {
  if (options_.on_notice) options_.on_notice(text);
}

}  // namespace agentstore::log
