#include "cmd/import/source_keeping.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>

#include "cmd/input/byte_input.hpp"
#include "cmd/input/transcript_folder.hpp"
#include "cmd/quoting.hpp"
#include "cmd/words/labels.hpp"

namespace agentstore::cmd {
namespace {

using std::filesystem::path;

/// What is compressed is kept as it was read.
path without_packing(path file) {
  for (const char* const packed : {".gz", ".zst"})
    if (file.extension() == packed) return file.replace_extension();
  return file;
}

/// The part of a path from the last folder of that name on; empty where there is none.
path from_folder(const path& file, std::string_view name) {
  std::vector<path> parts{file.begin(), file.end()};
  const auto found = std::find(parts.rbegin(), parts.rend(), path{name});
  path rest;
  if (found != parts.rend())
    for (auto part = found.base() - 1; part != parts.end(); ++part) rest /= *part;
  return rest;
}

/// As Claude Code calls the folder of a project.
std::string project_folder(std::string cwd) {
  for (char& c : cwd) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain) c = '-';
  }
  return cwd;
}

/// "projects/X/…" where Claude Code may have called a project X: after its folder, which mostly
/// begins with a slash.
bool is_of_claude(const path& below, const std::string& cwd) {
  const auto project = std::next(below.begin());
  if (project == below.end() || std::next(project) == below.end()) return false;
  const std::string name = project->string();
  return name == project_folder(cwd) || (name.starts_with('-') && name == project_folder(name));
}

/// "sessions/2026/03/07/FILE" or "archived_sessions/FILE".
bool is_of_codex(const path& below) {
  constexpr std::array<std::size_t, 3> date_digits{4, 2, 2};
  auto part = std::next(below.begin());
  if (*below.begin() == "sessions") {
    for (const std::size_t digits : date_digits) {
      if (part == below.end()) return false;
      const std::string name = (part++)->string();
      if (name.size() != digits || name.find_first_not_of("0123456789") != name.npos) return false;
    }
  }
  return part != below.end() && std::next(part) == below.end();
}

/// Below the folder of the tool, or below another one that is laid out like it.
path below_tool(const path& file, const formats::Source& source, const std::string& cwd) {
  const path home = path{home_of_tool(source)}.lexically_normal();
  if (!home.empty()) {
    const path below = file.lexically_relative(home);
    if (!below.empty() && *below.begin() != ".." && *below.begin() != ".") return below;
  }
  if (source.name.starts_with("claude")) {
    path below = from_folder(file, "projects");
    return !below.empty() && is_of_claude(below, cwd) ? below : path{};
  }
  for (const std::string_view folder : {"sessions", "archived_sessions"})
    if (path below = from_folder(file, folder); !below.empty() && is_of_codex(below)) return below;
  return {};
}

/// "2026/03/07" of "rollout-2026-03-07T12-00-00-….jsonl".
path day_of_rollout(std::string_view name) {
  constexpr std::string_view start = "rollout-";
  constexpr std::size_t date_bytes = 10;
  if (!name.starts_with(start) || name.size() < start.size() + date_bytes) return {};
  const std::string date{name.substr(start.size(), date_bytes)};
  if (date[4] != '-' || date[7] != '-') return {};
  return path{date.substr(0, 4)} / date.substr(5, 2) / date.substr(8, 2);
}

/// The session that the file is: the one that it is named after, else the first that has events.
std::optional<std::size_t> owner_of(const ReadTranscript& transcript) {
  const std::string stem = without_packing(transcript.path).stem().string();
  std::optional<std::size_t> owner;
  const std::size_t count = std::min(transcript.sessions.size(), transcript.imported.size());
  for (std::size_t i = 0; i < count; ++i) {
    if (transcript.imported[i].session_id.empty()) continue;
    if (stem.ends_with(transcript.sessions[i].id)) return i;
    if (!owner) owner = i;
  }
  return owner;
}

