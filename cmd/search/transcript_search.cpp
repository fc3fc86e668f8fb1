#include "cmd/search/transcript_search.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "cmd/input/byte_input.hpp"
#include "cmd/input/file_scan.hpp"
#include "cmd/input/named_ids.hpp"
#include "cmd/input/transcript_reader.hpp"

namespace agentstore::cmd {
namespace {

using FileHits = std::vector<HitsInFile>;

/// Every record of a file, if it is one of the tool's.
Result<FileHits> look_at_all_records(const std::string& path, const formats::Source& tool,
                                     const Search& search) {
  auto input = ByteInput::open(path);
  if (!input) return std::unexpected{input.error()};
  const auto source = source_of_file(*input, tool);
  if (!source) return std::unexpected{source.error()};
  if (*source == nullptr) return FileHits{};
  return hits_in_all_records(std::move(*input), **source, search);
}

/// Where there can be no hit, `named`, if not null, gets the ids that are in the file.
Result<FileHits> look_at(FileScan& scan, const std::string& path, const formats::Source& tool,
                         const Search& search, NamedIds* named) {
  const RawFilter& raw = search.questions.raw();
  const auto may = scan.may_hold(path, raw, named);
  if (!may) return std::unexpected{may.error()};
  if (!*may) return FileHits{};
  if (!search.every_record && !raw.takes_all() && &tool == &formats::claude_code_source) {
    auto input = ByteInput::open(path);
    if (!input) return std::unexpected{input.error()};
    auto some = hits_in_some_records(std::move(*input), search);
    if (!some) return std::unexpected{some.error()};
    if (*some) return std::move(**some);
  }
  return look_at_all_records(path, tool, search);
}

/// A folder's files, and what each has of the sessions.
class FolderSearch {
 public:
  FolderSearch(const TranscriptFolder& folder, std::vector<std::string> files, const Search& search)
      : folder_{folder}, files_{std::move(files)}, search_{search}, whole_(files_.size()) {}

  PlaceHits run() {
    std::vector<FileScan> scans(cores());
    found_.resize(files_.size());
    // Other tools' records do not name their sessions.
    if (search_.numbered && folder_.source == &formats::claude_code_source)
      named_.resize(files_.size());
    side_by_side(files_.size(), [&](std::size_t thread, std::size_t i) {
      found_[i] = look_at(scans[thread], files_[i], *folder_.source, search_,
                          named_.empty() ? nullptr : &named_[i]);
      if (found_[i] && !search_.numbered)
        std::erase_if(*found_[i], [](const HitsInFile& one) { return !one.hits.any(); });
      whole_[i] = search_.every_record && found_[i] && !found_[i]->empty() ? 1 : 0;
    });
    std::set<std::string> wanted;
    for (const auto& file : found_)
      if (file)
        for (const HitsInFile& session : *file)
          if (session.hits.any()) wanted.insert(session.hits.found().session_id);
    if (search_.numbered && !wanted.empty()) read_others(wanted);
    collect(wanted);
    hits_.looked_at = files_.size();
    for (const auto& file : found_)
      // One that was removed meanwhile is none of them.
      if (!file && file.error().code != Code::not_found) hits_.unreadable.push_back(file.error());
    return std::move(hits_);
  }

 private:
  /// Files without a hit may hold other events of the sessions: those before the hits.
  void read_others(const std::set<std::string>& wanted) {
    NamedIds::Ids ids;
    for (const std::string& id : wanted) ids.insert(raw_session_id(id));
    side_by_side(files_.size(), [&](std::size_t, std::size_t i) {
      if (whole_[i] == 0 && (named_.empty() || named_[i].has_one_of(ids))) read_whole(i);
    });
  }

  void read_whole(std::size_t i) {
    found_[i] = look_at_all_records(files_[i], *folder_.source, search_);
    whole_[i] = 1;
  }

