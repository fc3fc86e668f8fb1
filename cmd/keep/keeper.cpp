#include "cmd/keep/keeper.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <span>
#include <string_view>

#include "cmd/home_folder.hpp"
#include "cmd/import/importer.hpp"
#include "cmd/import/source_keeping.hpp"
#include "cmd/input/retention.hpp"
#include "cmd/keep/session_indexes.hpp"
#include "cmd/keep/store_lock.hpp"
#include "cmd/store_name.hpp"
#include "cmd/words/labels.hpp"
#include "formats/answers/keep.hpp"

namespace agentstore::cmd {
namespace {

constexpr int lock_wait_ms = 5000;
constexpr std::int64_t day_s = std::int64_t{24} * 3600;
constexpr std::int64_t week_s = 7 * day_s;
constexpr std::size_t oldest_shown = 3;

bool is_below(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

/// The id that the path of a transcript tells: its name, or the UUID at the end of that; of a
/// sub-agent's in SESSION/subagents, with the session's behind it.
std::string id_in_path(const std::string& file) {
  const std::string_view path = file;
  constexpr std::size_t uuid_bytes = 36;
  std::string_view name = path.substr(path.rfind('/') + 1);
  name = name.substr(0, name.find(".jsonl"));
  const bool rollout = name.starts_with("rollout-") && name.size() > uuid_bytes;
  if (rollout) name = name.substr(name.size() - uuid_bytes);
  const auto folder = std::filesystem::path{file}.parent_path();
  if (folder.filename() != "subagents") return std::string{name};
  return std::string{name} + '.' + folder.parent_path().filename().string();
}

/// A folder of --from: a tool's, or one in it, or any with transcripts.
ToolHome home_of(const std::string& path) {
  if (auto home = tool_home_at(path)) return std::move(*home);
  if (auto home = tool_home_at(std::filesystem::path{path}.parent_path().string()))
    if (std::ranges::find(home->transcripts, path) != home->transcripts.end()) {
      home->transcripts = {path};
      return std::move(*home);
    }
  return {.source = nullptr, .path = path, .transcripts = {path}};
}

class Keeper {
 public:
  Keeper(Context& context, const KeepCommand& options, const KeepFolders& folders,
         const std::string& store)
      : context_{context},
        options_{options},
        folders_{folders.folders},
        store_name_{store},
        unreadable_{folders.missing} {
    answer_.store = store;
    answer_.dry_run = options.dry_run;
    import_.dry_run = options.dry_run;
  }

  int run() {
    const auto warn = [this](const std::string& text) { context_.warn(text); };
    for (const KeepFolder& folder : folders_)
      if (folder.home.source != nullptr) read_indexes(folder.home, indexes_, warn);
    find_files();
    if (files_.empty() && indexes_.sessions.empty()) {
      if (unreadable_.empty()) return refuse_nothing();
      if (unreadable_.front().code == Code::not_found) return context_.refuse(unreadable_.front());
    }
    if (!options_.dry_run) make_folder();
    Result<OpenFile> lock;
    if (!options_.dry_run) lock = lock_store(store_name_, lock_wait_ms);
    if (!lock) return context_.refuse(lock.error());
    auto store = context_.open_store(store_to_import_into(options_.dry_run), store_name_);
    const bool nothing_yet = !store && store.error().code == Code::not_found;
    if (!store && !(options_.dry_run && nothing_yet)) return context_.refuse(store.error());
    const int status = import(store ? &*store : nullptr);
    tell_deletions();
    answer_.prompts_of_nobody = indexes_.without_id;
    answer_.look_command =
        "agentstore sessions" +
        (is_default_store() ? std::string{} : " --store " + shell_word(store_name_));
    if (context_.common.json) formats::write_keep_json(context_.out, answer_);
    else formats::write_keep_text(context_.out, answer_, context_.screen());
    return context_.finish(status);
  }

 private:
  int refuse_nothing() {
    std::string looked;
    for (const KeepFolder& folder : folders_)
      looked += (looked.empty() ? ": none in " : ", ") + in_quotes(folder.home.path);
    return context_.refuse(
        Code::not_found,
        "there are no transcripts of Claude Code or Codex on this machine" + looked,
        "--from DIR names another folder; CLAUDE_CONFIG_DIR and CODEX_HOME say where they are");
  }

  /// Makes the folder first, since that is what is locked; of the place that was not chosen, the
  /// folders above it, too. What cannot be made, the store tells of.
  void make_folder() const {
    std::error_code ignored;
    if (store_name_ == store_of_keep())
      std::filesystem::create_directories(std::filesystem::path{store_name_}.parent_path(),
                                          ignored);
    if (is_folder_name(store_name_)) ::mkdir(store_name_.c_str(), 0700);
  }

  /// Whether commands look there by themselves.
  bool is_default_store() const {
    return context_.common.stores.empty() && context_.own_store_name() == store_name_;
  }

  void find_files() {
    LogFiles found{[this](const Error& error) {
      if (error.code != Code::invalid) unreadable_.push_back(error);  // not: it is empty
    }};
    for (const KeepFolder& folder : folders_) {
      const std::size_t before = found.files().size();
      for (const std::string& transcripts : folder.home.transcripts)
        static_cast<void>(found.add(transcripts));
      formats::KeptFolder& told = answer_.folders.emplace_back();
      if (folder.home.source != nullptr) told.agent = folder.home.source->name;
      told.path = folder.home.path;
      for (const LogFile& file : std::span{found.files()}.subspan(before)) {
        if (file.kind == LogFile::Kind::data_folder)
          context_.note(in_quotes(file.path) + " is a store: `agentstore copy` takes it over");
        else if (is_named_like_transcript(file.path)) {
          ++told.transcripts;
          files_.push_back(file);
        }
      }
    }
    if (const std::string note = found.note_of_links(); !note.empty()) context_.note(note);
  }

  /// Imports, and counts what came of it.
  int import(Store* store) {
    Importer importer{context_, store, store_name_, import_, nullptr};
    for (const Error& error : unreadable_) {
      importer.refuse(error);
      answer_.unkept.push_back({"", error.message});
    }
    // One that was emptied has no format.
    std::vector<LogFile> files;
    std::ranges::copy_if(files_, std::back_inserter(files),
                         [](const LogFile& file) { return file.size_bytes > 0; });
    importer.import(files);
    std::vector<formats::ChangedSource> emptied;
    for (const LogFile& file : files_)
      if (file.size_bytes == 0 && store != nullptr && !options_.dry_run)
        look_at_empty(file, *store, importer, emptied);
    const formats::ImportAnswer& imported = importer.finish();
    std::set<std::string_view> broken;
    for (const formats::ImportedFile& file : imported.files)
      if (file.error) {
        broken.insert(file.path);
        answer_.unkept.push_back({file.path, *file.error});
      }
    std::set<std::string> made;
    std::set<std::string> grown;
    std::set<std::string> there;
    for (const formats::ImportedSession& session : imported.sessions) {
      there.insert(session.session_id);
      if (broken.contains(session.path) || session.error) {
        if (session.created) half_.insert(session.session_id);
        continue;
      }
      answer_.events += session.events;
      if (session.events == 0) continue;
      (session.created ? made : grown).insert(session.session_id);
    }
    for (const std::string& id : made) half_.erase(id);
    answer_.unchanged = imported.unchanged;
    answer_.changed = imported.changed;
    answer_.changed.insert(answer_.changed.end(), emptied.begin(), emptied.end());
    answer_.made = made.size();
    std::erase_if(grown, [&](const std::string& id) { return made.contains(id); });
    answer_.grown = grown.size();
    for (const std::string& path : imported.busy) {
      const Error error{Code::busy,
                        "cannot keep " + in_quotes(path) + " as it is: another process keeps it",
                        "run this again when it is done"};
      importer.refuse(error);
      answer_.unkept.push_back({path, error.message});
    }
    tell_gone(there, store);
    return importer.status();
  }

  /// A transcript that lost all that it held; a new one is nothing yet.
  void look_at_empty(const LogFile& file, Store& store, Importer& importer,
                     std::vector<formats::ChangedSource>& emptied) {
    const auto session = store.session(id_in_path(file.path), false);
    if (!session) return;
    const formats::Source* const source = formats::find_source(label_of(session->labels, "source"));
    if (source == nullptr) return;
    const formats::SourceSession named{
        .id = session->id, .title = {}, .labels = session->labels, .created_at = {}};
    const formats::ImportedSession imported{.path = file.path, .session_id = session->id};
    const auto kept = keep_transcript(store, {.path = file.path,
                                              .stamp = file.stamp,
                                              .source = source,
                                              .sessions = {&named, 1},
                                              .imported = {&imported, 1}});
    if (!kept) return importer.refuse(kept.error());
    emptied.insert(emptied.end(), kept->changed.begin(), kept->changed.end());
  }

  /// What indexes name, or is in the store, and has no transcript any more.
  void tell_gone(std::set<std::string>& there, Store* store) {
    for (const LogFile& file : files_) there.insert(id_in_path(file.path));
    std::set<std::string> held;
    std::set<std::string> only_here;
    const auto sessions = store == nullptr ? Result<std::vector<Session>>{}
                                           : store->sessions({.fresh_counts = false});
    if (sessions)
      for (const Session& session : *sessions) {
        held.insert(session.id);
        if (!is_kept(session, *store)) continue;
        ++answer_.kept;
        if (!there.contains(session.id)) only_here.insert(session.id);
      }
    for (const auto& [id, named] : indexes_.sessions)
      if (!there.contains(id) && !held.contains(id))
        answer_.lost.push_back(
            {id, named.agent, named.title, named.project, named.last_at, named.index});
    // What could not be read may have more.
    if (!unreadable_.empty()) only_here.clear();
    answer_.kept_only_here.assign(only_here.begin(), only_here.end());
    std::ranges::stable_sort(answer_.lost, std::ranges::greater{}, &formats::LostSession::last_at);
  }

  /// Whether it is an agent's, and has all of it that this run has found.
  bool is_kept(const Session& session, const Store& store) const {
    if (!session.labels.contains("source") || half_.contains(session.id)) return false;
    if (!label_of(session.labels, "superseded_by").empty()) return false;
    if (session.event_count > 0) return true;
    const auto fresh = store.session(session.id);
    return fresh && fresh->event_count > 0;
  }

  void tell_deletions() {
    for (const KeepFolder& folder : folders_) {
      if (!folder.found) continue;
      for (const std::string& transcripts : folder.home.transcripts)
        if (const auto retention = folder.home.source == &formats::claude_code_source
                                       ? retention_of_claude(transcripts)
                                       : std::nullopt)
          tell_deletions(transcripts, *retention);
    }
  }

  void tell_deletions(const std::string& folder, const Retention& retention) {
    formats::TranscriptRetention told{.agent = std::string{formats::claude_code_source.name},
                                      .path = folder,
                                      .days = retention.days,
                                      .chosen = retention.chosen,
                                      .oldest = {}};
    const Timestamp at = now();
    for (const LogFile& file : files_) {
      if (!is_below(file.path, folder)) continue;
      const Timestamp changed{file.stamp.modified_ns / 1'000'000'000, 0};
      // More days than there are in the calendar: never.
      const auto days =
          static_cast<std::int64_t>(std::min(retention.days, std::uint64_t{1} << 22U));
      const Timestamp goes{changed.seconds + days * day_s, 0};
      if (!is_writable(changed) || !is_writable(goes)) continue;
      if (goes <= at) ++told.due;
      if (goes.seconds < at.seconds + week_s) ++told.in_week;
      told.oldest.push_back({file.path, changed, goes});
    }
    if (told.oldest.empty()) return;
    const std::size_t shown = std::min(told.oldest.size(), oldest_shown);
    std::ranges::partial_sort(told.oldest, told.oldest.begin() + static_cast<std::ptrdiff_t>(shown),
                              {}, [](const auto& one) { return std::pair{one.goes_at, one.path}; });
    told.oldest.resize(shown);
    answer_.retention.push_back(std::move(told));
  }

  Context& context_;
  const KeepCommand& options_;
  const std::vector<KeepFolder>& folders_;
  const std::string store_name_;
  ImportCommand import_;
  SessionIndexes indexes_;
  std::vector<LogFile> files_;
  std::vector<Error> unreadable_;
  std::set<std::string> half_;  // sessions that are new, and not whole
  formats::KeepAnswer answer_;
};

}  // namespace

KeepFolders folders_to_keep(const std::vector<std::string>& from) {
  KeepFolders found;
  std::set<std::filesystem::path> known;
  const auto add = [&](KeepFolder folder) {
    std::error_code error;
    if (known.insert(std::filesystem::canonical(folder.home.path, error)).second)
      found.folders.push_back(std::move(folder));
  };
  for (ToolHome& home : tool_homes_here()) add({.home = std::move(home)});
  for (const std::string& typed : from) {
    std::string name = std::filesystem::absolute(expand_home(typed)).lexically_normal().string();
    if (name.size() > 1 && name.ends_with('/')) name.pop_back();
    if (is_folder(name)) add({.home = home_of(name), .found = false, .named = name});
    else
      found.missing.push_back(
          {.code = Code::not_found, .message = "there is no folder " + in_quotes(typed)});
  }
  return found;
}

int keep(Context& context, const KeepCommand& options, const KeepFolders& folders,
         const std::string& store) {
  return Keeper{context, options, folders, store}.run();
}

}  // namespace agentstore::cmd
