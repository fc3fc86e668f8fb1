// Writing files below a folder that nothing may lead out of: their names come from a log, which may
// be anybody's. Each folder on the way is opened from the one above it, and no link is followed.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "agentstore/source_file.hpp"
#include "cmd/input/open_file.hpp"

namespace agentstore::cmd {

class TargetFolder {
 public:
  /// The folder itself is made where it is missing, with those above it, once something is written.
  explicit TargetFolder(std::filesystem::path root) : root_{std::move(root)} {}

  const std::filesystem::path& root() const { return root_; }

  /// Gives bytes to what it is called with. Errors: those of the bytes, and of what it is called
  /// with.
  using WriteBytes = std::function<Result<void>(const TakeBytes& take)>;

  enum class There {
    nothing,
    same,     ///< a file with these bytes
    another,  ///< a file with others, or something that is no file
  };
  /// What is at `name`. Errors: invalid (a name that leads elsewhere); io, also where a link is on
  /// the way; those of the bytes.
  Result<There> look(const std::string& name, const WriteBytes& bytes) const;

  /// Puts a new file there, whole or not at all; never over another one. Durable on return. Errors:
  /// as `look`; conflict, where something is there.
  Result<void> write(const std::string& name, const WriteBytes& bytes);

 private:
  struct Place;
  Result<Place> find(const std::string& name, bool make) const;
  std::string shown(const std::string& name) const;

  std::filesystem::path root_;
};

}  // namespace agentstore::cmd
