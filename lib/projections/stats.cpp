#include "agentstore/analysis/stats.hpp"

#include <algorithm>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/prices.hpp"
#include "agentstore/json.hpp"

namespace agentstore {
namespace {

bool add_to(std::int64_t& sum, std::int64_t value) {
  return !__builtin_add_overflow(sum, value, &sum);
}
bool add_to(std::int64_t& sum, std::optional<std::int64_t> value) {
  return !value || add_to(sum, *value);
}
bool add_to(std::optional<std::int64_t>& sum, std::optional<std::int64_t> value) {
  if (!value) return true;
  if (!sum) sum = 0;
  return add_to(*sum, *value);
}

Result<void> add_cost(std::optional<Decimal>& sum, const Decimal& cost) {
  const auto total = sum.value_or(Decimal{}).plus(cost);
  if (!total) return std::unexpected(total.error());
  sum = *total;
  return {};
}

Result<void> overflow(const EventView& event, const std::string& what) {
  return fail(Code::overflow, what + " at event #" + std::to_string(event.sequence_number) +
                                  " of session " + std::string{event.session_id});
}

bool is_true(std::string_view value) {
  return value == "true" || value == "\"true\"";
}

// Of a key that stands twice, the last one counts.
bool payload_says_error(const json::Value& payload) {
  if (json::kind_of(payload) != json::Kind::object) return false;
  std::string_view is_error;
  std::string_view exit_code;
  std::string_view error;
  for (json::Walk walk{payload}; walk.next();) {
    if (walk.key_is("is_error")) is_error = walk.value();
    else if (walk.key_is("exit_code")) exit_code = walk.value();
    else if (walk.key_is("error")) error = walk.value();
  }
  const bool tells = !error.empty() && error != "null" && error != "false" && error != "\"\"" &&
                     error != "{}" && error != "[]";
  return tells || is_true(is_error) || json::integer_of(exit_code).value_or(0) != 0;
}

bool says_that_it_failed(const EventView& result, std::string_view extra) {
  return (!extra.empty() && is_true(json::find(extra, "is_error").value_or(""))) ||
         payload_says_error(result.payload);
}

// A Claude Code record that repeats a response's id says nothing of usage; another one does.
bool is_part_of_response(std::string_view extra) {
  return extra.find(R"("message_id")") != extra.npos;
}

// Codex tells what responses used in records of their own.
bool is_usage_record(std::string_view extra) {
  return extra.find(R"("record_type":"token_count")") != extra.npos ||
         extra.find(R"("record_type":"token_usage_record")") != extra.npos ||
         extra.find(R"("record_type":"turn.completed")") != extra.npos;
}

constexpr std::size_t unread_usage_max = 100;
constexpr std::size_t unread_value_bytes_max = 40;

bool tells_unread(std::string_view extra) {
  return extra.find(R"("unread")") != extra.npos && json::kind_of(extra) == json::Kind::object &&
         !json::find_text(extra, unread_member).value_or("").empty();
}

// What the event says of usage that could not be read; empty: nothing.
std::string why_unread(const EventView& event, const Usage& usage) {
  if (!usage.unread_key.empty() && is_llm_event(event.type))
    return unread_figure(json::text_of(usage.unread_key), usage.unread_value);
  if (!tells_unread(usage.extra)) return {};
  return json::find_text(usage.extra, unread_member).value_or("");
}

}  // namespace

std::optional<std::int64_t> count_of_token(std::string_view token) {
  if (const auto whole = json::integer_of(token)) return whole;
  if (json::kind_of(token) != json::Kind::number) return std::nullopt;
  const auto number = Decimal::parse(token);
  if (!number) return std::nullopt;
  std::string digits = number->to_string();
  if (const std::size_t point = digits.find('.'); point != digits.npos) {
    if (digits.find_first_not_of('0', point + 1) != digits.npos) return std::nullopt;
    digits.resize(point);
  }
  return json::integer_of(digits);
}

std::string unread_figure(std::string_view name, std::string_view token) {
  std::string value{token.substr(0, unread_value_bytes_max)};
  if (value.size() < token.size()) value += "...";
  return "usage: " + std::string{name} + " is " + value + ", which is not a count";
}

Usage usage_of(const EventView& event) {
  Usage usage;
  if (event.metadata.size() <= 2) return usage;
  for (json::Walk walk{event.metadata}; walk.next();) {
    const auto unread = [&] {
      usage.unread_key = walk.key();
      usage.unread_value = walk.value();
    };
    const auto number = [&](bool may_be_null = true) {
      const auto count = count_of_token(walk.value());
      // A negative one counts, as in the Go library; a bound on the sum says nothing then.
      if (count ? *count < 0 : !may_be_null || walk.value() != "null") unread();
      return count;
    };
    const auto of_kind = [&](json::Kind kind, std::string_view& into) {
      into = {};
      if (json::kind_of(walk.value()) == kind) into = walk.value();
    };
    if (walk.key_is("tokens_in")) usage.tokens_in = number(false);
    else if (walk.key_is("tokens_out")) usage.tokens_out = number(false);
    else if (walk.key_is("tokens_cache_read")) usage.tokens_cache_read = number();
    else if (walk.key_is("tokens_cache_write")) usage.tokens_cache_write = number();
    else if (walk.key_is("tokens_cache_write_1h")) usage.tokens_cache_write_1h = number();
    else if (walk.key_is("tokens_reasoning")) usage.tokens_reasoning = number();
    else if (walk.key_is("model")) of_kind(json::Kind::string, usage.model);
    else if (walk.key_is("cost_usd")) {
      of_kind(json::Kind::number, usage.cost);
      if (usage.cost.empty() && walk.value() != "null") unread();
    } else if (walk.key_is("extra")) usage.extra = walk.value();
  }
  usage.told_elsewhere = is_part_of_response(usage.extra);
  return usage;
}

Result<void> Totals::add(const EventView& event, const Usage& usage) {
  return add(event, usage, Prices::standard());
}

Result<void> Totals::add(const EventView& event, const Usage& usage, const Prices& prices) {
  if (is_of_session_alone(event.type)) return {};
  ++events;
  const auto known = by_type.find(event.type);
  if (known == by_type.end()) by_type.emplace(event.type, 1);
  else ++known->second;
  const EventKind kind = kind_of_type(event.type);
  if (kind == EventKind::call) ++tool_calls;
  if (kind == EventKind::error) ++errors;
  if (kind == EventKind::result && says_that_it_failed(event, usage.extra)) ++tool_errors;
  if (usage.extra.contains(R"("run":"begun")")) ++runs_begun;
  else if (usage.extra.contains(R"("run":"ended")")) ++runs_ended;
  first_event_at = std::min(first_event_at.value_or(event.timestamp), event.timestamp);
  last_event_at = std::max(last_event_at.value_or(event.timestamp), event.timestamp);
  auto why = why_unread(event, usage);
  const bool unread = !why.empty();
  if (unread) {
    ++unread_usage_count;
    if (unread_usage.size() < unread_usage_max)
      unread_usage.push_back(
          {std::string{event.session_id}, event.sequence_number, std::move(why)});
  }
  if (!is_llm_event(event.type)) {
    if (usage.has_tokens() && !usage.identified) ++other_events_with_tokens;
    return {};
  }
  if (event.type == llm_response && is_usage_record(usage.extra)) ++usage_records;
  if (usage.identified) return {};
  if (event.type == llm_response && usage.cost.empty() && !usage.has_tokens() && !unread) {
    if (!usage.told_elsewhere) ++silent_responses;
    return {};
  }
  if (auto added = add_use(event.type, event.timestamp, usage, prices); !added)
    return overflow(event, added.error().message);
  return {};
}

Result<void> Totals::add_use(std::string_view type, Timestamp at, const Usage& usage,
                             const Prices& prices) {
  const auto too_large = [](const char* what) { return fail(Code::overflow, what); };
  if (!add_to(tokens_in, usage.tokens_in) || !add_to(tokens_out, usage.tokens_out) ||
      !add_to(tokens_cache_read, usage.tokens_cache_read) ||
      !add_to(tokens_cache_write, usage.tokens_cache_write) ||
      !add_to(tokens_reasoning, usage.tokens_reasoning))
    return too_large("the sum of tokens overflows");
  if (usage.cost.empty()) {
    if (type != llm_response) return {};
    const ResponseCost computed = prices.cost_of(usage, at);
    if (computed.usd && !add_cost(cost_computed_usd, *computed.usd))
      return too_large("the sum of costs overflows");
    if (computed.usd) return {};
    ++events_without_cost;
    ++unpriced[computed.why];
    return {};
  }
  const auto cost = Decimal::parse(usage.cost);
  if (!cost) return fail(Code::overflow, "the cost " + cost.error().message);
  if (!add_cost(cost_usd, *cost)) return too_large("the sum of costs overflows");
  return {};
}

Result<void> Totals::merge(const Totals& other) {
  events += other.events;
  for (const auto& [type, count] : other.by_type) by_type[type] += count;
  tool_calls += other.tool_calls;
  errors += other.errors;
  tool_errors += other.tool_errors;
  events_without_cost += other.events_without_cost;
  other_events_with_tokens += other.other_events_with_tokens;
  silent_responses += other.silent_responses;
  usage_records += other.usage_records;
  runs_begun += other.runs_begun;
  runs_ended += other.runs_ended;
  unread_usage_count += other.unread_usage_count;
  for (const UnreadUsage& one : other.unread_usage)
    if (unread_usage.size() < unread_usage_max) unread_usage.push_back(one);
  if (other.first_event_at) {
    first_event_at =
        std::min(first_event_at.value_or(*other.first_event_at), *other.first_event_at);
    last_event_at = std::max(last_event_at.value_or(*other.last_event_at), *other.last_event_at);
  }
  if (!add_to(tokens_in, other.tokens_in) || !add_to(tokens_out, other.tokens_out) ||
      !add_to(tokens_cache_read, other.tokens_cache_read) ||
      !add_to(tokens_cache_write, other.tokens_cache_write) ||
      !add_to(tokens_reasoning, other.tokens_reasoning)) {
    return fail(Code::overflow, "the sum of tokens overflows");
  }
  for (const auto& [why, count] : other.unpriced) unpriced[why] += count;
  if (other.cost_computed_usd) {
    if (auto added = add_cost(cost_computed_usd, *other.cost_computed_usd); !added) return added;
  }
  if (other.cost_usd) return add_cost(cost_usd, *other.cost_usd);
  return {};
}

void Totals::end_session(bool told) {
  if (told) silent_responses = 0;
  usage_records = 0;
}

std::uint64_t Totals::cost_unknown_responses() const {
  return events_without_cost + (usage_records > 0 ? 0 : silent_responses) + unfinished_runs();
}

Result<Decimal> Totals::cost_known_usd() const {
  return cost_usd.value_or(Decimal{}).plus(cost_computed_usd.value_or(Decimal{}));
}

Result<std::optional<Decimal>> Totals::cost_total_usd() const {
  if (cost_unknown_responses() > 0) return std::nullopt;
  return cost_known_usd();
}

std::optional<std::int64_t> Totals::duration_ms() const {
  if (!first_event_at) return std::nullopt;
  return milliseconds_between(*first_event_at, *last_event_at);
}

bool is_tool_error(const EventView& event) {
  return kind_of_type(event.type) == EventKind::result &&
         says_that_it_failed(event, usage_of(event).extra);
}

}  // namespace agentstore
