#include "backends/data_folder.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "agentstore/json.hpp"

namespace agentstore {
namespace {

constexpr const char* marker_name = "agentstore.json";
constexpr const char* git_attributes_name = ".gitattributes";
constexpr std::size_t marker_bytes_max = 1 << 16;
constexpr std::array parts = {"sessions", "events", "snapshots", "locks"};
constexpr std::size_t id_bytes_max = 240;

// The mode of the folder, links followed; nothing where there is none.
Result<std::optional<mode_t>> mode_of_folder(System& system, const Path& path) {
  const int number = system.open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (number == -ENOENT) return std::nullopt;
  if (number == -ENOTDIR) return fail(Code::invalid, path.string() + " is not a folder");
  if (number < 0) return system_error("open", path, -number);
  const Descriptor folder{system, number};
  const auto status = status_of(system, folder, path);
  if (!status) return std::unexpected(status.error());
  return status->mode & 0777U;
}

// Syncs a folder, unless it is one that we may not read: then it is not ours to vouch for.
Result<void> sync_if_let(System& system, const Path& path) {
  const int number = system.open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (number == -EACCES) return {};
  const Descriptor folder{system, number};
  return sync_folder(system, path);
}

std::unexpected<Error> no_store(const Path& root) {
  return fail(Code::not_found, "there is no store at " + root.string());
}

}  // namespace

bool is_file_name(std::string_view id) {
  return !id.empty() && id.size() <= id_bytes_max && id.front() != '.' &&
         id.find_first_of(std::string_view{"/\0", 2}) == id.npos;
}

Result<DataFolder> DataFolder::open(System& system, Path root, bool create) {
  DataFolder folder{system, std::move(root)};
  const auto mode = mode_of_folder(system, folder.root_);
  if (!mode) return std::unexpected(mode.error());
  if (!*mode) {
    if (!create) return no_store(folder.root_);
    return folder;
  }
  folder.mode_ = **mode;
  const auto names = list_folder(system, folder.root_);
  if (!names) return std::unexpected(names.error());
  const auto has = [&](const char* name) {
    return std::find(names->begin(), names->end(), name) != names->end();
  };
  if (has(marker_name)) {
    if (auto known = folder.check_marker(); !known) return std::unexpected(known.error());
    return folder;
  }
  if (has("sessions") || has("events")) return folder;
  if (!names->empty()) {
    return fail(Code::invalid, folder.root_.string() + " is a folder of something else",
                "name an empty folder, or one that does not exist yet");
  }
  if (!create) return no_store(folder.root_);
  return folder;
}

bool DataFolder::marked() const {
  const auto marker = status_of(*system_, root_ / marker_name);
  return marker && *marker;
}

Result<void> DataFolder::check_marker() const {
  const Path path = root_ / marker_name;
  const auto text = read_file(*system_, path, marker_bytes_max);
  if (!text) return std::unexpected(text.error());
  const bool valid = !json::check(*text, json::rules_to_read);
  const auto format = valid ? json::find_integer(*text, "format") : std::nullopt;
  if (!format)
    return fail(Code::corrupt, path.string() + " does not say which format this store has");
  if (*format != 1) {
    return fail(Code::unsupported,
                root_.string() + " has format " + std::to_string(*format) +
                    ", and this version knows format 1",
                "use a newer agentstore");
  }
  return {};
}

Result<void> DataFolder::make_root() {
  Path made;
  const Path whole = root_.has_filename() ? root_ : root_.parent_path();
  for (const Path& part : whole) {
    made /= part;
    const auto mode = mode_of_folder(*system_, made);
    if (!mode) return std::unexpected(mode.error());
    if (*mode) {
      // Whoever made it may have died, or failed, before its parent's sync.
      if (auto done = sync_if_let(*system_, made.parent_path()); !done) return done;
      continue;
    }
    if (auto done = make_folder(*system_, made, made == whole ? mode_ : 0777); !done) return done;
  }
  return {};
}

// Logs are sealed by the byte: git is not to convert their line ends. What a user wrote is left as
// it is.
Result<void> DataFolder::keep_git_from_converting() {
  const Path path = root_ / git_attributes_name;
  const auto there = status_of(*system_, path);
  if (!there) return std::unexpected(there.error());
  return *there ? Result<void>{} : replace_file(*system_, path, "* -text\n", file_mode());
}

Result<void> DataFolder::prepare_for_writing() {
  if (prepared_) return {};
  const Path marker = root_ / marker_name;
  const auto there = status_of(*system_, marker);
  if (!there) return std::unexpected(there.error());
  if (!*there) {
    if (auto made = make_root(); !made) return made;
  }
  for (const char* const part : parts) {
    if (auto made = make_folder(*system_, root_ / part, mode_); !made) return made;
  }
  if (!*there) {
    if (auto done = keep_git_from_converting(); !done) return done;
    if (auto done = replace_file(*system_, marker, "{\"format\":1}\n", file_mode()); !done)
      return done;
  }
  prepared_ = true;
  return {};
}

}  // namespace agentstore
