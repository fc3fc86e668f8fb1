// What an import left of each file, so that the next one opens only those that changed since.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/internal/file_stamp.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore::cmd {

class ImportedFiles {
 public:
  /// What a file held of a session.
  struct Held {
    std::string session_id;
    std::uint64_t events = 0;
  };
  struct File {
    FileStamp stamp;
    std::string format;
    std::vector<Held> sessions;
  };

  /// Of imports into the data folder by the same readers, with the same `options`; of another store
  /// none are kept.
  ImportedFiles(std::string store, std::string_view options);

  /// What the file held, where it is as it was, and so is what was made of it. Opens nothing.
  const File* unchanged(const std::string& path) const;
  /// `file.stamp` was taken before the file was opened.
  void imported(const std::string& path, File file);
  /// After the store was closed. Does nothing where nothing was imported.
  void save();

 private:
  bool is_there(const Held& held) const;

  const std::string store_;
  const std::string header_;
  const Timestamp begun_;
  std::map<std::string, File> files_;
  std::map<std::string, std::uint64_t> log_bytes_;  // of each session, at least
  bool changed_ = false;
};

}  // namespace agentstore::cmd
