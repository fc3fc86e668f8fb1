#include "log/import_lines.hpp"

#include <fcntl.h>

#include <algorithm>

#include "log/verify.hpp"

namespace agentstore::log {
namespace {

constexpr std::size_t write_bytes = std::size_t{1} << 20;
constexpr std::size_t compare_bytes = std::size_t{1} << 20;

}  // namespace

Result<void> copy_lines(const std::function<Result<std::optional<std::string_view>>()>& next_line,
                        const std::function<Result<void>(std::string_view)>& write) {
  std::string line;
  for (;;) {
    const auto next = next_line();
    if (!next) return std::unexpected(next.error());
    if (!*next) return {};
    if ((*next)->find('\n') != std::string_view::npos) {
      return fail(Code::invalid, "an event holds a raw line break");
    }
    line.assign(**next);
    line += '\n';
    if (auto written = write(line); !written) return written;
  }
}

Result<void> write_lines(
    System& system, const Path& path, mode_t mode,
    const std::function<Result<std::optional<std::string_view>>()>& next_line) {
  auto file = open_file(system, path, O_WRONLY | O_CREAT | O_EXCL, mode);
  if (!file) return std::unexpected(file.error());
  std::string waiting;
  const auto flush = [&]() -> Result<void> {
    auto done = write_all(system, *file, path, waiting);
    waiting.clear();
    return done;
  };
  auto copied = copy_lines(next_line, [&](std::string_view line) -> Result<void> {
    waiting += line;
    return waiting.size() >= write_bytes ? flush() : Result<void>{};
  });
  if (!copied) return copied;
  if (auto done = flush(); !done) return done;
  if (const int error = system.fsync(file->get()); error < 0)
    return system_error("sync", path, -error);
  return {};
}

Result<std::uint64_t> check_importable(ByteSource& source, const std::string& session_id) {
  const auto verified = verify(source, session_id, false);
  if (!verified) return std::unexpected(verified.error());
  const auto bad = [&](const Finding& finding) {
    return fail(Code::invalid, "event line " + std::to_string(finding.line) + " of session " +
                                   session_id + ": " + finding.message);
  };
  for (const Finding& finding : verified->findings) {
    // Unsealed lines are readable after a sealed one, and with double keys in their metadata; they
    // stay what they are.
    if (finding.kind != FindingKind::unsealed && finding.kind != FindingKind::metadata)
      return bad(finding);
  }
  return verified->events;
}

std::unexpected<Error> another_history(const std::string& session_id) {
  return fail(Code::conflict, "session " + session_id + " has another history here");
}

Result<std::uint64_t> import_file(System& system, const WriterOptions& options, LogEnd& end,
                                  const Path& temp, std::uint64_t events) {
  auto file = open_file(system, temp, O_RDONLY);
  if (!file && file.error().code == Code::not_found) {
    // A redaction deletes every temporary file that may hold what goes.
    return fail(Code::busy, "session " + options.session_id + " was redacted meanwhile",
                "try again");
  }
  if (!file) return std::unexpected(file.error());
  const Position position = end.position();
  std::string here(compare_bytes, '\0');
  std::string there = here;
  for (std::uint64_t at = 0; at < position.offset_bytes;) {
    const std::size_t size = std::min<std::uint64_t>(here.size(), position.offset_bytes - at);
    const auto got = end.source().read_at(at, here.data(), size);
    const auto got_there = read_at(system, *file, temp, at, there.data(), size);
    if (!got) return std::unexpected(got.error());
    if (!got_there) return std::unexpected(got_there.error());
    const std::size_t common = std::min(*got, *got_there);
    if (here.compare(0, common, there, 0, common) != 0) {
      return another_history(options.session_id);
    }
    if (*got_there < size) {  // Everything that it has is here, and is to be so for good.
      system.unlink(temp.c_str());
      if (auto synced = sync_folder(system, options.log.parent_path()); !synced)
        return std::unexpected(synced.error());
      return position.sequence_number;
    }
    at += size;
  }
  if (auto put = end.extend(temp); !put) return std::unexpected(put.error());
  if (options.durability != Durability::none) end.set_synced_events(events);
  return position.sequence_number;
}

}  // namespace agentstore::log
