// Secrets: what must not leave a machine in an export, by one table of named patterns. Few false
// findings matter more than all of the true ones: an answer that is masked everywhere is no answer.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace agentstore::formats {

/// The names of the patterns, in the order of the table: "private key", "AWS access key", ...
std::span<const std::string_view> secret_names();

/// A secret in a text.
struct FoundSecret {
  std::string_view name;  ///< of its pattern
  std::size_t begin_bytes = 0;
  std::size_t bytes = 0;
};

/// Those in a text, in its order, none over another.
std::vector<FoundSecret> find_secrets(std::string_view text);

/// Masks texts one after another, and counts what it masked.
class SecretMask {
 public:
  /// The text with "[redacted: AWS access key]" in the place of each.
  std::string mask(std::string_view text);
  const std::map<std::string_view, std::uint64_t>& counts() const { return counts_; }

 private:
  std::map<std::string_view, std::uint64_t> counts_;
};

/// "2 e-mail addresses, 1 GitHub token"; empty: none.
std::string counts_text(const std::map<std::string_view, std::uint64_t>& counts);

}  // namespace agentstore::formats