  void collect(const std::set<std::string>& wanted) {
    std::map<std::string, std::vector<std::size_t>> files_of;
    for (std::size_t i = 0; i < found_.size(); ++i)
      if (found_[i])
        for (const HitsInFile& session : *found_[i])
          if (const std::string& id = session.hits.found().session_id;
              wanted.contains(id) && (session.hits.any() || search_.numbered))
            files_of[id].push_back(i);
    for (auto& [id, files] : files_of) {
      if (files.size() > 1) put_in_order(id, files);
      add(id, files);
    }
  }

  HitsInFile* session_in(std::size_t file, const std::string& id) {
    if (!found_[file]) return nullptr;
    for (HitsInFile& session : *found_[file])
      if (session.hits.found().session_id == id) return &session;
    return nullptr;
  }

  /// As they are read: the beginning first, and of copies the longest.
  void put_in_order(const std::string& id, std::vector<std::size_t>& files) {
    std::vector<std::tuple<Timestamp, std::uint64_t, std::string, std::size_t>> order;
    for (const std::size_t file : files) {
      if (whole_[file] == 0) read_whole(file);
      const HitsInFile* const session = session_in(file, id);
      if (session != nullptr && session->events > 0)
        order.emplace_back(session->first_at, ~session->events, files_[file], file);
    }
    std::ranges::sort(order);
    files.clear();
    for (const auto& place : order) files.push_back(std::get<3>(place));
  }

  void add(const std::string& id, const std::vector<std::size_t>& files) {
    if (files.empty()) return;
    HitCounter& first = session_in(files.front(), id)->hits;
    Labels labels;
    std::string title;
    for (const std::size_t file : files) {
      const HitsInFile& session = *session_in(file, id);
      labels.insert(session.labels.begin(), session.labels.end());
      if (title.empty()) title = session.hits.found().title;
    }
    if (!std::ranges::includes(labels, search_.labels)) return;
    HitCounter hits;
    if (files.size() == 1) {
      hits = std::move(first);
    } else {
      auto once = count_once(id, files);
      if (!once) return hits_.unreadable.push_back(once.error());
      hits = std::move(*once);
    }
    if (!hits.any()) return;
    formats::FoundSession& found = hits.found();
    found.session_id = id;
    found.title = std::move(title);
    if (const auto project = labels.find("project"); project != labels.end())
      found.project = project->second;
    for (const std::size_t file : files) hits.files.push_back(files_[file]);
    hits_.sessions.push_back(std::move(hits));
  }

  /// Of a session in several files: each event counts once.
  Result<HitCounter> count_once(const std::string& id, const std::vector<std::size_t>& files) {
    std::vector<std::string> paths;
    for (const std::size_t file : files) paths.push_back(files_[file]);
    auto reader = TranscriptReader::open(
        {.paths = std::move(paths), .source = nullptr, .session_id = id, .name = {}},
        {.filter = search_.filter, .upcasts = search_.upcasts});
    if (!reader) return std::unexpected{reader.error()};
    HitCounter hits;
    const auto read = for_each_event(**reader, [&](const EventView& event) {
      hits.take(search_.questions, event, search_.numbered);
    });
    if (!read) return std::unexpected{read.error()};
    hits.finish(search_.questions);
    return hits;
  }

  const TranscriptFolder& folder_;
  const std::vector<std::string> files_;
  const Search& search_;
  std::vector<Result<FileHits>> found_;
  std::vector<char> whole_;      // of which every record was read
  std::vector<NamedIds> named_;  // of those without a hit
  PlaceHits hits_;
};

}  // namespace

PlaceHits search_transcripts(Context& context, const TranscriptFolder& folder,
                             const Search& search) {
  std::vector<Error> unreadable;
  const auto note = [&](const std::string& text) { context.note(text); };
  FolderSearch found{folder, files_of(folder, unreadable, note), search};
  PlaceHits hits = found.run();
  hits.unreadable.insert(hits.unreadable.begin(), unreadable.begin(), unreadable.end());
  return hits;
}

}  // namespace agentstore::cmd
