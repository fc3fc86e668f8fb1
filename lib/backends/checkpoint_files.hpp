// checkpoints/ID/SIZE.note: the signed notes of how long a session's log was, and what it held.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "backends/data_folder.hpp"

namespace agentstore {

/// `folder` outlives it.
class CheckpointFiles {
 public:
  explicit CheckpointFiles(const DataFolder& folder) : folder_(folder) {}

  /// The note of the greatest size; nothing where there is none. Errors: io.
  Result<std::optional<std::string>> newest(std::string_view id) const;
  /// Durable on return. Errors: io.
  Result<void> save(std::string_view id, std::uint64_t size, std::string_view note) const;

 private:
  Path path(std::string_view id, std::uint64_t size) const;

  const DataFolder& folder_;
};

}  // namespace agentstore
