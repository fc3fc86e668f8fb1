#include "store/rules.hpp"

#include "base/file.hpp"

namespace agentstore {
namespace {

constexpr std::size_t rules_bytes_max = std::size_t{16} << 20;

template <class Rules>
Result<Rules> read_rules(const Path& path, Rules otherwise,
                         Result<Rules> (*parse)(std::string_view)) {
  const auto text = read_file(linux_system(), path, rules_bytes_max);
  if (!text && text.error().code == Code::not_found) return otherwise;
  if (!text) return std::unexpected(text.error());
  auto rules = parse(*text);
  if (!rules) rules.error().message = path.string() + ": " + rules.error().message;
  return rules;
}

}  // namespace

Result<Upcasts> read_upcasts(const std::filesystem::path& folder) {
  return read_rules(folder / "upcasts.json", Upcasts{}, Upcasts::parse);
}

Result<Ledger> read_ledger(const std::filesystem::path& folder, const Ledger& otherwise) {
  return read_rules(folder / "ledger.json", otherwise, parse_ledger);
}

}  // namespace agentstore
