// Rule files: what stands beside a log and shapes what it comes to. They are not sealed, so an
// answer names those that it was given by, and what they held.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace agentstore {

struct RuleFile {
  std::string file;    ///< its path, as it was named
  std::string sha256;  ///< of its bytes: 64 hex digits, as sha256sum prints them
};

/// Names a file of rules by its content.
RuleFile rule_file(std::string_view path, std::string_view content);

/// Those in force, or that shaped an answer.
struct RuleFiles {
  std::optional<RuleFile> ledger = std::nullopt;
  std::optional<RuleFile> upcasts = std::nullopt;

  bool empty() const { return !ledger && !upcasts; }
};

}  // namespace agentstore
