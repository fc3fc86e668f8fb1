#include "log/file_source.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>

namespace agentstore::log {
namespace {

// A writer holds its lock for one write and one sync; one that is stopped may hold it for good.
constexpr std::int64_t settle_ms = 250;

}  // namespace

Result<std::unique_ptr<FileSource>> FileSource::open(System& system, Path log, Path lock,
                                                     bool missing_is_empty, AskDue ask_due,
                                                     std::string name) {
  std::unique_ptr<FileSource> source{
      new FileSource{system, std::move(log), std::move(lock), std::move(ask_due), std::move(name)}};
  if (auto opened = source->reopen(missing_is_empty); !opened)
    return std::unexpected(opened.error());
  return source;
}

Result<void> FileSource::reopen(bool missing_is_empty) {
  if (missing_is_empty) {
    // Where anything else is in the place of its folder, nothing is known of the log.
    const auto folder = status_of(system_, log_.parent_path());
    if (!folder) return std::unexpected(folder.error());
    if (*folder && !S_ISDIR((*folder)->mode))
      return fail(Code::io, "cannot open " + log_.string() + ": " + log_.parent_path().string() +
                                " is not a folder");
  }
  auto file = open_file(system_, log_, O_RDONLY);
  if (!file) {
    if (file.error().code == Code::not_found && missing_is_empty) return {};
    return std::unexpected(file.error());
  }
  const auto status = status_of(system_, *file, log_);
  if (!status) return std::unexpected(status.error());
  file_ = std::move(*file);
  status_ = *status;
  return {};
}

Result<std::size_t> FileSource::read_at(std::uint64_t offset, char* into, std::size_t size) {
  if (!file_) return 0;
  return agentstore::read_at(system_, file_, log_, offset, into, size);
}

// What is due may have risen since the size was asked for; a repair that accepts a loss lowers it
// before it changes the log.
void FileSource::lower_due() {
  const DueEvents now = asked();
  due_ = {std::min(due_.synced, now.synced), std::min(due_.checkpoint, now.checkpoint)};
}

Result<bool> FileSource::grew() {
  if (!file_) {
    if (auto opened = reopen(true); !opened) return std::unexpected(opened.error());
    return static_cast<bool>(file_);
  }
  const auto status = status_of(system_, file_, log_);
  if (!status) return std::unexpected(status.error());
  const bool changed = status->size_bytes != status_.size_bytes;
  status_ = *status;
  return changed;
}

Result<ByteSource::Tail> FileSource::settle() {
  const auto looked = [&]() -> Result<Tail> {
    lower_due();
    const auto changed = grew();
    if (!changed) return std::unexpected(changed.error());
    return *changed ? Tail::moved : Tail::settled;
  };
  const auto lock = lock_.empty() ? Result<Descriptor>{fail(Code::not_found, "")}
                                  : open_file(system_, lock_, O_RDONLY);
  if (!lock) return looked();  // Nobody of ours writes here, or we are not let near the lock.
  const auto held = lock_file(system_, *lock, lock_, LOCK_SH, settle_ms);
  if (!held) return std::unexpected(held.error());
  if (*held) return looked();
  lower_due();
  return Tail::writing;
}

Result<ByteSource::Change> FileSource::refresh() {
  due_ = asked();
  const auto at_path = status_of(system_, log_);
  if (!at_path) return std::unexpected(at_path.error());
  if (!*at_path) return file_ ? Change::gone : Change::none;
  if (!file_) {
    if (auto opened = reopen(true); !opened) return std::unexpected(opened.error());
    return file_ ? Change::grown : Change::none;
  }
  const std::uint64_t before = status_.size_bytes;
  if (!(*at_path)->same_file(status_) || (*at_path)->size_bytes < before) {
    if (auto opened = reopen(true); !opened) return std::unexpected(opened.error());
    return Change::replaced;
  }
  status_ = **at_path;
  return status_.size_bytes > before ? Change::grown : Change::none;
}

}  // namespace agentstore::log
