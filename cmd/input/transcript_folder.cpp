#include "cmd/input/transcript_folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

#include "agentstore/json.hpp"
#include "cmd/context.hpp"
#include "cmd/input/file_scan.hpp"
#include "cmd/input/input_files.hpp"
#include "cmd/input/known_files.hpp"
#include "cmd/input/log_files.hpp"
#include "cmd/input/named_ids.hpp"
#include "cmd/input/transcript_figures.hpp"
#include "cmd/input/transcript_reader.hpp"
#include "cmd/words/raw_filter.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t head_bytes = std::size_t{64} << 10;
constexpr std::size_t chunk_bytes = std::size_t{256} << 10;

std::string from_environment(const char* variable, const char* below, const char* in_home) {
  const char* const chosen = std::getenv(variable);
  if (chosen != nullptr && *chosen != '\0') return std::string{chosen} + below;
  const char* const home = std::getenv("HOME");
  return home == nullptr || *home == '\0' ? std::string{} : std::string{home} + in_home + below;
}

struct Tool {
  std::string_view scheme;
  const formats::Source* source;
  const char* variable;
  const char* in_home;
  const char* below;
  const char* archive_below;   // null: the tool keeps none
  const char* in_config_home;  // where some versions have their folder instead; or null

  /// Empty: without HOME it is not known where it would be.
  std::string folder() const { return from_environment(variable, below, in_home); }
  /// Empty: it is not there.
  std::string archive() const {
    if (archive_below == nullptr) return {};
    std::string path = from_environment(variable, archive_below, in_home);
    return is_folder(path) ? path : std::string{};
  }
  ToolHome home_at(const std::string& path) const {
    ToolHome home{.source = source, .path = path, .transcripts = {}};
    for (const char* const inside : {below, archive_below})
      if (inside != nullptr && is_folder(path + inside)) home.transcripts.push_back(path + inside);
    return home;
  }
};

constexpr Tool tools[] = {
    {"claude:", &formats::claude_code_source, "CLAUDE_CONFIG_DIR", "/.claude", "/projects", nullptr,
     "/claude"},
    {"codex:", &formats::codex_source, "CODEX_HOME", "/.codex", "/sessions", "/archived_sessions",
     nullptr},
};

/// What a file holds of a session.
struct Piece : SessionPiece {
  std::shared_ptr<const FileSums> sums = nullptr;  ///< of a file of this session alone
};

using Pieces = std::vector<Piece>;

/// Keeps what was made of a file until it is summed up, if it is not too long.
class FiguresKeeper {
 public:
  /// `wanted`: false: keeps nothing. `before`: what was read of the file before; null: nothing.
  FiguresKeeper(bool wanted, const KnownFiles::Beginning* before) {
    if (wanted) kept_.emplace();
    if (!wanted || before == nullptr) return;
    kept_->after = before->stamp;
    kept_->events_before = before->pieces.empty() ? 0 : before->pieces.front().events;
  }

  void take(formats::SourceEvent event) {
    if (!kept_) return;
    const Draft& draft = event.draft;
    const std::uint64_t bytes =
        sizeof event + draft.type.size() + draft.payload.size() + draft.metadata.size();
    bytes_ += bytes;
    if (event.session == 0 && bytes_ <= file_bytes_max)
      return kept_->events.push_back(std::move(event));
    kept_.reset();
  }

  std::optional<TranscriptFigures> of(formats::Transcript& transcript) {
    if (!kept_ || transcript.sessions().size() != 1) return std::nullopt;
    kept_->session_id = transcript.sessions().front().id;
    kept_->tally = transcript.tally();
    return std::move(kept_);
  }

 private:
  static constexpr std::uint64_t file_bytes_max = std::uint64_t{16} << 20;
  std::uint64_t bytes_ = 0;
  std::optional<TranscriptFigures> kept_;
};

/// What a file holds, and what is known at its end.
struct ReadPieces {
  Pieces pieces;
  std::optional<std::string> state;
};

/// Takes the events that were made of a transcript.
void add_events(formats::Transcript& transcript, Pieces& pieces, FiguresKeeper& keeper) {
  for (formats::SourceEvent& event : transcript.take_events()) {
    if (event.session >= pieces.size()) pieces.resize(event.session + 1);
    Piece& piece = pieces[event.session];
    const Timestamp at = *event.draft.timestamp;
    piece.first = piece.events == 0 ? at : std::min(piece.first, at);
    piece.last = piece.events == 0 ? at : std::max(piece.last, at);
    ++piece.events;
    if (!event.compact) event.draft.payload = json::compact(event.draft.payload);
    keeper.take(std::move(event));
  }
}

/// How a file is read.
struct Reading {
  const SumFile* sum = nullptr;
  bool keeps_state = false;  ///< for when it has grown
};

