#include "cmd/input/transcript_folder.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "cmd/context.hpp"
#include "cmd/input/input_files.hpp"
#include "cmd/input/log_files.hpp"
#include "cmd/input/transcript_reader.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t head_bytes = std::size_t{64} << 10;
constexpr std::size_t piece_bytes = std::size_t{8} << 10;

std::string from_environment(const char* variable, const char* below, const char* in_home) {
  const char* const chosen = std::getenv(variable);
  if (chosen != nullptr && *chosen != '\0') return std::string{chosen} + below;
  const char* const home = std::getenv("HOME");
  return std::string{home == nullptr ? "" : home} + in_home + below;
}

struct Tool {
  std::string_view scheme;
  const formats::Source* source;
  const char* variable;
  const char* in_home;
  const char* below;

  std::string folder() const { return from_environment(variable, below, in_home); }
};

constexpr Tool tools[] = {
    {"claude:", &formats::claude_code_source, "CLAUDE_CONFIG_DIR", "/.claude", "/projects"},
    {"codex:", &formats::codex_source, "CODEX_HOME", "/.codex", "/sessions"},
};

struct Head {
  Session session;
  std::string title;
};

/// What the beginning of a file says of its session: as much of it as is needed for one. Nothing
/// where it tells of none. Errors: io.
Result<std::optional<Head>> session_from_head(ByteInput& input, const formats::Source& source) {
  formats::Transcript transcript{
      {.fallback_id = stem_of(input.path()), .imported_at = now(), .made = formats::Made::figures},
      &source};
  std::string chunk(head_bytes, '\0');
  while (transcript.sessions().empty()) {
    const auto got = input.read(chunk.data(), chunk.size());
    if (!got) return std::unexpected{got.error()};
    std::string_view rest{chunk.data(), *got};
    // Nothing more of the chunk is wanted once a prompt has given the session its title.
    const auto told = [&] {
      return !transcript.sessions().empty() && !transcript.sessions().front().title.empty();
    };
    for (; !rest.empty() && !told(); rest.remove_prefix(std::min(piece_bytes, rest.size())))
      if (auto fed = transcript.feed(rest.substr(0, piece_bytes)); !fed)
        return std::unexpected{fed.error()};
    if (*got > 0) continue;
    if (auto ended = transcript.end(); !ended) return std::unexpected{ended.error()};
    break;
  }
  if (transcript.sessions().empty()) return std::nullopt;
  const formats::SourceSession& found = transcript.sessions().front();
  return Head{{found.id, {}, found.labels, found.created_at, found.created_at, 0}, found.title};
}

/// Whether a file that is not a known transcript is not JSON text either, as one is whose blocks
/// were never written: transcripts lie in these folders, and it may have been one.
bool is_garbage(const std::string& path) {
  if (!path.ends_with(".jsonl")) return false;
  auto input = ByteInput::open(path);
  const auto head = input ? input->peek(head_bytes) : std::string_view{};
  if (!head) return true;
  const std::size_t first = head->find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != head->npos && (*head)[first] != '{';
}

/// The file's session, if it is one of the folder's tool.
Result<std::optional<TranscriptFile>> look_at(const LogFile& file, const formats::Source& source) {
  auto input = ByteInput::open(file.path);
  const auto found = input ? kind_of(*input) : std::unexpected{input.error()};
  if (!found) {
    if (found.error().code != Code::invalid) return std::unexpected{found.error()};
    if (is_garbage(file.path)) return std::unexpected{found.error()};
    return std::nullopt;
  }
  if (found->source != &source) return std::nullopt;
  auto head = session_from_head(*input, source);
  if (!head) return std::unexpected{head.error()};
  if (!*head) return std::nullopt;
  return TranscriptFile{std::move((*head)->session), file.path, std::move((*head)->title)};
}

void count(Session& session, const std::string& path, const formats::Source& source) {
  auto reader = TranscriptReader::open(path, source, {}, {}, formats::Made::figures);
  if (!reader) return;
  // Of a transcript that cannot be read on, what came before counts.
  static_cast<void>(for_each_event(**reader, [&](const EventView& event) {
    ++session.event_count;
    session.updated_at = event.timestamp;
  }));
}

Error why_no_folder(const std::string& path) {
  std::error_code error;
  (void)std::filesystem::status(path, error);
  const bool missing = !error || error == std::errc::no_such_file_or_directory ||
                       error == std::errc::not_a_directory;
  if (missing) return {Code::not_found, "there is no folder " + in_quotes(path)};
  return {Code::io, "cannot open " + in_quotes(path) + ": " + error.message()};
}

}  // namespace

Result<std::optional<TranscriptFolder>> transcript_folder(std::string_view store_name) {
  for (const Tool& tool : tools) {
    if (!store_name.starts_with(tool.scheme)) continue;
    std::string path{store_name.substr(tool.scheme.size())};
    if (path.empty()) path = tool.folder();
    if (!is_folder(path)) return std::unexpected{why_no_folder(path)};
    return TranscriptFolder{tool.source, std::move(path)};
  }
  return std::nullopt;
}

std::vector<std::string> transcript_folders_here() {
  std::vector<std::string> found;
  for (const Tool& tool : tools)
    if (const std::string folder = tool.folder(); is_folder(folder))
      found.push_back(std::string{tool.scheme} + folder);
  return found;
}

Result<TranscriptList> list_transcripts(const TranscriptFolder& folder, bool counted,
                                        const std::function<void(const std::string&)>& note) {
  TranscriptList list;
  LogFiles files{[&](const Error& error) {
    if (error.code != Code::invalid) list.unreadable.push_back(error);  // not: it is empty
  }};
  static_cast<void>(files.add(folder.path));
  if (const std::string links = files.note_of_links(); note && !links.empty()) note(links);
  for (const LogFile& file : files.files()) {
    if (file.kind != LogFile::Kind::file) continue;
    auto found = look_at(file, *folder.source);
    // One that was removed meanwhile is none of them.
    if (!found && found.error().code != Code::not_found) list.unreadable.push_back(found.error());
    if (!found || !*found) continue;
    Session& session = (*found)->session;
    struct stat status{};
    if (::stat(file.path.c_str(), &status) == 0)
      session.updated_at = {status.st_mtim.tv_sec,
                            static_cast<std::int32_t>(status.st_mtim.tv_nsec)};
    if (counted) count(session, file.path, *folder.source);
    list.files.push_back(std::move(**found));
  }
  if (list.files.empty() && !list.unreadable.empty())
    return fail(Code::io, list.unreadable.front().message, list.unreadable.front().hint);
  std::ranges::sort(list.files, [](const TranscriptFile& a, const TranscriptFile& b) {
    return std::tie(b.session.created_at, a.session.id) <
           std::tie(a.session.created_at, b.session.id);
  });
  return list;
}

}  // namespace agentstore::cmd
