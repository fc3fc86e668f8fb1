#include "cmd/words/labels.hpp"

#include "cmd/quoting.hpp"

namespace agentstore::cmd {

Result<Labels> parse_labels(const std::vector<std::string>& words) {
  Labels labels;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == word.npos || equals == 0)
      return fail(Code::invalid, "the label " + in_quotes(word) + " is not of the form KEY=VALUE");
    if (!labels.emplace(word.substr(0, equals), word.substr(equals + 1)).second)
      return fail(Code::invalid,
                  "the label " + in_quotes(word.substr(0, equals)) + " is given more than once");
  }
  return labels;
}

std::string label_of(const Labels& labels, const std::string& key) {
  const auto found = labels.find(key);
  return found == labels.end() ? std::string{} : found->second;
}

}  // namespace agentstore::cmd