/// The file once more, from its beginning, as far as it was read.
Result<ReadBytes> open_again(const ReadTranscript& transcript) {
  auto input = ByteInput::open(transcript.path);
  if (!input) return std::unexpected{input.error()};
  const FileStamp now = stamp_of_file(transcript.path);
  if (now.device != transcript.stamp.device || now.inode != transcript.stamp.inode)
    return fail(Code::io, in_quotes(transcript.path) + " was replaced while it was read",
                "import it again");
  const auto shared = std::make_shared<ByteInput>(std::move(*input));
  return [shared, left = transcript.bytes](char* into, std::size_t size) mutable {
    auto got = shared->read(into, std::min<std::uint64_t>(size, left));
    if (got) left -= *got;
    return got;
  };
}

/// Where the file was found, and what is there beside it.
SourceFile source_file(const ReadTranscript& transcript, const std::string& name) {
  const path found = without_packing(std::filesystem::absolute(transcript.path).lexically_normal());
  std::vector<path> roots;
  if (const std::string home = home_of_tool(*transcript.source); !home.empty())
    roots.push_back(path{home}.lexically_normal());
  std::error_code error;
  const bool own =
      !roots.empty() && (roots.front() / name == found ||
                         std::filesystem::equivalent(roots.front() / name, found, error));
  if (const std::string whole = found.string(); whole.ends_with('/' + name))
    roots.emplace_back(whole.substr(0, whole.size() - name.size()));
  const auto is_there = [roots, file = transcript.path](const std::string& other) {
    return std::ranges::any_of(roots, [&](const path& root) {
      std::error_code ignored;
      return std::filesystem::exists(root / other, ignored) &&
             !std::filesystem::equivalent(root / other, file, ignored);
    });
  };
  return {.name = name,
          .open = [&transcript] { return open_again(transcript); },
          .found_at = own ? std::string{} : found.string(),
          .is_there = is_there};
}

}  // namespace

std::string source_name(const std::string& file, const formats::Source& source,
                        const Labels& labels) {
  const path whole = without_packing(std::filesystem::absolute(file).lexically_normal());
  const std::string cwd = label_of(labels, "cwd");
  if (const path below = below_tool(whole, source, cwd); !below.empty())
    return below.generic_string();
  const path name = whole.filename();
  if (source.name == formats::claude_code_source.name && !cwd.empty())
    return (path{"projects"} / project_folder(cwd) / name).generic_string();
  const path day = day_of_rollout(name.native());
  if (source.name == formats::codex_source.name && !day.empty())
    return (path{"sessions"} / day / name).generic_string();
  return name.generic_string();
}

Result<KeptTranscript> keep_transcript(Store& store, const ReadTranscript& transcript) {
  KeptTranscript kept;
  const auto owner = owner_of(transcript);
  if (!transcript.stamp.known() || !owner) return kept;
  const std::string& id = transcript.imported[*owner].session_id;
  const std::string name =
      source_name(transcript.path, *transcript.source, transcript.sessions[*owner].labels);
  SourceFile file = source_file(transcript, name);
  file.sessions = transcript.replaced;
  file.redacted = transcript.redacted;
  for (const formats::ImportedSession& session : transcript.imported)
    if (!session.session_id.empty() && session.session_id != id)
      file.sessions.push_back(session.session_id);
  auto report = store.keep_source(id, file);
  if (!report && report.error().code == Code::unsupported) {
    kept.unsupported = true;
    return kept;
  }
  if (!report) return std::unexpected{report.error()};
  kept.busy = report->busy;
  kept.new_bytes = report->new_bytes;
  if (report->changed) kept.changed.push_back({transcript.path, id, std::move(*report->changed)});
  for (std::size_t i = 0; i < transcript.imported.size(); ++i) {
    const std::string& other = transcript.imported[i].session_id;
    if (i == *owner || other.empty() || other == id) continue;
    if (auto told = store.keep_source_elsewhere(other, {name, id}); !told)
      return std::unexpected{told.error()};
  }
  return kept;
}

}  // namespace agentstore::cmd
