// What a disk holds, and what it would hold after a power cut: values, cheap to copy.
//
// A file has the content that everybody sees and the content that is on the medium. Bytes written
// since the last sync are dirty by sectors of 512 bytes: at a cut any subset of the dirty sectors
// is there, each as it was at any time since the sync, and the size is any that it had, or any
// sector's end between those. A folder's entries (create, rename, unlink) are pending until the
// folder is synced: at a cut any subset of them is there. A rename is one change, never half of
// one. That is harsher than any file system; one that keeps more order allows some of these states.
//
// A file system with a journal makes the entries changed so far durable with the next sync that
// has something to write (ext4, XFS and Btrfs do). Behind a killed process, and only there, this
// is relied upon: nobody is left who knows that a folder waits for its sync.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace agentstore::reliability {

inline constexpr std::size_t sector_bytes = 512;

struct Node {
  bool folder = false;
  std::string content = {};                   // what everybody sees
  std::string durable = {};                   // what is on the medium
  std::vector<std::string> between = {};      // the contents that it had since the last sync
  std::vector<bool> dirty = {};               // sectors that a sync would write
  std::map<std::string, int> entries = {};    // of a folder: what everybody sees
  std::map<std::string, int> on_medium = {};  // and what is on the medium
};

/// A change of one or two folders' entries that is not on the medium yet.
struct EntryChange {
  int from_folder = -1;  // -1: nothing is removed
  std::string from = {};
  int to_folder = -1;  // -1: nothing is set
  std::string to = {};
  int node = -1;
};

/// One choice that a power cut makes: one of `ways` outcomes.
struct Choice {
  int change = -1;         // of pending(): is it there?
  int node = -1;           // of a file:
  std::size_t sector = 0;  // the sector, or,
  bool size = false;       // the size
  std::uint32_t ways = 2;
};

class Disk {
 public:
  Disk();

  bool journal = false;  ///< a sync that writes makes all entries durable

  /// The node at an absolute path, or -1. `parent` and `name`: where it is, or would be.
  int find(std::string_view path, int* parent = nullptr, std::string* name = nullptr) const;
  const Node& node(int number) const { return *nodes_[static_cast<std::size_t>(number)]; }
  int create(int folder, const std::string& name, bool is_folder);
  void remove(int folder, const std::string& name);
  void rename(int from_folder, const std::string& from, int to_folder, const std::string& to);
  void write(int file, std::size_t offset, std::string_view bytes);
  void truncate(int file, std::size_t size);
  void sync(int node);
  /// A sync that failed: the sectors are clean from now on, and not on the medium.
  void lose(int file);
  void sync_all();

  std::vector<Choice> choices() const;
  /// The disk after a power cut. `outcome[i]` < choices()[i].ways; 0 is what is on the medium, the
  /// last way is what everybody saw.
  Disk cut(const std::vector<Choice>& choices, const std::vector<std::uint32_t>& outcome) const;

  /// Every file that can be reached, with its content, which lives as long as the disk.
  using Files = std::vector<std::pair<std::string, std::string_view>>;
  Files files() const;

 private:
  Node& change(int number);
  void set_entry(const EntryChange& change);
  void apply(const EntryChange& change);
  std::vector<std::string_view> versions(const Node& node) const;
  void list(int folder, const std::string& path, Files& into) const;

  std::vector<std::shared_ptr<const Node>> nodes_;
  std::vector<EntryChange> pending_;
};

}  // namespace agentstore::reliability
