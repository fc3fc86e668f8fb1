#include "backends/source_versions.hpp"

#include <fcntl.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "agentstore/json.hpp"
#include "backends/source_framer.hpp"
#include "base/hex.hpp"
#include "base/sha256.hpp"
#include "base/zstd_frames.hpp"

namespace agentstore {
namespace {

std::string hex(Sha256& hash) {
  return to_hex(bytes_of(hash.finish()));
}

bool is_gone(const Error& error) {
  return error.code == Code::not_found || error.code == Code::corrupt;
}

// Keeping one file.
class Keeping {
 public:
  Keeping(const DataFolder& folder, std::string_view id, SourceWork& work, const SourceFile& file,
          const log::SourceScrubber& scrubber)
      : folder_(folder), id_(id), work_(work), file_(file), scrubber_(scrubber) {
    const log::SeenFile* const seen = work.sources.find_seen(file.name, found_at_);
    if (seen != nullptr) seen_ = *seen;
  }

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
    const auto same = is_as_seen();
    if (!same) return std::unexpected(same.error());
    if (*same) return KeepReport{};
    if (auto chosen = choose_version(); !chosen) return std::unexpected(chosen.error());
    const std::uint64_t offset = version_ == nullptr ? 0 : version_->kept.bytes;
    const auto number = version_ == nullptr ? free_number() : version_->kept.number;
    if (!number) return std::unexpected(number.error());
    number_ = *number;
    added_bytes_ = 0;
    line_ = 1;
    gone_ = {};
    start_bytes_.reset();
    Sha256 hash;
    auto framed = frame_lines(read_, [&](std::string_view lines) {
      hash.update(lines);
      return add(lines);
    });
    if (!framed) return std::unexpected(framed.error());
    const log::SourceRange range{added_bytes_, hex(hash)};
    auto changed = change(offset + added_bytes_);
    if (!changed) return std::unexpected(changed.error());
    const KeepReport report{.new_bytes = added_bytes_, .changed = std::move(*changed)};
    const bool known = version_ == nullptr || (seen_ && seen_->number == number_);
    if (added_bytes_ == 0 && known) return report;
    if (report.changed) work_.drafts.push_back(log::changed_event(*report.changed, seen_->number));
    log::CheckedDraft event = log::kept_event(file_.name, found_at_, number_, offset, range);
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
      const auto file = open_file(system(), source_path(folder_, id_, number), O_RDONLY);
      if (!file && file.error().code == Code::not_found) return number;
      if (!file) return std::unexpected(file.error());
      const auto held = is_held(*file, source_path(folder_, id_, number));
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

  // A copy stays as it is where the file itself has gone on from it.
  Result<bool> is_as_seen() {
    if (!seen_ || unusable_.contains(seen_->number)) return false;
    const KeptVersion& kept = work_.sources.find(seen_->number)->kept;
    if (seen_->bytes == kept.bytes || kept.name() != file_.name) return false;
    const auto stored = status_of(system(), source_path(folder_, id_, seen_->number));
    if (!stored) return std::unexpected(stored.error());
    if (!*stored) return false;
    const auto same = begins_as_seen();
    if (!same || !*same) return same;
    bool more = false;
    auto framed = frame_lines(read_, [&](std::string_view) {
      more = true;
      return Result<void>{};
    });
    if (!framed) return std::unexpected(framed.error());
    return !more;
  }

  Result<bool> begins_as_seen() {
    if (auto opened = open(); !opened) return std::unexpected(opened.error());
    return begins_with(*work_.sources.find(seen_->number), seen_->bytes);
  }

  // Whether another file, which is there, was so when it was last seen: two are not one that was
  // renamed, and each has versions of its own.
  bool is_of_another(const KeptVersion& version) const {
    if (!file_.is_there) return false;
    if (seen_ && seen_->number == version.number && version.name() == file_.name) return false;
    return std::ranges::any_of(work_.sources.seen, [&](const log::SeenFile& seen) {
      return seen.number == version.number && seen.file != file_.name && file_.is_there(seen.file);
    });
  }

