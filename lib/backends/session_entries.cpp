#include "backends/session_entries.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <optional>
#include <set>

#include "backends/session_file.hpp"

namespace agentstore {
namespace {

constexpr std::size_t session_file_bytes_max = std::size_t{16} << 20;

struct Part {
  const char* folder;
  std::string_view ending;  // of its entries
};
constexpr Part sessions{"sessions", ".json"};
constexpr Part events{"events", ".jsonl"};
constexpr Part checkpoints{"checkpoints", ""};
constexpr std::array parts = {sessions, events, checkpoints};

// Of a folder that may be missing.
Result<void> add_ids(const DataFolder& folder, const Part& part, std::set<std::string>& ids) {
  const Path path = folder.root() / part.folder;
  if (auto allowed = check_folder(folder.system(), path); !allowed) return allowed;
  const auto names = list_folder(folder.system(), path);
  if (!names && names.error().code == Code::not_found) return {};
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    if (name.front() == '.' || !name.ends_with(part.ending)) continue;
    ids.insert(name.substr(0, name.size() - part.ending.size()));
  }
  return {};
}

const char* kind_of(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a FIFO";
  if (S_ISSOCK(mode)) return "a socket";
  return S_ISREG(mode) ? "a file" : "a device";
}

class Look {
 public:
  Look(const DataFolder& folder, std::string_view id) : folder_(folder), id_(id) {}

  SessionEntries run() {
    if (!is_file_name(id_)) {
      found_.known = true;
      add("no session can have this id", {});
      return std::move(found_);
    }
    if (is_folder("sessions", false)) look_at_session_file();
    if (is_folder("events", folder_.marked())) look_at_file(folder_.log_file(id_));
    if (is_folder("checkpoints", false)) look_at_checkpoints();
    return std::move(found_);
  }

 private:
  System& system() const { return folder_.system(); }

  void add(std::string message, const Path& path) {
    found_.findings.push_back({FindingKind::file, 0, 0, 0,
                               path.empty() ? std::move(message) : path.string() + " " + message});
  }
  void add(const Error& error) {
    found_.findings.push_back({FindingKind::file, 0, 0, 0, error.message});
  }

  // The mode of what is there, said to be there; nothing where that is nothing.
  std::optional<mode_t> mode_of(const Path& path) {
    const auto status = status_of(system(), path);
    if (!status) add(status.error());
    if (!status || !*status) return std::nullopt;
    return (*status)->mode;
  }

  bool is_folder(const char* name, bool needed) {
    const Path path = folder_.root() / name;
    const std::size_t before = found_.findings.size();
    const auto mode = mode_of(path);
    if (mode && S_ISDIR(*mode)) return true;
    if (mode) add(std::string{"is not a folder, but "} + kind_of(*mode), path);
    else if (needed && found_.findings.size() == before) add("is missing", path);
    return false;
  }

  // False where it is missing, or was found to be wrong.
  bool look_at_file(const Path& path) {
    const auto mode = mode_of(path);
    if (!mode) return false;
    found_.known = true;
    if (!S_ISREG(*mode)) {
      add(std::string{"is not a regular file, but "} + kind_of(*mode), path);
      return false;
    }
    const auto opened = open_file(system(), path, O_RDONLY);
    if (!opened) add(opened.error());
    return opened.has_value();
  }

  // One that cannot be used tells neither the session's name nor how many events were there. The
  // Go library may leave half of one after a power cut.
  void look_at_session_file() {
    const Path path = folder_.session_file(id_);
    if (!look_at_file(path) || !folder_.marked()) return;
    const auto text = read_file(system(), path, session_file_bytes_max);
    if (!text) return add(text.error());
    if (is_torn_session(*text)) return;  // As if there were none: it was never said to be there.
    const auto session = session_from_json(*text);
    if (!session) add("cannot be used: " + session.error().message, path);
    else if (session->id != id_) add("is that of session \"" + session->id + "\"", path);
  }

  void look_at_checkpoints() {
    const Path path = folder_.checkpoints(id_);
    const auto mode = mode_of(path);
    if (!mode) return;
    found_.known = true;
    if (!S_ISDIR(*mode)) add(std::string{"is not a folder, but "} + kind_of(*mode), path);
  }

  const DataFolder& folder_;
  const std::string id_;
  SessionEntries found_;
};

}  // namespace

Result<void> check_folder(System& system, const Path& path) {
  const auto status = status_of(system, path);
  if (!status) return std::unexpected(status.error());
  if (!*status || S_ISDIR((*status)->mode)) return {};
  return fail(Code::io, path.string() + " is not a folder, but " + kind_of((*status)->mode));
}

Result<std::vector<std::string>> known_ids(const DataFolder& folder) {
  std::set<std::string> ids;
  std::optional<Error> failure;
  for (const Part& part : parts)
    if (auto added = add_ids(folder, part, ids); !added) failure = std::move(added.error());
  if (ids.empty() && failure) return std::unexpected(std::move(*failure));
  return std::vector<std::string>{ids.begin(), ids.end()};
}

Result<std::vector<std::string>> readable_ids(const DataFolder& folder) {
  std::set<std::string> ids;
  for (const Part& part : {sessions, events})
    if (auto added = add_ids(folder, part, ids); !added) return std::unexpected(added.error());
  return std::vector<std::string>{ids.begin(), ids.end()};
}

Result<std::vector<std::string>> lost_ids(const DataFolder& folder) {
  std::set<std::string> ids;
  if (auto added = add_ids(folder, checkpoints, ids); !added) return std::unexpected(added.error());
  std::vector<std::string> lost;
  for (const std::string& id : ids) {
    const auto file = status_of(folder.system(), folder.session_file(id));
    const auto log = status_of(folder.system(), folder.log_file(id));
    if (file && !*file && log && !*log) lost.push_back(id);
  }
  return lost;
}

SessionEntries look_at_entries(const DataFolder& folder, std::string_view id) {
  return Look{folder, id}.run();
}

}  // namespace agentstore
