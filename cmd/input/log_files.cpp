#include "cmd/input/log_files.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

#include "agentstore/json.hpp"
#include "cmd/input/file_kinds.hpp"
#include "cmd/quoting.hpp"
#include "cmd/read_whole.hpp"

namespace agentstore::cmd {
namespace {

constexpr int depth_max = 64;

bool is_named_like_a_log(std::string_view path) {
  for (const std::string_view packed : {".gz", ".zst"})
    if (path.ends_with(packed)) path.remove_suffix(packed.size());
  return path.ends_with(".jsonl") || path.ends_with(".ndjson") || path.ends_with(".json");
}

LogFile file_in_folder(const std::string& path, const struct stat& status) {
  return {.path = path,
          .size_bytes = static_cast<std::uint64_t>(status.st_size),
          .stamp = file_stamp_of(status)};
}

/// Whether it is the file of a session, as a store has them.
bool is_session_file(const std::filesystem::directory_entry& entry) {
  constexpr std::size_t bytes_max = std::size_t{1} << 20;
  std::error_code error;
  if (entry.path().extension() != ".json" || !entry.is_regular_file(error)) return false;
  const auto text = read_whole_file(entry.path().string(), bytes_max);
  if (!text) return false;
  const json::Value session = json::first_value(*text);
  return json::find_text(session, "id") && json::find_text(session, "created_at");
}

/// What is there instead of logs.
std::string what_else(std::span<const std::string> others) {
  std::map<std::string, std::uint64_t, std::less<>> kinds;
  for (const std::string& path : others) ++kinds[kind_of_file(path)];
  return kinds.empty() ? "" : "; " + kinds_text(kinds) + ": not read yet";
}

}  // namespace

std::string kinds_text(const std::map<std::string, std::uint64_t, std::less<>>& kinds) {
  std::string text;
  for (const auto& [kind, count] : kinds) {
    const bool one = count == 1 && kind.ends_with('s');
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count,
                        one ? kind.substr(0, kind.size() - 1) : kind);
  }
  return text;
}

bool is_folder(const std::string& path) {
  struct stat found{};
  return ::stat(path.c_str(), &found) == 0 && S_ISDIR(found.st_mode);
}

bool is_data_folder(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_regular_file(path + "/agentstore.json", error)) return true;
  // Other tools have folders of these names, too.
  if (is_folder(path + "/projects")) return false;
  if (is_folder(path + "/events")) return true;
  std::filesystem::directory_iterator at{path + "/sessions", error};
  for (; !error && at != std::filesystem::directory_iterator{}; at.increment(error))
    if (is_session_file(*at)) return true;
  return false;
}

std::filesystem::path store_of_log(const std::filesystem::path& log) {
  if (log.extension() != ".jsonl" || log.parent_path().filename() != "events") return {};
  const auto events = log.parent_path();
  const auto folder = events.has_parent_path() ? events.parent_path() : std::filesystem::path{"."};
  std::error_code error;
  return std::filesystem::is_regular_file(folder / "agentstore.json", error)
             ? folder
             : std::filesystem::path{};
}

bool LogFiles::add(const std::string& path) {
  struct stat found{};
  const bool known = path != "-" && ::stat(path.c_str(), &found) == 0;
  if (known && found_.contains({found.st_dev, found.st_ino})) return false;
  if (path != "-" && is_folder(path)) {
    const std::size_t before = files_.size();
    const std::size_t others_before = others_.size();
    std::error_code ignored;
    root_ = std::filesystem::canonical(path, ignored);
    if (is_data_folder(path)) {
      found_.emplace(found.st_dev, found.st_ino);
      files_.push_back({path, LogFile::Kind::data_folder, true, 0});
    } else {
      walk(path, 0);
    }
    for (const std::string& link : std::exchange(links_, {})) follow(link);
    if (files_.size() == before)
      on_error_(
          {Code::invalid,
           "cannot import " + in_quotes(path) + ": there is no log in it" +
               what_else(std::span{others_}.subspan(others_before)),
           "a log's name ends in .jsonl, .ndjson or .json; a data folder has a folder events"});
    return true;
  }
  if (known) found_.emplace(found.st_dev, found.st_ino);
  files_.push_back(
      {path, LogFile::Kind::file, true, known ? static_cast<std::uint64_t>(found.st_size) : 0});
  return true;
}

void LogFiles::walk(const std::string& folder, int depth) {
  struct stat status{};
  if (depth > depth_max)
    on_error_({Code::io, "cannot read the folder " + in_quotes(folder) + ": it lies too deep"});
  if (::stat(folder.c_str(), &status) != 0 || depth > depth_max) return;
  if (!found_.emplace(status.st_dev, status.st_ino).second) return;
  std::error_code error;
  std::vector<std::string> entries;
  std::filesystem::directory_iterator at{folder, error};
  for (; !error && at != std::filesystem::directory_iterator{}; at.increment(error))
    entries.push_back(at->path().string());
  if (error)
    on_error_({Code::io, "cannot read the folder " + in_quotes(folder) + ": " + error.message()});
  std::ranges::sort(entries);
  for (const std::string& entry : entries) add_entry(entry, depth + 1);
}

bool LogFiles::leads_out(const std::string& link) const {
  std::error_code error;
  const auto target = std::filesystem::canonical(link, error);
  // What leads nowhere leads nowhere else.
  return !error && std::ranges::mismatch(root_, target).in1 != root_.end();
}

void LogFiles::cannot_look_at(const std::string& path) {
  on_error_({Code::io, "cannot look at " + in_quotes(path) + ": " + std::strerror(errno)});
}

void LogFiles::add_entry(const std::string& path, int depth) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) {
    // One that was removed meanwhile is none; others may be logs.
    if (errno != ENOENT) cannot_look_at(path);
    return;
  }
  if (S_ISLNK(status.st_mode)) return links_.push_back(path);
  if (S_ISDIR(status.st_mode)) {
    if (is_data_folder(path)) files_.push_back({path, LogFile::Kind::data_folder, false, 0});
    else walk(path, depth);
  } else if (S_ISREG(status.st_mode) && found_.emplace(status.st_dev, status.st_ino).second) {
    if (is_named_like_a_log(path)) files_.push_back(file_in_folder(path, status));
    else others_.push_back(path);
  }
}

// Once all else was walked: folders in it are known by then. A file may have another name there.
void LogFiles::follow(const std::string& link) {
  struct stat status{};
  if (::stat(link.c_str(), &status) != 0) {
    // A link to nothing, or to itself, is none.
    if (errno != ENOENT && errno != ELOOP && is_named_like_a_log(link)) cannot_look_at(link);
    return;
  }
  const bool folder = S_ISDIR(status.st_mode);
  if (!folder && (!S_ISREG(status.st_mode) || !is_named_like_a_log(link))) return;
  if (leads_out(link)) {
    if (links_out_++ == 0) first_link_out_ = link;
    return;
  }
  if (folder || !found_.emplace(status.st_dev, status.st_ino).second) return;
  files_.push_back(file_in_folder(link, status));
}

std::string LogFiles::note_of_links() const {
  if (links_out_ == 0) return {};
  const bool one = links_out_ == 1;
  return fmt::format(
      "{}{} out of the folder that was named, and {} not followed: {}{}; name what is wanted of it",
      links_out_, one ? " link leads" : " links lead", one ? "was" : "were",
      in_quotes(first_link_out_), one ? "" : ", ...");
}

}  // namespace agentstore::cmd
