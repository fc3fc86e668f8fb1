#include "backends/source_files.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "backends/source_framer.hpp"
#include "base/hex.hpp"
#include "base/sha256.hpp"
#include "base/zstd_frames.hpp"

namespace agentstore {
namespace {

/// The files of so many sessions are synced one by one.
constexpr std::size_t synced_alone_max = 4;
constexpr const char* left_behind_name = "left-behind";

std::string hex(Sha256& hash) {
  return to_hex(bytes_of(hash.finish()));
}

bool is_gone(const Error& error) {
  return error.code == Code::not_found || error.code == Code::corrupt;
}

}  // namespace

// What is kept of a session's files in this process, and is not told to its log yet.
struct SourceFiles::Work {
  std::mutex mutex;
  Descriptor lock;  // of the session's folder
  log::Sources sources;
  log::NamedRecords redacted;                 // lines of which are not kept again
  std::map<std::uint64_t, Descriptor> files;  // that were written to
  std::vector<log::CheckedDraft> drafts;
};

// Keeping one file.
class SourceFiles::Keeping {
 public:
  Keeping(SourceFiles& owner, std::string_view id, Work& work, const SourceFile& file)
      : owner_(owner), id_(id), work_(work), file_(file) {}

  Result<KeepReport> run() {
    for (;;) {
      auto kept = keep();
      if (kept) return kept;
      undo();
      // A version that is gone, or damaged, cannot be added to: the file is kept anew, whole.
      if (version_ == nullptr || !target_failed_) return kept;
      unusable_.insert(version_->kept.number);
      target_failed_ = false;
    }
  }

 private:
  Result<KeepReport> keep() {
    if (auto chosen = choose_version(); !chosen) return std::unexpected(chosen.error());
    const std::uint64_t offset = version_ == nullptr ? 0 : version_->kept.bytes;
    const auto number = version_ == nullptr ? free_number() : version_->kept.number;
    if (!number) return std::unexpected(number.error());
    number_ = *number;
    added_bytes_ = 0;
    line_ = 1;
    gone_.clear();
    start_bytes_.reset();
    Sha256 hash;
    auto framed = frame_lines(read_, [&](std::string_view lines) {
      hash.update(lines);
      return add(lines);
    });
    if (!framed) return std::unexpected(framed.error());
    const log::SourceRange range{added_bytes_, hex(hash)};
    KeepReport report{.new_bytes = added_bytes_, .changed = changed(range)};
    if (report.changed && added_bytes_ > 0)
      work_.drafts.push_back(log::changed_event(*report.changed, changed_number_));
    const bool renamed = version_ != nullptr && !has_name(*version_);
    if (added_bytes_ == 0 && !renamed) return report;
    log::CheckedDraft event = log::kept_event(file_.name, number_, offset, range);
    tell(std::move(event));
    if (!gone_.empty())
      if (auto told = tell_redacted(offset + added_bytes_); !told)
        return std::unexpected(told.error());
    if (target_) work_.files.insert_or_assign(number_, std::move(target_));
    return report;
  }

  // What is there under a number that the log does not know is of an import that was interrupted,
  // and may be written over where the file still holds it; or the log has lost the event that named
  // it.
  Result<std::uint64_t> free_number() {
    for (std::uint64_t number = work_.sources.last_number() + 1;; ++number) {
      const auto file = open_file(system(), owner_.file_of(id_, number), O_RDONLY);
      if (!file && file.error().code == Code::not_found) return number;
      if (!file) return std::unexpected(file.error());
      const auto held = is_held(*file, owner_.file_of(id_, number));
      if (!held) return std::unexpected(held.error());
      if (*held) return number;
    }
  }

  Result<bool> is_held(const Descriptor& file, const Path& path) {
    const auto read = file_.open();
    if (!read) return std::unexpected(read.error());
    FrameReader frames{system(), file, path, frame_bytes_max};
    std::string buffer;
    for (;;) {
      const auto frame = frames.next();
      const auto content =
          frame && *frame ? frames.expand(**frame) : Result<std::string_view>{std::string_view{}};
      if (!frame || !content || content->empty()) return true;  // The rest is not whole.
      buffer.resize(content->size());
      std::size_t filled = 0;
      for (std::size_t got = 1; filled < buffer.size() && got > 0; filled += got) {
        const auto more = (*read)(buffer.data() + filled, buffer.size() - filled);
        if (!more) return std::unexpected(more.error());
        got = *more;
      }
      if (filled < buffer.size() || buffer != *content) return false;
    }
  }

