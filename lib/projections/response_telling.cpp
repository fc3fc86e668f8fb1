// How events tell of responses.

#include <utility>

#include "agentstore/json.hpp"
#include "projections/response_use.hpp"

namespace agentstore {
namespace {

/// What `metadata.extra` says that tells of a response.
struct Names {
  std::string response;
  std::string message_id;
  std::string request_id;
  std::string sub_agent;
  std::string tool_use_id;
  std::optional<std::int64_t> sub_agent_in;
  std::optional<std::int64_t> sub_agent_out;
  bool forked = false;
  bool stopped = false;
};

Names names_in(const json::Value& extra) {
  Names names;
  for (json::Walk member{extra}; member.next();) {
    if (json::kind_of(member.value()) != json::Kind::string) continue;
    const auto take = [&](std::string_view key, std::string& into) {
      if (member.key_is(key)) into = json::text_of(member.value());
    };
    take("response", names.response);
    take("message_id", names.message_id);
    take("request_id", names.request_id);
    take("sub_agent", names.sub_agent);
    take("tool_use_id", names.tool_use_id);
    const auto take_number = [&](std::string_view key, std::optional<std::int64_t>& into) {
      if (member.key_is(key)) into = json::integer_of(json::text_of(member.value())).value_or(0);
    };
    take_number("sub_agent_tokens_in", names.sub_agent_in);
    take_number("sub_agent_tokens_out", names.sub_agent_out);
    if (member.key_is("forked_from")) names.forked = true;
    if (member.key_is("stop_reason")) names.stopped = true;
  }
  return names;
}

/// Whether it may hold one of these members: most events' is not walked.
bool may_tell(std::string_view extra) {
  if (extra.contains('\\')) return true;
  return extra.contains(R"("response")") || extra.contains(R"("request_id")") ||
         extra.contains(R"("sub_agent")");
}

std::string figures_text(const Usage& usage) {
  return std::to_string(usage.tokens_in.value_or(0)) + '+' +
         std::to_string(usage.tokens_out.value_or(0));
}

}  // namespace

ResponseUse use_of(const Usage& usage) {
  ResponseUse use;
  static_cast<TokenCounts&>(use) = usage;
  if (usage.cost.empty()) return use;
  if (const auto cost = Decimal::parse(usage.cost)) use.cost_usd = *cost;
  return use;
}

std::optional<ResponseTelling> telling_of(const EventView& event, const Usage& usage) {
  if (usage.extra.empty() || !may_tell(usage.extra)) return std::nullopt;
  if (json::kind_of(usage.extra) != json::Kind::object) return std::nullopt;
  Names names = names_in(usage.extra);
  ResponseTelling telling;
  telling.history = names.forked;
  if (!names.sub_agent.empty() && event.type == tool_result) {
    telling.identity = "result\n" + names.sub_agent + '\n' + names.tool_use_id;
    telling.agent = std::move(names.sub_agent);
    telling.call = std::move(names.tool_use_id);
    telling.summary = true;
    telling.differences = names.tool_use_id.empty();
    telling.use.tokens_in = names.sub_agent_in;
    telling.use.tokens_out = names.sub_agent_out;
    return telling;
  }
  const bool tells = usage.has_tokens() || !usage.cost.empty();
  const bool of_agent = !names.sub_agent.empty() && tells;
  if (event.type != llm_response && !of_agent && !(tells && !names.response.empty()))
    return std::nullopt;
  if (!tells && names.message_id.empty()) return std::nullopt;
  telling.agent = std::move(names.sub_agent);
  telling.use = use_of(usage);
  telling.partial = !names.message_id.empty() && !names.stopped;
  if (!names.response.empty()) {
    telling.identity = "response\n" + names.response;
    telling.run_total = names.response.starts_with("run/");
    // Copies may have other ids, and keep the time.
    if (names.request_id.empty() && !names.message_id.empty() && tells)
      telling.alias = "time\n" + names.message_id + '\n' + format_rfc3339(event.timestamp) + '\n' +
                      figures_text(usage);
    return telling;
  }
  telling.differences = true;
  if (!names.message_id.empty() && !names.request_id.empty()) {
    telling.identity = "response\n" + names.message_id + '/' + names.request_id;
    return telling;
  }
  if (!of_agent) return std::nullopt;
  telling.identity = "progress\n" + telling.agent;
  return telling;
}

}  // namespace agentstore
