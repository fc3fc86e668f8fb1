#include "cmd/input/imported_files.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "agentstore/internal/bytes.hpp"
#include "agentstore/internal/cached_text.hpp"
#include "cmd/times.hpp"
#include "formats/sources/source.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::string_view name = "imports";

std::filesystem::path log_of(const std::string& store, const std::string& session_id) {
  return std::filesystem::path{store} / "events" / (session_id + ".jsonl");
}

/// Whoever reads records otherwise, or keeps others of them, has another list.
std::string header_of(std::string_view options) {
  std::string header{"agentstore imports 4"};
  for (const formats::Source* source : formats::sources())
    header += ' ' + formats::reader_of(*source);
  return header + ' ' + std::string{options};
}

}  // namespace

void list_fields(auto& way, Any<ImportedFiles::Held> auto& held) {
  way.fields(held.session_id, held.events);
}

void list_fields(auto& way, Any<ImportedFiles::File> auto& file) {
  auto& stamp = file.stamp;
  way.fields(stamp.device, stamp.inode, stamp.size_bytes, stamp.modified_ns, stamp.changed_ns,
             file.format, file.sessions);
}

ImportedFiles::ImportedFiles(std::string store, std::string_view options)
    : store_{std::move(store)}, header_{header_of(options)}, begun_{now()} {
  const auto bytes = load_cached_text(store_, name);
  if (!bytes) return;
  std::string header;
  ByteReader reader{*bytes};
  reader.take(header);
  if (header == header_) reader.fields(log_bytes_, files_);
  if (reader.at_end()) return;
  log_bytes_.clear();
  files_.clear();
}

// A log that was redacted or cut is shorter.
bool ImportedFiles::is_there(const Held& held) const {
  const auto left = log_bytes_.find(held.session_id);
  const FileStamp log = stamp_of_file(log_of(store_, held.session_id));
  return left != log_bytes_.end() && log.known() && log.size_bytes >= left->second;
}

const ImportedFiles::File* ImportedFiles::unchanged(const std::string& path) const {
  const auto known = files_.find(path);
  if (known == files_.end()) return nullptr;
  const File& file = known->second;
  if (stamp_of_file(path) != file.stamp) return nullptr;
  const bool there =
      std::ranges::all_of(file.sessions, [&](const Held& held) { return is_there(held); });
  return there ? &file : nullptr;
}

void ImportedFiles::imported(const std::string& path, File file) {
  changed_ = true;
  if (!file.stamp.settled(begun_)) return (void)files_.erase(path);
  for (const Held& held : file.sessions) log_bytes_[held.session_id] = 0;
  files_[path] = std::move(file);
}

void ImportedFiles::save() {
  if (!changed_) return;
  for (auto& [id, bytes] : log_bytes_)
    if (bytes == 0) bytes = stamp_of_file(log_of(store_, id)).size_bytes;
  std::erase_if(log_bytes_, [](const auto& log) { return log.second == 0; });
  std::string text;
  ByteWriter{text}.fields(header_, log_bytes_, files_);
  save_cached_text(store_, name, text);
}

}  // namespace agentstore::cmd
