#include "cmd/words/quoted_names.hpp"

#include "agentstore/analysis/views.hpp"

namespace agentstore::cmd {

std::string quotes_hint(std::string_view name, std::string_view expression) {
  for (const std::string_view prefix :
       {"payload_", "metadata_", "tool_args_", "by_asset_", "data_"})
    if (name.starts_with(prefix)) return {};
  const std::string quoted = '"' + std::string{name} + '"';
  if (expression.find(quoted) == expression.npos) return {};
  return "a text stands in single quotes: '" + std::string{name} + "'";
}

Error with_quotes_hint(Error error, std::span<const std::string> names,
                       std::string_view expression) {
  for (const std::string& name : names) {
    const std::string hint = quotes_hint(name, expression);
    if (!hint.empty() && !projections_with(std::span{&name, 1})) error.hint = hint;
  }
  return error;
}

}  // namespace agentstore::cmd
