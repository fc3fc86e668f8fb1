#include "cmd/totals/copied_responses.hpp"

#include <functional>
#include <string>

#include "agentstore/json.hpp"

namespace agentstore::cmd {
namespace {

std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

}  // namespace

bool CopiedResponses::is_copy(const EventView& event, std::string_view extra,
                              std::vector<std::uint64_t>& keys) const {
  if (extra.empty() || event.type != llm_response) return false;
  const auto message = json::find_text(extra, "message_id");
  const auto request = json::find_text(extra, "request_id");
  if (!message || !request || message->empty() || request->empty()) return false;
  const std::uint64_t key = hash_of(*message + '\n' + *request);
  const auto known = session_of_.find(key);
  if (known != session_of_.end()) return known->second != hash_of(event.session_id);
  keys.push_back(key);
  return false;
}

void CopiedResponses::remember(std::span<const std::uint64_t> keys, std::string_view session_id) {
  for (const std::uint64_t key : keys) session_of_.try_emplace(key, hash_of(session_id));
}

}  // namespace agentstore::cmd
