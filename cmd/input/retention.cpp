#include "cmd/input/retention.hpp"

#include <filesystem>

#include "agentstore/internal/foreign_json.hpp"
#include "agentstore/json.hpp"
#include "cmd/read_whole.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t settings_bytes_max = std::size_t{1} << 20;
/// What Claude Code does where its settings say nothing.
constexpr std::uint64_t days_by_default = 30;

}  // namespace

std::optional<std::uint64_t> days_claude_keeps(const std::string& folder) {
  const std::filesystem::path projects{folder};
  if (projects.filename() != "projects") return std::nullopt;
  const auto settings = projects.parent_path() / "settings.json";
  const auto text = read_whole_file(settings.string(), settings_bytes_max);
  if (!text) return days_by_default;
  json::ForeignParser parser;
  json::Value document;
  if (parser.check(*text, json::rules_to_read, document)) return days_by_default;
  const auto days = json::find_integer(document, "cleanupPeriodDays");
  if (!days || *days < 0) return days_by_default;
  return static_cast<std::uint64_t>(*days);
}

}  // namespace agentstore::cmd