/// Gives up to so many bytes; 0 at the end.
using ReadBytes = std::function<Result<std::size_t>(char*, std::size_t)>;

/// `input` says what the file is, `read_bytes` gives what is to be read of it. `before`, if not
/// null: what was read of it before. Errors: io; invalid (`before` is of no use).
Result<ReadPieces> pieces_of(const ByteInput& input, const ReadBytes& read_bytes,
                             const formats::Source& source, const Reading& reading,
                             const KnownFiles::Beginning* before) {
  formats::Transcript transcript{{.fallback_id = stem_of(input.path()),
                                  .file_changed_at = input.changed_at(),
                                  .made = formats::Made::figures},
                                 &source};
  ReadPieces read;
  Pieces& pieces = read.pieces;
  FiguresKeeper keeper{reading.sum != nullptr, before};
  if (before != nullptr) {
    if (!transcript.resume(before->state)) return fail(Code::invalid, "a state of another program");
    for (const SessionPiece& piece : before->pieces) pieces.push_back({piece});
  }
  std::string chunk(chunk_bytes, '\0');
  for (bool end = false; !end;) {
    const auto got = read_bytes(chunk.data(), chunk.size());
    if (!got) return std::unexpected{got.error()};
    end = *got == 0;
    if (end && reading.keeps_state && !input.compressed()) read.state = transcript.state();
    auto fed = end ? transcript.end() : transcript.feed({chunk.data(), *got});
    if (!fed) return std::unexpected{fed.error()};
    add_events(transcript, pieces, keeper);
  }
  pieces.resize(transcript.sessions().size());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    pieces[i].session = transcript.sessions()[i];
    pieces[i].source = &source;
    if (pieces[i].events == 0) pieces[i].first = pieces[i].last = pieces[i].session.created_at;
  }
  if (const auto figures = keeper.of(transcript))
    if (auto sums = (*reading.sum)(input.path(), pieces.front().session.labels, *figures))
      pieces.front().sums = std::make_shared<FileSums>(std::move(*sums));
  return read;
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

/// The file's sessions, if it is one of the folder's tool.
Result<ReadPieces> look_at(const std::string& path, const formats::Source& source,
                           const Reading& reading) {
  auto input = ByteInput::open(path);
  if (!input) return std::unexpected{input.error()};
  const auto found = source_of_file(*input, source);
  if (!found) return std::unexpected{found.error()};
  if (*found == nullptr) return ReadPieces{};
  return pieces_of(
      *input, [&](char* into, std::size_t size) { return input->read(into, size); }, **found,
      reading, nullptr);
}

/// The same, from where it ended when it was read before. Errors: all of it is to be read.
Result<ReadPieces> look_on(const std::string& path, const KnownFiles::Beginning& before,
                           const Reading& reading) {
  if (before.pieces.empty()) return fail(Code::invalid, "it held no session");
  auto input = ByteInput::open(path);
  if (!input) return std::unexpected{input.error()};
  const OpenFile added{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  auto at = static_cast<off_t>(before.stamp.size_bytes);
  const auto read_added = [&](char* into, std::size_t size) -> Result<std::size_t> {
    const ssize_t got = ::pread(added.number(), into, size, at);
    if (got < 0) return fail(Code::io, "cannot read " + in_quotes(path));
    at += got;
    return static_cast<std::size_t>(got);
  };
  return pieces_of(*input, read_added, *before.pieces.front().source, reading, &before);
}

/// A file that is not known, or not as it is now.
Result<Pieces> learn(const std::string& path, const KnownFiles::Look& look,
                     const formats::Source& source, const SumFile* sum, KnownFiles& known) {
  const auto before = known.beginning(look, source);
  const Reading reading{sum, KnownFiles::keeps_state_of(look)};
  auto read = before ? look_on(path, *before, reading) : look_at(path, source, reading);
  if (before && !read) read = look_at(path, source, reading);
  if (!read) return std::unexpected{read.error()};
  known.keep_pieces(look, source, {read->pieces.begin(), read->pieces.end()});
  if (read->state) known.keep_state(look, *read->state);
  return std::move(read->pieces);
}

/// What each file holds; those that are not known are looked at by as many threads as there are
/// cores.
std::vector<Result<Pieces>> look_at_all(const std::vector<std::string>& files,
                                        const formats::Source& source, const SumFile* sum,
                                        KnownFiles& known) {
  std::vector<Result<Pieces>> found(files.size());
  std::vector<std::pair<std::size_t, KnownFiles::Look>> unknown;
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto look = known.look_at({files[i]});
    const auto pieces = known.pieces(look, source);
    if (!pieces) unknown.emplace_back(i, std::move(look));
    else
      for (const SessionPiece& piece : *pieces) found[i]->push_back({piece});
  }
  side_by_side(unknown.size(), [&](std::size_t, std::size_t n) {
    const auto& [i, look] = unknown[n];
    found[i] = learn(files[i], look, source, sum, known);
  });
  return found;
}

