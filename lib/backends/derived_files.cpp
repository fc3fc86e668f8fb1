#include "backends/derived_files.hpp"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <string_view>
#include <vector>

#include "agentstore/json.hpp"
#include "backends/snapshot_files.hpp"

namespace agentstore {
namespace {

using IsOurs = std::function<bool(std::string_view name)>;

// Of a folder that may be missing.
Result<std::vector<std::string>> names_in(System& system, const Path& folder) {
  auto names = list_folder(system, folder);
  if (!names && names.error().code == Code::not_found) return std::vector<std::string>{};
  return names;
}

// Deletes, durably, a folder's files with names of ours.
Result<void> clear_folder(System& system, const Path& folder, const IsOurs& is_ours) {
  const auto names = list_folder(system, folder);
  if (!names && names.error().code == Code::not_found) return {};
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    if (!is_ours(name)) continue;
    const Path path = folder / name;
    const int error = system.unlink(path.c_str());
    if (error < 0 && error != -ENOENT) return system_error("delete", path, -error);
  }
  return sync_folder(system, folder);
}

// Errors: io; so where it is a link.
Result<bool> is_folder(System& system, const Path& path) {
  const auto status = status_of(system, path);
  if (!status) return std::unexpected(status.error());
  if (*status && S_ISLNK((*status)->mode)) return system_error("list", path, ELOOP);
  return *status && S_ISDIR((*status)->mode);
}

// Of whatever key, or a temporary file of it.
bool is_fold(std::string_view name) {
  return !snapshot_named(name).empty();
}

Result<void> forget_folds(const DataFolder& folder, const std::string& session_id) {
  System& system = folder.system();
  const Path folds = folder.root() / "folds" / session_id;
  const auto projections = names_in(system, folds);
  if (!projections) return std::unexpected(projections.error());
  for (const std::string& projection : *projections) {
    const auto status = status_of(system, folds / projection);
    if (!status) return std::unexpected(status.error());
    if (*status && S_ISREG((*status)->mode)) continue;  // not one of ours
    if (auto done = clear_folder(system, folds / projection, is_fold); !done) return done;
  }
  return {};
}

// Titles are at most of 72 bytes, and cut between characters.
constexpr std::size_t cut_title_bytes_min = 69;

bool is_title_of_text(std::string_view name, std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  const std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  return line == name || (name.size() >= cut_title_bytes_min && line.starts_with(name));
}

// Of the strings in a JSON text, wherever they are in it.
bool is_title_in(std::string_view name, std::string_view json) {
  for (std::size_t at = json.find('"'); at != json.npos; at = json.find('"', at)) {
    std::size_t end = at + 1;
    while (end < json.size() && json[end] != '"') end += json[end] == '\\' ? 2 : 1;
    end = std::min(end + 1, json.size());
    if (is_title_of_text(name, json::text_of(json.substr(at, end - at)))) return true;
    at = end;
  }
  return false;
}

// The lists of sessions, of whatever key: they hold names.
bool is_list(std::string_view name) {
  return name == "sessions" || name.starts_with("sessions.") ||
         (name.starts_with(".sessions.") && name.ends_with(".tmp"));
}

// A link in the place of the folder is met by forget_cached_aggregates.
Result<void> forget_lists(const DataFolder& folder) {
  System& system = folder.system();
  const auto status = status_of(system, folder.cache());
  if (!status) return std::unexpected(status.error());
  if (!*status || !S_ISDIR((*status)->mode)) return {};
  return clear_folder(system, folder.cache(), is_list);
}

}  // namespace

Result<void> forget_cached_aggregates(const DataFolder& folder, std::string_view session_id) {
  System& system = folder.system();
  const auto cached = is_folder(system, folder.cache());
  if (!cached) return std::unexpected(cached.error());
  if (!*cached) return {};
  auto done = clear_folder(system, folder.cache(), [](std::string_view name) {
    return name.starts_with("aggregates.") ||
           (name.starts_with(".aggregates.") && name.ends_with(".tmp"));
  });
  if (!done) return done;
  // Older versions had a file for each session.
  const Path older = folder.cache() / "stats";
  const auto listed = is_folder(system, older);
  if (!listed) return std::unexpected(listed.error());
  if (!*listed) return {};
  return clear_folder(system, older, [&](std::string_view name) {
    return split_keyed_name(name).name == session_id || name == session_id;
  });
}

bool is_title_of(std::string_view name, std::span<const std::string_view> payloads) {
  return !name.empty() && std::ranges::any_of(payloads, [&](std::string_view payload) {
    return is_title_in(name, payload);
  });
}

std::string title_is_gone(std::string_view session_id) {
  return "session " + std::string{session_id} +
         ": its name, the beginning of a message that was redacted, is gone; where `label` gave "
         "it, the log's event of that change still says it";
}

Result<void> forget_derived(const DataFolder& folder, const std::string& session_id,
                            const Path& own_temp) {
  System& system = folder.system();
  const std::string snapshot = session_id + ".json";
  const std::string log = session_id + ".jsonl";
  auto done = clear_folder(system, folder.root() / "snapshots", [&](std::string_view name) {
    return name == snapshot || is_temp_of(name, snapshot);
  });
  if (done) done = forget_folds(folder, session_id);
  if (done) done = forget_cached_aggregates(folder, session_id);
  if (done) done = forget_lists(folder);
  if (!done) return done;
  return clear_folder(system, folder.root() / "events", [&](std::string_view name) {
    return is_temp_of(name, log) && name != own_temp.filename().native();
  });
}

}  // namespace agentstore
