#include "agentstore/analysis/rerun.hpp"

#include "agentstore/json.hpp"
#include "agentstore/members.hpp"
#include "base/hex.hpp"
#include "base/sha256.hpp"

namespace agentstore {
namespace {

constexpr std::string_view mark_member = "rerun";
constexpr std::size_t id_digits = 12;

std::uint64_t count_in(std::string_view object, std::string_view key) {
  const auto number = json::find_integer(object, key);
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

json::Token id_or_null(const std::string& id) {
  return id.empty() ? json::Token{nullptr} : json::Token{id};
}

}  // namespace

std::string Rerun::prompt_sha256() const {
  return prompt ? to_hex(bytes_of(sha256({*prompt}))) : std::string{};
}

Labels Rerun::labels() const {
  Labels labels{
      {std::string{rerun_label}, session_id}, {"candidate", candidate}, {"command", command}};
  if (prompt) labels["prompt_sha256"] = prompt_sha256();
  if (until) labels["until"] = std::to_string(*until);
  if (own_history) labels["history"] = "rerun";
  if (live_tools) labels["tools"] = "live";
  return labels;
}

std::string Rerun::session_id_of(std::uint64_t attempt) const {
  std::string all;
  for (const auto& [key, value] : labels())
    all += std::to_string(value.size()) + ':' + key + '=' + value + '\n';
  all += std::to_string(attempt);
  return "rerun-" + to_hex(bytes_of(sha256({all}))).substr(0, id_digits);
}

std::string RerunMark::metadata_of(const Turn& message, std::string_view session_id) const {
  const json::Token origin = json::object({{"session_id", session_id},
                                           {"sequence_number", message.sequence_number},
                                           {"event_id", id_or_null(message.event_id)}});
  const json::Token mark =
      json::object({{"version", version},
                    {"turn", turn},
                    {"sequence_number", sequence_number},
                    {"path", id_or_null(path)},
                    {"latency_ms", latency_ms ? json::Token{*latency_ms} : json::Token{nullptr}},
                    {"failed", failed}});
  return json::object({{"forked_from", origin}, {mark_member, mark}}).text();
}

std::optional<RerunMark> RerunMark::of(std::string_view metadata) {
  const auto mark = json::find(metadata, mark_member);
  if (!mark || json::kind_of(*mark) != json::Kind::object) return std::nullopt;
  RerunMark read{.version = json::find_integer(*mark, "version").value_or(0),
                 .turn = 0,
                 .sequence_number = 0,
                 .path = {},
                 .latency_ms = {}};
  if (read.version != version_now) return read;
  read.turn = count_in(*mark, "turn");
  read.sequence_number = count_in(*mark, "sequence_number");
  read.path = json::find_text(*mark, "path").value_or("");
  read.latency_ms = json::find_integer(*mark, "latency_ms");
  const auto failed = json::find(*mark, "failed");
  read.failed = failed && *failed == "true";
  return read;
}

std::map<std::uint64_t, const Turn*> answered_turns(const std::vector<Turn>& turns) {
  std::map<std::uint64_t, const Turn*> answered;
  for (const Turn& turn : turns) {
    const auto mark = RerunMark::of(turn.metadata);
    if (!mark || mark->turn == 0) continue;
    const auto [known, is_new] = answered.emplace(mark->turn, &turn);
    if (is_new) continue;
    const auto before = RerunMark::of(known->second->metadata);
    if (!mark->failed || before->failed) known->second = &turn;
  }
  return answered;
}

}  // namespace agentstore
