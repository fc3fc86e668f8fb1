#include "cmd/totals/model_calls.hpp"

#include <algorithm>
#include <tuple>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/prices.hpp"
#include "agentstore/json.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/words/labels.hpp"

namespace agentstore::cmd {
namespace {

// As Totals::add_use counts it.
formats::ModelCall call_of(std::string_view type, Timestamp at, const Usage& usage) {
  formats::ModelCall call;
  call.at = at;
  call.tokens = usage;
  if (!usage.model.empty()) call.model = json::text_of(usage.model);
  call.asks = type != llm_response;
  if (!usage.cost.empty()) {
    if (const auto cost = Decimal::parse(usage.cost)) call.cost_usd = *cost;
  } else if (!call.asks) {
    call.cost_usd = Prices::standard().cost_of(usage, at).usd;
    call.computed = call.cost_usd.has_value();
  }
  return call;
}

}  // namespace

void ModelCalls::take(const EventView& event) {
  if (is_of_session_alone(event.type)) return;
  const Usage usage = usage_of(event);
  responses_.see(event);
  if (auto telling = telling_of(event, usage)) {
    const bool summary = telling->summary;
    if (is_llm_event(event.type) || !telling->agent.empty())
      responses_.take(std::move(*telling), event, usage);
    if (!summary) return;
  } else {
    responses_.see_running_total(event, usage);
  }
  if (!is_llm_event(event.type) || (usage.cost.empty() && !usage.has_tokens())) return;
  formats::ModelCall& call = calls_.emplace_back(call_of(event.type, event.timestamp, usage));
  call.session_id = event.session_id;
  call.sequence_number = event.sequence_number;
  call.project = project_;
}

Result<ReadReport> ModelCalls::add(const Input& input) {
  const Labels labels = input.labels();
  project_ = label_of(labels, "project");
  if (const auto agent = labels.find("agent_id"); agent != labels.end())
    responses_.agent_is_known(agent->second);
  const auto reader = input.read({.seals = Seals::short_logs});
  if (!reader) return std::unexpected{with_advice(reader.error(), input)};
  auto read = for_each_event(**reader, [&](const EventView& event) -> Result<void> {
    projects_.try_emplace(std::string{event.session_id}, project_);
    take(event);
    return {};
  });
  if (!read) return std::unexpected{with_advice(read.error(), input)};
  return (*reader)->report();
}

Result<std::vector<formats::ModelCall>> ModelCalls::settle() {
  const auto settled = responses_.settle([&](const CountedResponse& response) -> Result<void> {
    auto& call = calls_.emplace_back(call_of(llm_response, response.at, response.usage));
    call.session_id = response.session_id;
    call.sequence_number = response.sequence_number;
    call.agent = response.agent;
    if (const auto project = projects_.find(response.session_id); project != projects_.end())
      call.project = project->second;
    return {};
  });
  if (!settled) return std::unexpected{settled.error()};
  std::ranges::sort(calls_, {}, [](const formats::ModelCall& call) {
    return std::tie(call.at, call.session_id, call.sequence_number, call.agent);
  });
  return std::move(calls_);
}

int write_calls_csv(Context& context, const Inputs& inputs, bool by_session) {
  ModelCalls calls;
  std::vector<Session> sessions;
  int status = Status::fine;
  for (const auto& input : inputs) {
    if (inputs.size() > 1 && is_superseded(input->session())) continue;
    const auto report = calls.add(*input);
    if (!report) return context.refuse(report.error());
    const int told = tell_report(context, *report, OnCorrupt::strict);
    if (status == Status::fine) status = told;
    if (!by_session) continue;
    auto session = input->describe();
    if (!session) return context.refuse(with_advice(session.error(), *input));
    sessions.push_back(std::move(*session));
  }
  const auto settled = calls.settle();
  if (!settled) return context.refuse(settled.error());
  if (by_session) formats::write_session_calls_csv(context.out, sessions, *settled);
  else formats::write_calls_csv(context.out, *settled);
  return status;
}

}  // namespace agentstore::cmd
