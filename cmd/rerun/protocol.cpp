#include "cmd/rerun/protocol.hpp"

#include <fmt/format.h>

#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "agentstore/members.hpp"
#include "cmd/quoting.hpp"
#include "cmd/words/drafts.hpp"

namespace agentstore::cmd {
namespace {

json::Token text_or_null(const std::string& text) {
  return text.empty() ? json::Token{nullptr} : json::Token{text};
}

}  // namespace

std::string question_of(const Turn& turn, const Rerun& rerun,
                        const std::vector<SaidBefore>& history) {
  std::string said;
  for (const SaidBefore& one : history)
    said +=
        (said.empty() ? "" : ",") + json::object({{"role", one.role}, {"text", one.text}}).text();
  return json::object({{"turn", turn.number},
                       {"prompt", rerun.prompt ? json::Token{*rerun.prompt} : nullptr},
                       {"input", turn.input},
                       {"history", json::Token::raw("[" + said + "]")},
                       {"tools", rerun.live_tools ? "live" : "recorded"}})
             .text() +
         "\n";
}

TurnExchange::TurnExchange(const Turn& recorded, TurnOptions options)
    : recorded_{recorded}, options_{std::move(options)}, tools_{recorded} {}

Result<std::string> TurnExchange::take(std::string_view line, Timestamp at) {
  ++lines_;
  const auto in_line = [&](Error error) {
    error.message = fmt::format("line {} of the answer: {}", lines_, error.message);
    return std::unexpected{std::move(error)};
  };
  if (json::trimmed(line).empty()) return std::string{};
  if (const auto wrong = json::check(line, json::rules_to_store))
    return in_line(
        {Code::invalid, fmt::format("not JSON: {} (byte {}): {}", wrong->what, wrong->offset_bytes,
                                    in_quotes(line.substr(0, 80)))});
  const bool is_object = json::kind_of(json::trimmed(line)) == json::Kind::object;
  if (is_object && json::find(json::trimmed(line), "turn_end")) {
    if (auto ended = end(json::trimmed(line)); !ended) return in_line(ended.error());
    return std::string{};
  }
  auto draft = parse_draft(line);
  if (!draft) return in_line(draft.error());
  auto answer = take_draft(std::move(*draft), at);
  return answer ? std::move(answer) : in_line(answer.error());
}

Result<void> TurnExchange::end(std::string_view line) {
  if (*json::find(line, "turn_end") != "true") return fail(Code::invalid, "turn_end is not true");
  const auto turn = json::find(line, "turn");
  if (turn && *turn != std::to_string(recorded_.number))
    return fail(Code::invalid, fmt::format("it ends turn {}, and was asked turn {}",
                                           turn->substr(0, 20), recorded_.number));
  ended_ = true;
  return {};
}

Result<std::string> TurnExchange::take_draft(Draft draft, Timestamp at) {
  const EventKind kind = kind_of_type(draft.type);
  if (draft.type.starts_with("agentstore."))
    return fail(Code::invalid, "events " + in_quotes(draft.type) + " are the store's own");
  if (kind == EventKind::message)
    return fail(Code::invalid, "a candidate answers; messages are the recorded ones");
  if (kind == EventKind::result && !options_.live_tools)
    return fail(Code::invalid, "it writes a result, and tools are recorded",
                "--tools live has it call them");
  if (!draft.event_id.empty() && !options_.known_ids.insert(draft.event_id).second)
    return fail(Code::invalid, "the event id " + in_quotes(draft.event_id) + " is not new");
  if (!draft.timestamp) draft.timestamp = at;
  const bool asks = kind == EventKind::call && !options_.live_tools;
  if (asks && draft.event_id.empty()) draft.event_id = own_id("call");
  drafts_.push_back(std::move(draft));
  return asks ? answer_call(Draft{drafts_.back()}, at) : std::string{};
}

std::string TurnExchange::answer_call(const Draft& call, Timestamp at) {
  const EventView view = view_of(call);
  const std::string tool = tool_name_of(view).value_or("");
  const auto [found, approximate] = tools_.match(tool, event_part(view, "tool_args").value_or(""));
  const bool unmatched = found == nullptr;
  std::string metadata =
      json::object({{"tool_name", text_or_null(tool)}, {"causation_id", call.event_id}}).text();
  metadata.pop_back();
  if (tool.empty()) metadata = "{\"causation_id\":" + json::quote(call.event_id);
  if (unmatched) metadata += ",\"unmatched\":true";
  if (approximate && !unmatched) metadata += ",\"approximate\":true";
  if (!unmatched)
    metadata +=
        ",\"forked_from\":" + json::object({{"session_id", options_.source_id},
                                            {"sequence_number", found->result_number},
                                            {"event_id", text_or_null(found->result_event_id)}})
                                  .text();
  metadata += '}';
  drafts_.push_back({.type = call.type == "tool.call.v1" ? "tool.result.v1" : "tool_result",
                     .payload = unmatched ? std::string{unmatched_result} : *found->result,
                     .metadata = std::move(metadata),
                     .event_id = own_id("result"),
                     .timestamp = at});
  if (unmatched) return std::string{unmatched_result} + "\n";
  return "{\"tool_result\":" + *found->result + (approximate ? ",\"approximate\":true}\n" : "}\n");
}

std::string TurnExchange::own_id(std::string_view what) {
  for (std::size_t number = drafts_.size();; ++number) {
    // In a database event ids are unique over all sessions.
    std::string id =
        fmt::format("{}-turn-{}-{}-{}", options_.rerun_id, recorded_.number, what, number);
    if (options_.known_ids.insert(id).second) return id;
  }
}

}  // namespace agentstore::cmd