  bool has_name(const log::SourceVersion& version) const {
    return std::ranges::find(version.kept.names, file_.name) != version.kept.names.end();
  }

  // The one that the file goes on from; of several, the longest. None: it is another file, or was
  // changed.
  Result<void> choose_version() {
    version_ = nullptr;
    std::vector<log::SourceVersion*> versions;
    for (log::SourceVersion& version : work_.sources.versions)
      if (!unusable_.contains(version.kept.number)) versions.push_back(&version);
    std::ranges::stable_sort(versions, std::ranges::greater{},
                             [](const auto* version) { return version->kept.bytes; });
    for (log::SourceVersion* const version : versions) {
      const auto stored = status_of(system(), owner_.file_of(id_, version->kept.number));
      if (!stored) return std::unexpected(stored.error());
      if (!*stored) unusable_.insert(version->kept.number);
      if (!*stored) continue;
      if (auto opened = open(); !opened) return opened;
      const auto same = begins_with(*version);
      if (!same) return std::unexpected(same.error());
      if (!*same) continue;
      version_ = version;
      return {};
    }
    return open();
  }

  Result<void> open() {
    auto read = file_.open();
    if (!read) return std::unexpected(read.error());
    read_ = std::move(*read);
    return {};
  }

  Result<bool> begins_with(const log::SourceVersion& version) {
    std::string buffer(frame_bytes, '\0');
    for (const log::SourceRange& range : version.read) {
      Sha256 hash;
      for (std::uint64_t left = range.bytes; left > 0;) {
        const auto got = read_(buffer.data(), std::min<std::uint64_t>(left, buffer.size()));
        if (!got) return std::unexpected(got.error());
        if (*got == 0) return false;
        hash.update({buffer.data(), *got});
        left -= *got;
      }
      if (hex(hash) != range.sha256) return false;
    }
    return true;
  }

  Result<void> add(std::string_view lines) {
    if (!target_)
      if (auto opened = open_target(); !opened) {
        target_failed_ = is_gone(opened.error());
        return opened;
      }
    packed_.clear();
    if (scrubber_.empty()) {
      append_frame(packed_, lines);
    } else {
      std::string scrubbed{lines};
      line_ += scrubber_.scrub(scrubbed, line_, gone_);
      append_frame(packed_, scrubbed);
    }
    added_bytes_ += lines.size();
    return write_all(system(), target_, path(), packed_);
  }

  void tell(log::CheckedDraft event) {
    work_.sources.take(event.type, event.payload);
    work_.drafts.push_back(std::move(event));
  }

  // What was redacted is not kept again because its file was changed.
  Result<void> tell_redacted(std::uint64_t bytes) {
    FrameReader frames{system(), target_, path(), frame_bytes_max};
    Sha256 all;
    for (std::uint64_t at = 0; at < bytes;) {
      const auto frame = frames.next();
      if (!frame) return std::unexpected(frame.error());
      if (!*frame) return fail(Code::corrupt, path().string() + " ends early");
      const auto content = frames.expand(**frame);
      if (!content) return std::unexpected(content.error());
      all.update(*content);
      at += content->size();
    }
    tell(log::redacted_event(number_, {bytes, hex(all)}, gone_));
    return {};
  }

  // Cut to what the log knows of it: what follows is of an import that did not come to its end.
  Result<void> open_target() {
    const bool exists = version_ != nullptr;
    auto opened = open_file(system(), path(), O_RDWR | O_APPEND | (exists ? 0 : O_CREAT),
                            owner_.folder_.file_mode());
    if (!opened) return std::unexpected(opened.error());
    target_ = std::move(*opened);
    const auto end = exists ? end_of_version() : Result<std::uint64_t>{0};
    if (!end) return std::unexpected(end.error());
    start_bytes_ = *end;
    return cut(*start_bytes_);
  }

