#include "backends/source_versions.hpp"

#include <fcntl.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>

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
      : folder_(folder), id_(id), work_(work), file_(file), scrubber_(scrubber) {}

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
    gone_ = {};
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
      const auto stored = status_of(system(), source_path(folder_, id_, version->kept.number));
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

  // Against the newest version of that name.
  std::optional<SourceChange> changed(const log::SourceRange& found) {
    if (version_ != nullptr) return std::nullopt;
    const auto& versions = work_.sources.versions;
    const auto before = std::find_if(versions.rbegin(), versions.rend(),
                                     [&](const auto& version) { return has_name(version); });
    if (before == versions.rend() || unusable_.contains(before->kept.number)) return std::nullopt;
    changed_number_ = before->kept.number;
    Sha256 kept;
    const auto read = read_source_version(folder_, id_, *before, [&](std::string_view bytes) {
      kept.update(bytes);
      return Result<void>{};
    });
    return SourceChange{file_.name, before->kept.bytes, read ? hex(kept) : std::string{},
                        found.bytes, found.sha256};
  }

  System& system() const { return folder_.system(); }
  Path path() const { return source_path(folder_, id_, number_); }

  const DataFolder& folder_;
  const std::string_view id_;
  SourceWork& work_;
  const SourceFile& file_;
  const log::SourceScrubber& scrubber_;
  std::set<std::uint64_t> unusable_;
  log::SourceVersion* version_ = nullptr;  // the one that is added to; null: a new one
  std::uint64_t number_ = 0;
  std::uint64_t changed_number_ = 0;
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
