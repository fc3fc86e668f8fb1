#include "backends/check_list.hpp"

#include <algorithm>
#include <optional>

#include "agentstore/json.hpp"
#include "backends/session_cache.hpp"
#include "backends/session_file.hpp"
#include "log/file_source.hpp"
#include "log/log_length.hpp"

namespace agentstore {
namespace {

constexpr std::size_t session_file_bytes_max = std::size_t{16} << 20;
constexpr std::size_t snapshot_bytes_max = std::size_t{1} << 30;

Finding list_finding(std::string message) {
  return {FindingKind::list, 0, 0, 0, "the kept list of sessions " + std::move(message)};
}

Path list_path(const DataFolder& folder, const CacheKey& key) {
  return folder.cache() / ("sessions." + key.id());
}

bool is_there(const DataFolder& folder, const Path& path) {
  const auto status = status_of(folder.system(), path);
  return !status || *status;
}

Stamp stamp_at(const DataFolder& folder, const Path& path) {
  struct stat status{};
  return folder.system().lstat(path.c_str(), status) == 0 ? stamp_of(status) : Stamp{};
}

bool says_the_same(const Session& listed, const Session& read) {
  return listed.name == read.name && listed.labels == read.labels &&
         listed.created_at == read.created_at && listed.updated_at == read.updated_at &&
         listed.event_count == read.event_count;
}

// Whether the log holds what the record says; true where that cannot be read, which others report.
bool counts_right(const DataFolder& folder, const SessionRecord& record, const std::string& id) {
  const auto source = log::FileSource::open(folder.system(), folder.log_file(id), {}, true);
  if (!source) return true;
  const auto length = log::length_of(**source, id);
  return !length || (length->events == record.events &&
                     (length->events == 0 || length->last_at == record.last_at()));
}

std::size_t files_not_of(const DataFolder& folder, const Path& path, std::string_view key_id) {
  const auto names = list_folder(folder.system(), path);
  if (!names) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(*names, [&](std::string_view name) {
    if (name.front() == '.') return false;
    if (name.ends_with(".json")) name.remove_suffix(5);
    return split_keyed_name(name).key_id != key_id;
  }));
}

}  // namespace

std::vector<Finding> check_list(const DataFolder& folder, const CacheKey& key) {
  const Path path = list_path(folder, key);
  if (!is_there(folder, path)) return {};
  const auto list = load_session_cache(folder.system(), path, key);
  if (!list)
    return {list_finding("was altered or forged: " + path.string() +
                         " bears our key's name, and a wrong MAC")};
  std::vector<Finding> findings;
  for (const SessionRecord& record : list->sessions.records) {
    const std::string id{list->sessions.id(record)};
    const bool known = list->sessions_folder.known() && list->events_folder.known();
    if (known && !is_there(folder, folder.session_file(id)) &&
        !is_there(folder, folder.log_file(id)) &&
        stamp_at(folder, folder.root() / "sessions") == list->sessions_folder &&
        stamp_at(folder, folder.root() / "events") == list->events_folder)
      findings.push_back(list_finding("names a session that is not there: " + id));
  }
  return findings;
}

std::vector<Finding> check_list_of(const DataFolder& folder, const CacheKey& key,
                                   std::string_view session_id) {
  const auto list = load_session_cache(folder.system(), list_path(folder, key), key);
  if (!list) return {};
  const std::string id{session_id};
  const SessionRecords& all = list->sessions;
  const auto record = std::ranges::find_if(
      all.records, [&](const SessionRecord& each) { return all.id(each) == id; });
  if (record == all.records.end()) {
    const bool used = list->sessions_folder.known() && list->events_folder.known() &&
                      stamp_at(folder, folder.root() / "sessions") == list->sessions_folder &&
                      stamp_at(folder, folder.root() / "events") == list->events_folder;
    return used ? std::vector{list_finding("leaves this session out")} : std::vector<Finding>{};
  }
  std::vector<Finding> findings;
  // What a stamp tells to be older is read anew, and is in no answer.
  if (record->file.known() && record->file == stamp_at(folder, folder.session_file(id))) {
    const auto text = read_file(folder.system(), folder.session_file(id), session_file_bytes_max);
    const auto read = text ? session_from_json(*text) : std::unexpected(text.error());
    if (read && !says_the_same(all.session(*record), *read))
      findings.push_back(list_finding("says something else than the session's file"));
  }
  if (record->log.known() && record->log == stamp_at(folder, folder.log_file(id)) &&
      !counts_right(folder, *record, id))
    findings.push_back(list_finding("counts other events than the log holds"));
  return findings;
}

std::vector<std::string> foreign_caches(const DataFolder& folder, std::string_view key_id,
                                        std::string_view session_id) {
  std::vector<std::string> told;
  const auto tell = [&](const Path& path, std::size_t files) {
    if (files > 0)
      told.push_back(path.string() + ": " + std::to_string(files) +
                     (files == 1 ? " file is" : " files are") + " not of our key, and never used");
  };
  const Path published = folder.snapshot_file(session_id);
  const auto text = read_file(folder.system(), published, snapshot_bytes_max);
  const bool valid = text && !json::check(*text, json::rules_to_read);
  if (text && (!valid || json::find_text(*text, "cache_key").value_or("") != key_id))
    tell(published, 1);
  const Path folds = folder.root() / "folds" / session_id;
  if (const auto projections = list_folder(folder.system(), folds))
    for (const std::string& projection : *projections)
      tell(folds / projection, files_not_of(folder, folds / projection, key_id));
  const auto names = list_folder(folder.system(), folder.cache());
  if (!names) return told;
  for (const std::string& name : *names) {
    const auto cached_aggregates = list_folder(folder.system(), folder.cache() / name);
    if (!cached_aggregates) continue;
    const auto foreign =
        std::ranges::count_if(*cached_aggregates, [&](std::string_view cached_aggregate) {
          const KeyedName keyed = split_keyed_name(cached_aggregate);
          return keyed.key_id != key_id &&
                 (keyed.name == session_id || cached_aggregate == session_id);
        });
    tell(folder.cache() / name, static_cast<std::size_t>(foreign));
  }
  return told;
}

}  // namespace agentstore
