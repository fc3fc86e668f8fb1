#include "cmd/copied_responses.hpp"

#include <functional>
#include <string>

#include "agentstore/json.hpp"

namespace agentstore::cmd {
namespace {

std::uint64_t hash_of(std::string_view text) {
  return std::hash<std::string_view>{}(text);
}

}  // namespace

bool CopiedResponses::is_copy(const EventView& event) {
  if (event.type != llm_response) return false;
  const auto extra = json::find(event.metadata, "extra");
  if (!extra) return false;
  const auto message = json::find_text(*extra, "message_id");
  const auto request = json::find_text(*extra, "request_id");
  if (!message || !request || message->empty() || request->empty()) return false;
  const std::uint64_t session = hash_of(event.session_id);
  const auto [first, added] = session_of_.try_emplace(hash_of(*message + '\n' + *request), session);
  if (added || first->second == session) return false;
  ++events_;
  return true;
}

}  // namespace agentstore::cmd