/// The files that may hold it, and those that may hold other records of the same sessions.
std::vector<std::string> files_that_may_hold(const std::vector<std::string>& files,
                                             const formats::Source& source, const RawFilter& raw) {
  // Other tools' records do not name their sessions.
  const bool tells_ids = &source == &formats::claude_code_source;
  std::vector<FileScan> scans(cores());
  std::vector<NamedIds> named(files.size());
  std::vector<char> may_hold(files.size());
  side_by_side(files.size(), [&](std::size_t thread, std::size_t i) {
    const auto may = scans[thread].may_hold(files[i], raw, tells_ids ? &named[i] : nullptr);
    may_hold[i] = may.value_or(true) ? 1 : 0;
  });
  const bool some = std::ranges::find(may_hold, 1) != may_hold.end() &&
                    std::ranges::find(may_hold, 0) != may_hold.end();
  side_by_side(some && tells_ids ? files.size() : 0, [&](std::size_t, std::size_t i) {
    if (may_hold[i] != 0) static_cast<void>(named[i].add(files[i]));
  });
  NamedIds::Ids ids;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (may_hold[i] != 0) ids.insert(named[i].ids().begin(), named[i].ids().end());
  for (std::size_t i = 0; i < files.size(); ++i)
    if (some && may_hold[i] == 0 && (!tells_ids || named[i].has_one_of(ids))) may_hold[i] = 1;
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < files.size(); ++i)
    if (may_hold[i] != 0) kept.push_back(files[i]);
  return kept;
}

/// The pieces of one session.
struct PiecesOfSession {
  struct At {
    Piece piece;
    std::string path;
    bool alone = true;  ///< in its file
  };
  std::vector<At> all;

  // The beginning first, and of copies the longest.
  TranscriptSession session(bool counted, KnownFiles& known) {
    std::ranges::sort(all, {}, [](const At& at) {
      return std::tuple{at.piece.first, ~at.piece.events, at.path};
    });
    const formats::SourceSession& first = all.front().piece.session;
    TranscriptSession whole;
    whole.session.id = first.id;
    whole.session.created_at = first.created_at;
    whole.whole_file = all.size() == 1 && all.front().alone;
    for (const At& at : all) {
      Session& session = whole.session;
      session.labels.insert(at.piece.session.labels.begin(), at.piece.session.labels.end());
      session.created_at = std::min(session.created_at, at.piece.session.created_at);
      session.updated_at = std::max(session.updated_at, at.piece.last);
      if (whole.title.empty()) whole.title = at.piece.session.title;
      whole.paths.push_back(at.path);
      whole.sources.push_back(at.piece.source);
    }
    if (whole.whole_file) whole.sums = std::move(all.front().piece.sums);
    whole.session.event_count = all.front().piece.events;
    if (counted && all.size() > 1) count(whole, known);
    return whole;
  }

 private:
  static void count(TranscriptSession& whole, KnownFiles& known) {
    const auto look = known.look_at(whole.paths);
    if (const auto events = known.count(look, whole.session.id)) {
      whole.session.event_count = *events;
      return;
    }
    const auto reader = TranscriptReader::open(
        {.paths = whole.paths, .source = nullptr, .session_id = whole.session.id, .name = {}}, {});
    if (!reader) return;
    whole.session.event_count = 0;
    // Of a transcript that cannot be read on, what came before counts.
    static_cast<void>(
        for_each_event(**reader, [&](const EventView& /*event*/) { ++whole.session.event_count; }));
    known.keep_count(look, whole.session.id, whole.session.event_count);
  }
};

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
    std::string archive = path.empty() ? tool.archive() : std::string{};
    if (path.empty()) path = tool.folder();
    if (!is_folder(path) && !archive.empty()) path = std::exchange(archive, {});
    if (path.empty())
      return fail(Code::not_found,
                  "HOME is not set, and so it is not known where " + in_quotes(tool.scheme) + " is",
                  "name the folder after the colon");
    if (!is_folder(path)) return std::unexpected{why_no_folder(path)};
    return TranscriptFolder{tool.source, std::move(path), std::move(archive)};
  }
  return std::nullopt;
}

std::vector<std::string> transcript_folders_here() {
  std::vector<std::string> found;
  for (const Tool& tool : tools)
    if (const std::string folder = tool.folder(); is_folder(folder) || !tool.archive().empty())
      found.push_back(std::string{tool.scheme} + folder);
  return found;
}

