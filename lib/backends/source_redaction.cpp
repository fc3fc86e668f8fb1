// The source files' part of a redaction. It comes before that of the log: what is left to do after
// a crash is done when the redaction is asked for again.

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <utility>

#include "backends/source_files.hpp"
#include "backends/source_framer.hpp"
#include "base/hex.hpp"
#include "base/sha256.hpp"
#include "base/zstd_frames.hpp"

namespace agentstore {
namespace {

bool is_temp(std::string_view name) {
  return name.starts_with('.') && name.ends_with(".tmp");
}

// A version without the lines that go, written to a file of its own.
struct Rewriter {
  System& system;
  const log::SourceVersion& version;
  const log::SourceScrubber& scrubber;
  log::GoneLines gone = {};
  Sha256 hash = {};

  Result<void> run(FrameReader& frames, const Descriptor& into, const Path& path) {
    std::uint64_t line = 1;
    for (std::uint64_t at = 0; at < version.kept.bytes;) {
      const auto frame = frames.require_next();
      if (!frame) return std::unexpected(frame.error());
      const auto content = frames.expand(*frame);
      if (!content) return std::unexpected(content.error());
      at += content->size();
      std::string lines{*content};
      const std::size_t gone_before = gone.numbers.size();
      line += scrubber.scrub(lines, line, gone);
      hash.update(lines);
      std::string packed;
      if (gone.numbers.size() > gone_before) append_frame(packed, lines);
      auto written =
          write_all(system, into, path, packed.empty() ? frame->packed : std::string_view{packed});
      if (!written) return written;
    }
    return {};
  }
};

}  // namespace

Result<void> SourceFiles::redact(std::string_view id, const log::SourceScrubber& scrubber,
                                 std::int64_t lock_timeout_ms) {
  System& system = folder_.system();
  const Path folder = folder_of(id);
  const int number = system.open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (number == -ENOENT) return {};
  if (number < 0) return system_error("open", folder, -number);
  const Descriptor lock{system, number};
  const auto locked = lock_file(system, lock, folder, LOCK_EX, lock_timeout_ms);
  if (!locked) return std::unexpected(locked.error());
  if (!*locked)
    return fail(Code::busy, "the transcripts of session " + std::string{id} + " are being kept",
                "try again once the import is over");
  auto sources = sources_of(id);
  if (!sources) return std::unexpected(sources.error());
  if (auto done = delete_unnamed(id, *sources); !done) return done;
  for (const log::SourceVersion& version : sources->versions)
    if (auto done = rewrite(id, version, scrubber); !done) return done;
  return sync_folder(system, folder);
}

// Of imports and redactions that did not come to their end.
Result<void> SourceFiles::delete_unnamed(std::string_view id, log::Sources& sources) {
  System& system = folder_.system();
  const auto names = list_folder(system, folder_of(id));
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    const auto number = log::version_of_file(name);
    if (number ? sources.find(*number) != nullptr : !is_temp(name)) continue;
    const Path path = folder_of(id) / name;
    if (const int error = system.unlink(path.c_str()); error < 0 && error != -ENOENT)
      return system_error("delete", path, -error);
  }
  return {};
}

Result<void> SourceFiles::rewrite(std::string_view id, const log::SourceVersion& version,
                                  const log::SourceScrubber& scrubber) {
  System& system = folder_.system();
  const Path path = source_path(folder_, id, version.kept.number);
  const auto file = open_file(system, path, O_RDONLY);
  if (!file && file.error().code == Code::not_found) return {};
  if (!file) return std::unexpected(file.error());
  const Path temp = sibling_temp(path);
  auto rewritten = [&]() -> Result<void> {
    const auto into = open_file(system, temp, O_WRONLY | O_CREAT | O_EXCL, folder_.file_mode());
    if (!into) return std::unexpected(into.error());
    FrameReader frames{system, *file, path, frame_bytes_max};
    Rewriter rewriter{system, version, scrubber};
    if (auto done = rewriter.run(frames, *into, temp); !done) return done;
    const auto status = status_of(system, *file, path);
    if (!status) return std::unexpected(status.error());
    // Behind what the log knows of there may be the same lines once more.
    if (rewriter.gone.empty() && status->size_bytes == frames.offset()) {
      system.unlink(temp.c_str());
      return {};
    }
    if (const int error = system.fsync(into->get()); error < 0)
      return system_error("sync", temp, -error);
    const log::SourceRange all{version.kept.bytes, to_hex(bytes_of(rewriter.hash.finish()))};
    const bool told = version.stored.size() == 1 && version.stored.front().sha256 == all.sha256;
    if (!told && !rewriter.gone.empty()) {
      const log::CheckedDraft event = log::redacted_event(version.kept.number, all, rewriter.gone);
      if (auto said = logs_.append(id, {&event, 1}); !said) return said;
    }
    if (const int error = system.rename(temp.c_str(), path.c_str()); error < 0)
      return system_error("rename to", path, -error);
    return {};
  }();
  if (!rewritten) system.unlink(temp.c_str());
  return rewritten;
}

}  // namespace agentstore
