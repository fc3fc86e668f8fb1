// Files to import: those that were named, and those in folders that were named.

#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agentstore/internal/file_stamp.hpp"
#include "agentstore/result.hpp"

namespace agentstore::cmd {

struct LogFile {
  enum class Kind { file, data_folder };
  std::string path;
  Kind kind = Kind::file;
  bool named = false;  ///< on the command line, not found in a folder
  std::uint64_t size_bytes = 0;
  FileStamp stamp = {};  ///< where it was found in a folder
};

/// Walks what was named. In a folder, files count whose names end like a log's (.jsonl, .ndjson,
/// .json, each with or without .gz or .zst), in order of their names. A folder that was named may
/// be a link; links in it are not followed out of it, and what they lead to inside of it is walked
/// once, as is a file that has several names.
class LogFiles {
 public:
  /// Errors: not_found, io: of one folder; the others are walked.
  explicit LogFiles(std::function<void(const Error&)> on_error) : on_error_{std::move(on_error)} {}

  /// False: it was taken before, by that name or another.
  bool add(const std::string& path);
  const std::vector<LogFile>& files() const { return files_; }
  /// Files of folders whose names are not a log's.
  const std::vector<std::string>& others() const { return others_; }
  /// What to tell of links that were not followed; empty: there was none.
  std::string note_of_links() const;

 private:
  void walk(const std::string& folder, int depth);
  void add_entry(const std::string& path, int depth);
  void follow(const std::string& link);
  void cannot_look_at(const std::string& path);
  bool leads_out(const std::string& link) const;

  std::function<void(const Error&)> on_error_;
  std::vector<LogFile> files_;
  std::vector<std::string> others_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> found_;  // device and inode
  std::filesystem::path root_;      // of the folder that is walked, without links
  std::vector<std::string> links_;  // that were met in it
  std::size_t links_out_ = 0;
  std::string first_link_out_;
};

/// "12 SQLite files, 9 JSON documents": how many there are of each kind.
std::string kinds_text(const std::map<std::string, std::uint64_t, std::less<>>& kinds);

bool is_folder(const std::string& path);
/// A folder of ours, or of the Go library.
bool is_data_folder(const std::string& path);

/// The folder of the store that a log is in, by its path; empty where it is in none.
std::filesystem::path store_of_log(const std::filesystem::path& log);

}  // namespace agentstore::cmd
