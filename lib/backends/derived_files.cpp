#include "backends/derived_files.hpp"

#include <algorithm>
#include <cerrno>
#include <functional>
#include <string_view>
#include <vector>

#include "backends/memo_file.hpp"
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

}  // namespace

Result<void> forget_derived(const DataFolder& folder, const std::string& session_id) {
  System& system = folder.system();
  const std::string snapshot = session_id + ".json";
  const std::string log = session_id + ".jsonl";
  auto done = clear_folder(system, folder.root() / "snapshots", [&](std::string_view name) {
    return name == snapshot || is_temp_of(name, snapshot);
  });
  if (done) done = forget_folds(folder, session_id);
  if (done) done = forget_memos(folder, session_id);
  if (!done) return done;
  return clear_folder(system, folder.root() / "events",
                      [&](std::string_view name) { return is_temp_of(name, log); });
}

}  // namespace agentstore
