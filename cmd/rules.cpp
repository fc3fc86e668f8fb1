#include "cmd/rules.hpp"

#include <filesystem>

#include "cmd/read_whole.hpp"
#include "formats/rules.hpp"

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

RuleFiles rules_of(const Context& context, bool of_store, By by) {
  RuleFiles rules = context.rules_given;
  if (of_store && !rules.ledger) rules.ledger = context.rules_of_store.ledger;
  if (of_store && !rules.upcasts) rules.upcasts = context.rules_of_store.upcasts;
  if (by != By::ledger) rules.ledger.reset();
  return rules;
}

RuleFiles tell_rules(Context& context, bool of_store, By by) {
  RuleFiles rules = rules_of(context, of_store, by);
  if (!context.common.json && !rules.empty())
    context.note("by the rules in " + formats::rules_text(rules));
  return rules;
}

}  // namespace agentstore::cmd
