#include "cmd/rules.hpp"

#include <filesystem>

#include "cmd/read_whole.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t rules_bytes_max = std::size_t{16} << 20;

template <class Rules>
std::optional<RuleFile> take(const std::filesystem::path& path,
                             Result<Rules> (*parse)(std::string_view), std::optional<Rules>& into) {
  std::error_code ignored;
  if (into || !std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
  const auto text = read_whole_file(path.string(), rules_bytes_max);
  if (!text) return std::nullopt;
  auto rules = parse(*text);
  if (!rules) return std::nullopt;
  into = std::move(*rules);
  return rule_file(path.string(), *text);
}

}  // namespace

RuleFiles take_rules(const std::string& folder, StoreOptions& options) {
  const std::filesystem::path data{folder};
  return {.ledger = take(data / "ledger.json", parse_ledger, options.ledger),
          .upcasts = take(data / "upcasts.json", Upcasts::parse, options.upcasts)};
}

}  // namespace agentstore::cmd
