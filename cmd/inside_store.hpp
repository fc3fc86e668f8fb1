// Whether a file lies in a store: there, nothing but the store itself may write.

#pragma once

#include <optional>
#include <string>

namespace agentstore::cmd {

/// The data folder, ours or the Go library's, that a file at `path` is in, or would be, links
/// followed; nothing where there is none.
std::optional<std::string> store_holding(const std::string& path);

}  // namespace agentstore::cmd
