#include "backends/source_files.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>

namespace agentstore {
namespace {

/// The files of so many sessions are synced one by one.
constexpr std::size_t synced_alone_max = 4;
constexpr const char* left_behind_name = "left-behind";

}  // namespace

void SourceFiles::made(std::string_view id) {
  const std::lock_guard guard{mutex_};
  made_.emplace(id);
}

void SourceFiles::changed(std::string_view id) {
  const std::lock_guard guard{mutex_};
  made_.erase(std::string{id});
}

SourceFiles::SharedWork SourceFiles::work_on(std::string_view id) {
  const std::lock_guard guard{mutex_};
  SharedWork& work = works_[std::string{id}];
  if (work == nullptr) work = std::make_shared<SourceWork>();
  return work;
}

void SourceFiles::drop(std::string_view id) {
  const std::lock_guard guard{mutex_};
  made_.erase(std::string{id});
  works_.erase(std::string{id});
}

// Locks the session's files, unless this process has them, and looks what is kept of them. False:
// another process has them.
Result<bool> SourceFiles::begin(std::string_view id, SourceWork& work) {
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

// What was redacted of any session whose events the file holds is not kept again, whatever became
// of the file since.
Result<log::SourceScrubber> SourceFiles::scrubber_for(std::string_view id, const SourceWork& work,
                                                      const SourceFile& file) {
  log::NamedRecords records = work.redacted;
  std::vector<log::RemovedLine> removed = work.sources.removed;
  log::GoneTexts texts{file.redacted.empty() ? Labels{} : logs_.labels(id)};
  for (const std::string& payload : file.redacted) texts.add(payload);
  if (!texts.empty()) {
    const auto own = logs_.open(id);
    if (!own) return std::unexpected(own.error());
    if (auto done = texts.leave_those_in(**own, {}); !done) return std::unexpected(done.error());
  }
  for (const std::string& other : file.sessions) {
    const auto log = logs_.open(other);
    if (!log) return std::unexpected(log.error());
    const auto redacted = log::redacted_records(**log);
    if (!redacted) return std::unexpected(redacted.error());
    records.add(*redacted);
    auto sources = log::sources_in(**log);
    if (!sources) return std::unexpected(sources.error());
    std::ranges::move(sources->removed, std::back_inserter(removed));
    if (texts.empty()) continue;
    if (auto done = texts.leave_those_in(**log, {}); !done) return std::unexpected(done.error());
  }
  return log::SourceScrubber{std::move(records), std::move(removed), texts.finder()};
}

Result<KeepReport> SourceFiles::keep(std::string_view id, const SourceFile& file) {
  if (!is_source_name(file.name))
    return fail(Code::invalid, "a source file cannot be called so: " + file.name);
  const SharedWork work = work_on(id);
  const std::lock_guard guard{work->mutex};
  const auto begun = begin(id, *work);
  if (!begun || !*begun) drop(id);
  if (!begun) return std::unexpected(begun.error());
  if (!*begun) return KeepReport{.busy = true};
  const auto scrubber = scrubber_for(id, *work, file);
  auto kept = scrubber ? keep_source_file(folder_, id, *work, file, *scrubber)
                       : std::unexpected(scrubber.error());
  if (durability_ == Durability::deferred) return kept;
  auto finished = kept ? finish(id, *work) : Result<void>{};
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

Result<void> SourceFiles::finish(std::string_view id, SourceWork& work) {
  if (work.drafts.empty()) return {};
  if (auto durable = make_durable(id, work); !durable) return durable;
  return logs_.append(id, work.drafts);
}

Result<void> SourceFiles::make_durable(std::string_view id, const SourceWork& work) {
  if (durability_ == Durability::none) return {};
  System& system = folder_.system();
  for (const auto& [number, file] : work.files)
    if (const int error = system.fdatasync(file.get()); error < 0)
      return system_error("sync", source_path(folder_, id, number), -error);
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
  sources->mark_latest();
  for (log::SourceVersion& version : sources->versions) {
    const auto status = status_of(folder_.system(), source_path(folder_, id, version.kept.number));
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
  return read_source_version(folder_, id, *version, take);
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
    const auto read =
        read_source_version(folder_, id, version, [](std::string_view) { return Result<void>{}; });
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