  Result<std::uint64_t> end_of_version() {
    FrameReader frames{system(), target_, path(), frame_bytes_max};
    for (std::uint64_t bytes = 0; bytes < version_->kept.bytes;) {
      const auto frame = frames.next();
      if (!frame) return std::unexpected(frame.error());
      if (!*frame) return fail(Code::corrupt, path().string() + " ends early");
      bytes += (*frame)->content_bytes;
      if (scrubber_.empty()) continue;
      const auto content = frames.expand(**frame);
      if (!content) return std::unexpected(content.error());
      line_ += static_cast<std::uint64_t>(std::ranges::count(*content, '\n'));
    }
    return frames.offset();
  }

  Result<void> cut(std::uint64_t bytes) {
    if (const int error = system().ftruncate(target_.get(), static_cast<off_t>(bytes)); error < 0)
      return system_error("cut", path(), -error);
    return {};
  }

  void undo() {
    if (target_ && start_bytes_) (void)cut(*start_bytes_);
    target_ = {};
  }

  // Against the newest version of that name.
  std::optional<SourceChange> changed(const log::SourceRange& found) {
    if (version_ != nullptr) return std::nullopt;
    const auto& versions = work_.sources.versions;
    const auto before = std::find_if(versions.rbegin(), versions.rend(),
                                     [&](const auto& version) { return has_name(version); });
    if (before == versions.rend() || unusable_.contains(before->kept.number)) return std::nullopt;
    changed_number_ = before->kept.number;
    Sha256 kept;
    const auto read = owner_.read_version(id_, *before, [&](std::string_view bytes) {
      kept.update(bytes);
      return Result<void>{};
    });
    return SourceChange{file_.name, before->kept.bytes, read ? hex(kept) : std::string{},
                        found.bytes, found.sha256};
  }

  System& system() const { return owner_.folder_.system(); }
  Path path() const { return owner_.file_of(id_, number_); }