std::optional<ToolHome> tool_home_at(const std::string& folder) {
  for (const Tool& tool : tools)
    if (auto home = tool.home_at(folder); !home.transcripts.empty()) return home;
  return std::nullopt;
}

std::vector<ToolHome> tool_homes_here() {
  std::vector<ToolHome> homes;
  for (const Tool& tool : tools) {
    const char* const variable = std::getenv(tool.variable);
    const bool chosen = variable != nullptr && *variable != '\0';
    if (const auto folder = from_environment(tool.variable, "", tool.in_home); is_folder(folder)) {
      homes.push_back(tool.home_at(folder));
      homes.back().chosen = chosen;
    }
    if (chosen || tool.in_config_home == nullptr) continue;
    ToolHome other =
        tool.home_at(from_environment("XDG_CONFIG_HOME", tool.in_config_home, "/.config"));
    if (!other.transcripts.empty()) homes.push_back(std::move(other));
  }
  return homes;
}

std::string scheme_of_transcripts(const std::string& folder) {
  constexpr int files_looked_at_max = 20;
  std::error_code error;
  std::filesystem::recursive_directory_iterator files{
      folder, std::filesystem::directory_options::skip_permission_denied, error};
  for (int looked_at = 0; !error && files != end(files) && looked_at < files_looked_at_max;
       files.increment(error)) {
    if (files->path().extension() != ".jsonl") continue;
    ++looked_at;
    auto input = ByteInput::open(files->path().string());
    const auto found = input ? kind_of(*input) : std::unexpected{input.error()};
    if (!found || found->source == nullptr) continue;
    for (const Tool& tool : tools)
      if (tool.source->family == found->source->family) return std::string{tool.scheme};
  }
  return {};
}

std::string home_of_tool(const formats::Source& source) {
  for (const Tool& tool : tools)
    if (tool.source->family == source.family)
      return from_environment(tool.variable, "", tool.in_home);
  return {};
}

std::vector<std::string> files_of(const TranscriptFolder& folder, std::vector<Error>& unreadable,
                                  const std::function<void(const std::string&)>& note,
                                  KnownFiles* known) {
  LogFiles files{[&](const Error& error) {
    if (error.code != Code::invalid) unreadable.push_back(error);  // not: it is empty
  }};
  static_cast<void>(files.add(folder.path));
  if (!folder.archive.empty()) static_cast<void>(files.add(folder.archive));
  if (const std::string links = files.note_of_links(); note && !links.empty()) note(links);
  std::vector<std::string> paths;
  for (const LogFile& file : files.files()) {
    if (file.kind != LogFile::Kind::file) continue;
    paths.push_back(file.path);
    if (known != nullptr) known->saw(file.path, file.stamp);
  }
  return paths;
}

Result<const formats::Source*> source_of_file(ByteInput& input, const formats::Source& tool) {
  const auto found = kind_of(input);
  if (!found) {
    if (found.error().code != Code::invalid || is_garbage(input.path()))
      return std::unexpected{found.error()};
    return nullptr;
  }
  const bool is_one = found->source != nullptr && found->source->family == tool.family;
  return is_one ? found->source : nullptr;
}

Result<TranscriptList> list_transcripts(const TranscriptFolder& folder,
                                        const TranscriptListing& listing, KnownFiles& known,
                                        const std::function<void(const std::string&)>& note) {
  TranscriptList list;
  std::vector<std::string> looked_at = files_of(folder, list.unreadable, note, &known);
  if (listing.raw != nullptr)
    looked_at = files_that_may_hold(looked_at, *folder.source, *listing.raw);
  std::map<std::string, PiecesOfSession> by_id;
  auto found = look_at_all(looked_at, *folder.source, listing.sum, known);
  for (std::size_t i = 0; i < found.size(); ++i) {
    // One that was removed meanwhile is none of them.
    if (!found[i] && found[i].error().code != Code::not_found)
      list.unreadable.push_back(found[i].error());
    if (!found[i]) continue;
    for (Piece& piece : *found[i]) {
      auto& all = by_id[piece.session.id].all;
      all.push_back({std::move(piece), looked_at[i], found[i]->size() == 1});
    }
  }
  for (auto& [id, pieces] : by_id) list.sessions.push_back(pieces.session(listing.counted, known));
  if (list.sessions.empty() && !list.unreadable.empty())
    return fail(Code::io, list.unreadable.front().message, list.unreadable.front().hint);
  std::ranges::sort(list.sessions, [](const TranscriptSession& a, const TranscriptSession& b) {
    return std::tie(b.session.created_at, a.session.id) <
           std::tie(a.session.created_at, b.session.id);
  });
  return list;
}

}  // namespace agentstore::cmd
