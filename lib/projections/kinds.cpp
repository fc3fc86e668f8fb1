#include "agentstore/analysis/kinds.hpp"

#include <algorithm>
#include <array>

#include "agentstore/event.hpp"

namespace agentstore {
namespace {

constexpr std::array table{
    KnownType{user_message, EventKind::message},
    KnownType{"user.utterance.v1", EventKind::message},
    KnownType{"message_received", EventKind::message},
    KnownType{llm_response, EventKind::answer},
    KnownType{"agent.utterance.v1", EventKind::answer},
    KnownType{llm_request, EventKind::request},
    KnownType{tool_called, EventKind::call},
    KnownType{"tool.call.v1", EventKind::call},
    KnownType{tool_result, EventKind::result},
    KnownType{"tool.result.v1", EventKind::result},
    KnownType{plan_created, EventKind::plan},
    KnownType{"decision_made", EventKind::decision},
    KnownType{error_event, EventKind::error},
    KnownType{"error_occurred", EventKind::error},
    KnownType{state_updated, EventKind::state},
    KnownType{"task_completed", EventKind::state},
    KnownType{"agent_paused", EventKind::state},
    KnownType{"agent_resumed", EventKind::state},
    KnownType{"session_started", EventKind::state},
    KnownType{"session_ended", EventKind::state},
    KnownType{"redaction.applied.v1", EventKind::redaction},
    KnownType{"agentstore.redacted", EventKind::redaction},
    KnownType{"AgentRegistered", EventKind::entry},
    KnownType{"FundsDeposited", EventKind::entry},
    KnownType{"FundsWithdrawn", EventKind::entry},
    KnownType{"BetPlaced", EventKind::entry},
    KnownType{"BetWon", EventKind::entry},
    KnownType{"BetLost", EventKind::entry},
    KnownType{"FeeCharged", EventKind::entry},
    KnownType{"FaucetClaimed", EventKind::entry},
    KnownType{"EscrowLocked", EventKind::entry},
    KnownType{"EscrowReleased", EventKind::entry},
    KnownType{"UnknownTransaction", EventKind::entry},
    KnownType{custom_event, EventKind::other},
};

}  // namespace

std::span<const KnownType> known_types() {
  return table;
}

EventKind kind_of_type(std::string_view type) {
  const auto found = std::ranges::find(table, type, &KnownType::type);
  return found == table.end() ? EventKind::other : found->kind;
}

std::string_view kind_name(EventKind kind) {
  switch (kind) {
    case EventKind::message: return "message";
    case EventKind::answer: return "answer";
    case EventKind::request: return "request";
    case EventKind::call: return "call";
    case EventKind::result: return "result";
    case EventKind::plan: return "plan";
    case EventKind::decision: return "decision";
    case EventKind::error: return "error";
    case EventKind::state: return "state";
    case EventKind::redaction: return "redaction";
    case EventKind::entry: return "entry";
    case EventKind::other: break;
  }
  return "other";
}

}  // namespace agentstore
