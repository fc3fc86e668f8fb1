#include "cmd/input/retention.hpp"

#include <filesystem>

#include "agentstore/internal/foreign_json.hpp"
#include "agentstore/json.hpp"
#include "cmd/read_whole.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t settings_bytes_max = std::size_t{1} << 20;
/// What Claude Code does where its settings say nothing.
constexpr Retention by_default{.days = 30};

}  // namespace

std::optional<Retention> retention_of_claude(const std::string& folder) {
  const std::filesystem::path projects{folder};
  if (projects.filename() != "projects") return std::nullopt;
  const auto settings = projects.parent_path() / "settings.json";
  const auto text = read_regular_file(settings.string(), settings_bytes_max);
  if (!text) return by_default;
  json::ForeignParser parser;
  json::Value document;
  if (parser.check(*text, json::rules_to_read, document)) return by_default;
  const auto days = json::find_integer(document, "cleanupPeriodDays");
  if (!days || *days < 0) return by_default;
  return Retention{.days = static_cast<std::uint64_t>(*days), .chosen = true};
}

}  // namespace agentstore::cmd