  SourceFiles& owner_;
  const std::string_view id_;
  Work& work_;
  const SourceFile& file_;
  const log::SourceScrubber scrubber_{work_.redacted};
  std::set<std::uint64_t> unusable_;
  log::SourceVersion* version_ = nullptr;  // the one that is added to; null: a new one
  std::uint64_t number_ = 0;
  std::uint64_t changed_number_ = 0;
  ReadBytes read_;
  Descriptor target_;
  bool target_failed_ = false;
  std::optional<std::uint64_t> start_bytes_;  // of the file, once it is known what is to stay
  std::uint64_t added_bytes_ = 0;
  std::uint64_t line_ = 1;           // that is added next
  std::vector<std::uint64_t> gone_;  // of those that were added
  std::string packed_;
};

void SourceFiles::made(std::string_view id) {
  const std::lock_guard guard{mutex_};
  made_.emplace(id);
}

Result<SourceFiles::SharedWork> SourceFiles::work_on(std::string_view id) {
  const std::lock_guard guard{mutex_};
  SharedWork& work = works_[std::string{id}];
  if (work == nullptr) work = std::make_shared<Work>();
  return work;
}

void SourceFiles::drop(std::string_view id) {
  const std::lock_guard guard{mutex_};
  made_.erase(std::string{id});
  works_.erase(std::string{id});
}

// Locks the session's files, unless this process has them, and looks what is kept of them. False:
// another process has them.
Result<bool> SourceFiles::begin(std::string_view id, Work& work) {
  if (work.lock) return true;
  System& system = folder_.system();
  const Path folder = folder_of(id);
  bool there = false;
  for (const Path& part : {folder.parent_path(), folder}) {
    const int made = system.mkdir(part.c_str(), folder_.folder_mode());
    there = made == -EEXIST;
    if (made < 0 && !there) return system_error("make", part, -made);
    if (durability_ != Durability::fsync) continue;
    if (auto synced = sync_folder(system, part.parent_path()); !synced)
      return std::unexpected(synced.error());
  }
  const int number = system.open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (number < 0) return system_error("open", folder, -number);
  Descriptor lock{system, number};
  const int locked = system.flock(number, LOCK_EX | LOCK_NB);
  if (locked == -EWOULDBLOCK) return false;
  if (locked < 0) return system_error("lock", folder, -locked);
  bool is_new = !there;
  {
    const std::lock_guard guard{mutex_};
    is_new = is_new && made_.contains(id);
  }
  if (!is_new) {
    auto sources = sources_of(id);
    if (!sources) return std::unexpected(sources.error());
    work.sources = std::move(*sources);
    const auto log = logs_.open(id);
    if (!log) return std::unexpected(log.error());
    auto redacted = log::redacted_records(**log);
    if (!redacted) return std::unexpected(redacted.error());
    work.redacted = std::move(*redacted);
  }
  work.lock = std::move(lock);
  return true;
}

Result<KeepReport> SourceFiles::keep(std::string_view id, const SourceFile& file) {
  if (!is_source_name(file.name))
    return fail(Code::invalid, "a source file cannot be called so: " + file.name);
  const auto work = work_on(id);
  const std::lock_guard guard{(*work)->mutex};
  const auto begun = begin(id, **work);
  if (!begun || !*begun) drop(id);
  if (!begun) return std::unexpected(begun.error());
  if (!*begun) return KeepReport{.busy = true};
  auto kept = Keeping{*this, id, **work, file}.run();
  if (durability_ == Durability::deferred) return kept;
  auto finished = kept ? finish(id, **work) : Result<void>{};
  drop(id);
  if (!finished) return std::unexpected(finished.error());
  return kept;
}

Result<void> SourceFiles::keep_elsewhere(std::string_view id, const KeptElsewhere& file) {
  auto sources = sources_of(id);
  if (!sources) return std::unexpected(sources.error());
  const bool known = std::ranges::any_of(sources->elsewhere, [&](const KeptElsewhere& each) {
    return each.file == file.file && each.session_id == file.session_id;
  });
  if (known) return {};
  const log::CheckedDraft event = log::kept_elsewhere_event(file);
  return logs_.append(id, {&event, 1});
}

Result<void> SourceFiles::finish(std::string_view id, Work& work) {
  if (work.drafts.empty()) return {};
  if (auto durable = make_durable(id, work); !durable) return durable;
  return logs_.append(id, work.drafts);
}

Result<void> SourceFiles::make_durable(std::string_view id, const Work& work) {
  if (durability_ == Durability::none) return {};
  System& system = folder_.system();
  for (const auto& [number, file] : work.files)
    if (const int error = system.fdatasync(file.get()); error < 0)
      return system_error("sync", file_of(id, number), -error);
  if (auto synced = sync_folder(system, folder_of(id)); !synced) return synced;
  if (durability_ == Durability::fsync) return {};  // The folders above were, when they were made.
  if (auto synced = sync_folder(system, folder_of(id).parent_path()); !synced) return synced;
  return sync_folder(system, folder_.root());
}

std::map<std::string, SourceFiles::SharedWork, std::less<>> SourceFiles::works() {
  const std::lock_guard guard{mutex_};
  return works_;
}

Result<bool> SourceFiles::sync() {
  const auto all = works();
  if (all.size() > synced_alone_max) return false;
  for (const auto& [id, work] : all) {
    const std::lock_guard guard{work->mutex};
    if (work->files.empty()) continue;
    if (auto synced = make_durable(id, *work); !synced) return std::unexpected(synced.error());
  }
  return true;
}

Result<void> SourceFiles::tell_kept() {
  std::map<std::string, SharedWork, std::less<>> works;
  {
    const std::lock_guard guard{mutex_};
    works.swap(works_);
    made_.clear();
  }
  Result<void> told;
  for (const auto& [id, work] : works) {
    const std::lock_guard guard{work->mutex};
    if (work->drafts.empty()) continue;
    if (auto done = logs_.append(id, work->drafts); !done && told) told = done;
  }
  return told;
}

Result<log::Sources> SourceFiles::sources_of(std::string_view id) {
  const auto log = logs_.open(id);
  if (!log) return std::unexpected(log.error());
  return log::sources_in(**log);
}

bool SourceFiles::is_left_behind(std::string_view id) const {
  const auto there = status_of(folder_.system(), folder_of(id) / left_behind_name);
  return there && *there;
}

Result<KeptFiles> SourceFiles::list(std::string_view id) {
  auto sources = sources_of(id);
  if (!sources) return std::unexpected(sources.error());
  KeptFiles files{.versions = {},
                  .elsewhere = std::move(sources->elsewhere),
                  .left_behind = is_left_behind(id)};
  for (log::SourceVersion& version : sources->versions) {
    const auto status = status_of(folder_.system(), file_of(id, version.kept.number));
    if (!status) return std::unexpected(status.error());
    if (*status) version.kept.stored_bytes = (*status)->size_bytes;
    files.versions.push_back(std::move(version.kept));
  }
  return files;
}

Result<void> SourceFiles::read(std::string_view id, std::uint64_t number, const TakeBytes& take) {
  auto sources = sources_of(id);
  if (!sources) return std::unexpected(sources.error());
  const log::SourceVersion* const version = sources->find(number);
  if (version == nullptr)
    return fail(Code::not_found, "session " + std::string{id} + " keeps no version " +
                                     std::to_string(number) + " of a file");
  return read_version(id, *version, take);
}

Result<void> SourceFiles::read_version(std::string_view id, const log::SourceVersion& version,
                                       const TakeBytes& take) {
  const Path path = file_of(id, version.kept.number);
  const auto file = open_file(folder_.system(), path, O_RDONLY);
  if (!file) return std::unexpected(file.error());
  FrameReader frames{folder_.system(), *file, path, frame_bytes_max};
  std::string_view content;  // of the frame, as far as it was not given
  std::uint64_t at = 0;
  for (const log::SourceRange& range : version.stored) {
    Sha256 hash;
    for (std::uint64_t left = range.bytes; left > 0;) {
      if (content.empty()) {
        const auto frame = frames.next();
        if (!frame) return std::unexpected(frame.error());
        if (!*frame) return fail(Code::corrupt, path.string() + " ends early");
        const auto expanded = frames.expand(**frame);
        if (!expanded) return std::unexpected(expanded.error());
        content = *expanded;
        if (content.empty()) continue;
      }
      const std::string_view part =
          content.substr(0, std::min<std::uint64_t>(left, content.size()));
      hash.update(part);
      if (auto taken = take(part); !taken) return taken;
      content.remove_prefix(part.size());
      left -= part.size();
    }
    at += range.bytes;
    if (hex(hash) != range.sha256)
      return fail(Code::corrupt, path.string() + ": bytes " + std::to_string(at - range.bytes) +
                                     " to " + std::to_string(at) + " of " + version.kept.name() +
                                     " are not those that were kept");
  }
  return {};
}

std::vector<Finding> SourceFiles::check(std::string_view id) {
  const auto finding = [](std::string message) {
    return Finding{FindingKind::source, 0, 0, 0, std::move(message)};
  };
  const auto sources = sources_of(id);
  if (!sources) return {};  // What is wrong with the log is said of the log.
  const bool may_be_missing = is_left_behind(id);
  std::vector<Finding> findings;
  for (const log::SourceVersion& version : sources->versions) {
    if (version.kept.bytes == 0) continue;
    const auto read = read_version(id, version, [](std::string_view) { return Result<void>{}; });
    if (read || (may_be_missing && read.error().code == Code::not_found)) continue;
    const std::string what = std::to_string(version.kept.bytes) + " bytes of " +
                             version.kept.name() + " cannot be given back: ";
    findings.push_back(finding(what + read.error().message));
  }
  return findings;
}

Result<void> SourceFiles::left_behind(std::string_view id) {
  System& system = folder_.system();
  const auto sources = sources_of(id);
  if (!sources) return std::unexpected(sources.error());
  if (sources->versions.empty()) return {};
  const Path folder = folder_of(id);
  const auto there = status_of(system, folder);
  if (!there) return std::unexpected(there.error());
  if (*there) return {};
  for (const Path& part : {folder.parent_path(), folder})
    if (auto done = make_folder(system, part, folder_.folder_mode()); !done) return done;
  return replace_file(system, folder / left_behind_name, "", folder_.file_mode());
}

}  // namespace agentstore
