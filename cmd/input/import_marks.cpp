// A line a session, "log ID BYTES", and a line a file, "file MARK FORMAT [ID EVENTS]... PATH", the
// path as a JSON string.

#include "cmd/input/import_marks.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <utility>

#include "agentstore/internal/cached_text.hpp"
#include "agentstore/json.hpp"
#include "cmd/times.hpp"
#include "formats/sources/source.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::string_view name = "imports";

std::filesystem::path log_of(const std::string& store, const std::string& session_id) {
  return std::filesystem::path{store} / "events" / (session_id + ".jsonl");
}

/// Whoever reads records otherwise, or keeps others of them, has other marks.
std::string header_of(std::string_view options) {
  std::string header{"agentstore imports 1"};
  for (const formats::Source* source : formats::sources())
    header += ' ' + formats::reader_of(*source);
  return header + ' ' + std::string{options};
}

}  // namespace

ImportMarks::ImportMarks(std::string store, std::string_view options)
    : store_{std::move(store)}, header_{header_of(options)}, begun_{now()} {
  if (const auto text = load_cached_text(store_, name)) parse(*text);
}

void ImportMarks::parse(std::string_view text) {
  const auto next_line = [&] {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line{text.substr(0, end)};
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
  };
  if (next_line() != header_) return;
  while (!text.empty()) {
    const std::string line = next_line();
    std::istringstream words{line};
    std::string kind;
    std::string id;
    words >> kind;
    if (kind == "log") {
      std::uint64_t bytes = 0;
      if (words >> id >> bytes) log_bytes_[id] = bytes;
      continue;
    }
    File file;
    FileStamp& stamp = file.stamp;
    words >> stamp.device >> stamp.inode >> stamp.size_bytes >> stamp.modified_ns >>
        stamp.changed_ns >> file.format;
    while (words >> id && !id.starts_with('"')) {
      Held held{.session_id = id};
      if (words >> held.events) file.sessions.push_back(std::move(held));
    }
    const std::size_t path = line.find('"');
    if (path != line.npos) files_[json::text_of(line.substr(path))] = std::move(file);
  }
}

// A log that was redacted or cut is shorter.
bool ImportMarks::is_there(const Held& held) const {
  const auto left = log_bytes_.find(held.session_id);
  const FileStamp log = stamp_of_file(log_of(store_, held.session_id));
  return left != log_bytes_.end() && log.known() && log.size_bytes >= left->second;
}

const ImportMarks::File* ImportMarks::unchanged(const std::string& path) const {
  const auto known = files_.find(path);
  if (known == files_.end()) return nullptr;
  const File& file = known->second;
  if (stamp_of_file(path) != file.stamp) return nullptr;
  const bool there =
      std::ranges::all_of(file.sessions, [&](const Held& held) { return is_there(held); });
  return there ? &file : nullptr;
}

void ImportMarks::imported(const std::string& path, File file) {
  changed_ = true;
  if (!file.stamp.settled(begun_)) return (void)files_.erase(path);
  for (const Held& held : file.sessions) log_bytes_[held.session_id] = 0;
  files_[path] = std::move(file);
}

void ImportMarks::save() const {
  if (!changed_) return;
  std::ostringstream text;
  text << header_ << '\n';
  for (const auto& [id, bytes] : log_bytes_) {
    const std::uint64_t left = bytes == 0 ? stamp_of_file(log_of(store_, id)).size_bytes : bytes;
    if (left > 0) text << "log " << id << ' ' << left << '\n';
  }
  for (const auto& [path, file] : files_) {
    const FileStamp& stamp = file.stamp;
    text << "file " << stamp.device << ' ' << stamp.inode << ' ' << stamp.size_bytes << ' '
         << stamp.modified_ns << ' ' << stamp.changed_ns << ' ' << file.format;
    for (const Held& held : file.sessions) text << ' ' << held.session_id << ' ' << held.events;
    text << ' ' << json::quote(path) << '\n';
  }
  save_cached_text(store_, name, text.str());
}

}  // namespace agentstore::cmd
