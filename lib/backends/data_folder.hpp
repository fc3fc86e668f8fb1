// A data folder: what lies where, and whose it is. See agentstore-log(5), "Files".

#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "base/confined_system.hpp"
#include "base/file.hpp"

namespace agentstore {

class DataFolder {
 public:
  /// Looks at the folder; writes nothing. `create`: it may be missing or empty.
  /// Errors: as Store::open.
  static Result<DataFolder> open(System& system, Path root, bool create);

  /// Whether the folder is marked as ours, now: in one of the Go library nothing is cached.
  bool marked() const;
  /// Makes what is missing before the first write: the folder, its parts, the marker, and where
  /// there was no marker `.gitattributes`.
  Result<void> prepare_for_writing();

  Path session_file(std::string_view id) const { return file("sessions", id, ".json"); }
  Path log_file(std::string_view id) const { return file("events", id, ".jsonl"); }
  Path lock_file(std::string_view id) const { return file("locks", id, ".lock"); }
  /// Kept while an id or a name is given: no session can have this lock's name as its id.
  Path names_lock() const { return lock_file("agentstore.names"); }
  Path snapshot_file(std::string_view id) const { return file("snapshots", id, ".json"); }
  Path quarantine(std::string_view id) const { return root_ / "quarantine" / id; }
  Path checkpoints(std::string_view id) const { return root_ / "checkpoints" / id; }
  Path sources(std::string_view id) const { return root_ / "sources" / id; }
  Path cache() const { return root_ / "cache"; }
  Path fold_folder(std::string_view id, std::string_view projection) const {
    return root_ / "folds" / id / projection;
  }

  mode_t folder_mode() const { return mode_; }
  /// The owner's choice for the folder decides who may read the files.
  mode_t file_mode() const { return mode_ & 0666U; }
  /// What lies in the folder is reached through this alone: it follows no link in there.
  System& system() const { return *system_; }
  const Path& root() const { return root_; }

 private:
  DataFolder(System& system, Path root)
      : system_(std::make_unique<ConfinedSystem>(system, root.native())), root_(std::move(root)) {}
  Path file(const char* folder, std::string_view id, const char* ending) const {
    return root_ / folder / (std::string{id} + ending);
  }
  Result<void> check_marker() const;
  Result<void> make_root();
  Result<void> keep_git_from_converting();

  std::unique_ptr<ConfinedSystem> system_;
  Path root_;
  mode_t mode_ = 0700;
  bool prepared_ = false;
};

/// Whether `id` can be a file's name at all: readable where it is, if not always writable.
bool is_file_name(std::string_view id);

}  // namespace agentstore