  // The one that the file goes on from; of several, the longest. None: it is another file, or was
  // changed.
  Result<void> choose_version() {
    version_ = nullptr;
    std::vector<log::SourceVersion*> versions;
    for (log::SourceVersion& version : work_.sources.versions)
      if (!unusable_.contains(version.kept.number) && !is_of_another(version.kept))
        versions.push_back(&version);
    std::ranges::stable_sort(versions, std::ranges::greater{},
                             [](const auto* version) { return version->kept.bytes; });
    for (log::SourceVersion* const version : versions) {
      const auto stored = status_of(system(), source_path(folder_, id_, version->kept.number));
      if (!stored) return std::unexpected(stored.error());
      if (!*stored) unusable_.insert(version->kept.number);
      if (!*stored) continue;
      if (auto opened = open(); !opened) return opened;
      const auto same = begins_with(*version, version->kept.bytes);
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

  // As far as `bytes`, where one of its ranges ends.
  Result<bool> begins_with(const log::SourceVersion& version, std::uint64_t bytes) {
    std::string buffer(frame_bytes, '\0');
    std::uint64_t end = 0;
    for (const log::SourceRange& range : version.read) {
      if (end == bytes) break;
      end += range.bytes;
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
      const auto frame = frames.require_next();
      if (!frame) return std::unexpected(frame.error());
      const auto content = frames.expand(*frame);
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
                            folder_.file_mode());
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
      const auto frame = frames.require_next();
      if (!frame) return std::unexpected(frame.error());
      bytes += frame->content_bytes;
      if (scrubber_.empty()) continue;
      const auto content = frames.expand(*frame);
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

  // Against what it was when it was last seen; of a file that is `bytes` long.
  Result<std::optional<SourceChange>> change(std::uint64_t bytes) {
    if (!seen_ || unusable_.contains(seen_->number)) return std::nullopt;
    if (version_ != nullptr && version_->kept.number == seen_->number) return std::nullopt;
    const auto goes_on = begins_as_seen();
    if (!goes_on) return std::unexpected(goes_on.error());
    if (*goes_on) return std::nullopt;
    Sha256 kept;
    std::uint64_t left = seen_->bytes;
    const auto read = read_source_version(folder_, id_, *work_.sources.find(seen_->number),
                                          [&](std::string_view part) {
                                            kept.update(part.substr(0, left));
                                            left -= std::min<std::uint64_t>(left, part.size());
                                            return Result<void>{};
                                          });
    if (auto opened = open(); !opened) return std::unexpected(opened.error());
    Sha256 found;
    std::string buffer(frame_bytes, '\0');
    for (left = bytes; left > 0;) {
      const auto got = read_(buffer.data(), std::min<std::uint64_t>(left, buffer.size()));
      if (!got) return std::unexpected(got.error());
      if (*got == 0) break;
      found.update({buffer.data(), *got});
      left -= *got;
    }
    return SourceChange{file_.name, seen_->bytes, read ? hex(kept) : std::string{}, bytes - left,
                        hex(found)};
  }

  System& system() const { return folder_.system(); }
  Path path() const { return source_path(folder_, id_, number_); }

  const DataFolder& folder_;
  const std::string_view id_;
  SourceWork& work_;
  const SourceFile& file_;
  // As the log would give it back.
  const std::string found_at_{json::text_of(json::quote(file_.found_at))};
  std::optional<log::SeenFile> seen_;  // what the file was, if it was seen before
  const log::SourceScrubber& scrubber_;
  std::set<std::uint64_t> unusable_;
  log::SourceVersion* version_ = nullptr;  // the one that is added to; null: a new one
  std::uint64_t number_ = 0;
  ReadBytes read_;
  Descriptor target_;
  bool target_failed_ = false;
  std::optional<std::uint64_t> start_bytes_;  // of the file, once it is known what is to stay
  std::uint64_t added_bytes_ = 0;
  std::uint64_t line_ = 1;  // that is added next
  log::GoneLines gone_;     // of those that were added
  std::string packed_;
};

}  // namespace

Path source_path(const DataFolder& folder, std::string_view id, std::uint64_t number) {
  return folder.sources(id) / log::file_of_version(number);
}

Result<KeepReport> keep_source_file(const DataFolder& folder, std::string_view id, SourceWork& work,
                                    const SourceFile& file, const log::SourceScrubber& scrubber) {
  return Keeping{folder, id, work, file, scrubber}.run();
}

Result<void> read_source_version(const DataFolder& folder, std::string_view id,
                                 const log::SourceVersion& version, const TakeBytes& take) {
  const Path path = source_path(folder, id, version.kept.number);
  const auto file = open_file(folder.system(), path, O_RDONLY);
  if (!file) return std::unexpected(file.error());
  FrameReader frames{folder.system(), *file, path, frame_bytes_max};
  std::string_view content;  // of the frame, as far as it was not given
  std::uint64_t at = 0;
  for (const log::SourceRange& range : version.stored) {
    Sha256 hash;
    for (std::uint64_t left = range.bytes; left > 0;) {
      if (content.empty()) {
        const auto frame = frames.require_next();
        if (!frame) return std::unexpected(frame.error());
        const auto expanded = frames.expand(*frame);
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

}  // namespace agentstore
