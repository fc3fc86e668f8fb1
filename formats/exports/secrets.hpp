// Secrets: what must not leave a machine in an export, by one table of named patterns. Few false
// findings matter more than all of the true ones: an answer that is masked everywhere is no answer.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
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

/// Masks texts one after another, and remembers what it masked, in memory alone.
class SecretMask {
 public:
  /// The text with "[redacted: AWS access key]" in the place of each.
  std::string mask(std::string_view text);
  /// What another one masked, too.
  void merge(const SecretMask& other);
  /// How many different ones, and in how many places: "1 GitHub token, 2 e-mail addresses, in 7
  /// places"; empty: none.
  std::string told() const;

 private:
  std::map<std::string_view, std::set<std::string>> found_;  // by the names of the patterns
  std::uint64_t places_ = 0;
};

}  // namespace agentstore::formats
