#include "agentstore/stats.hpp"

#include <algorithm>

#include "agentstore/json.hpp"

namespace agentstore {
namespace {

// What the metadata of one event says of its use of a model.
struct Usage {
  std::optional<std::int64_t> in, out, cache_read, cache_write, cache_write_1h, reasoning;
  std::optional<std::string_view> cost;
  std::string_view model = R"("")";
  bool tokens() const { return in || out || cache_read || cache_write || reasoning; }
};

Usage usage_of(std::string_view metadata) {
  Usage usage;
  for (json::Walk walk{metadata}; walk.next();) {
    const auto number = [&] { return json::integer_of(walk.value()); };
    if (walk.key_is("tokens_in")) usage.in = number();
    else if (walk.key_is("tokens_out")) usage.out = number();
    else if (walk.key_is("tokens_cache_read")) usage.cache_read = number();
    else if (walk.key_is("tokens_cache_write")) usage.cache_write = number();
    else if (walk.key_is("tokens_cache_write_1h")) usage.cache_write_1h = number();
    else if (walk.key_is("tokens_reasoning")) usage.reasoning = number();
    else if (walk.key_is("model") && json::kind_of(walk.value()) == json::Kind::string)
      usage.model = walk.value();
    else if (walk.key_is("cost_usd") && json::kind_of(walk.value()) == json::Kind::number)
      usage.cost = walk.value();
  }
  return usage;
}

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
bool payload_says_error(std::string_view payload) {
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

}  // namespace

Result<void> Totals::add(const EventView& event) {
  ++events;
  const auto known = by_type.find(event.type);
  if (known == by_type.end()) by_type.emplace(event.type, 1);
  else ++known->second;
  if (event.type == tool_called) ++tool_calls;
  if (event.type == error_event) ++errors;
  if (is_tool_error(event)) ++tool_errors;
  first_event_at = std::min(first_event_at.value_or(event.timestamp), event.timestamp);
  last_event_at = std::max(last_event_at.value_or(event.timestamp), event.timestamp);
  if (event.metadata.size() <= 2) return {};

  const Usage usage = usage_of(event.metadata);
  if (!is_llm_event(event.type)) {
    if (usage.tokens()) ++other_events_with_tokens;
    return {};
  }
  if (!add_to(tokens_in, usage.in) || !add_to(tokens_out, usage.out) ||
      !add_to(tokens_cache_read, usage.cache_read) ||
      !add_to(tokens_cache_write, usage.cache_write) ||
      !add_to(tokens_reasoning, usage.reasoning)) {
    return overflow(event, "the sum of tokens overflows");
  }
  if (!usage.cost) {
    if (event.type != llm_response || !usage.tokens()) return {};
    ++events_without_cost;
    UnpricedUse& use = unpriced[json::text_of(usage.model)];
    ++use.events;
    // They are parts of sums that did not overflow.
    add_to(use.tokens_in, usage.in);
    add_to(use.tokens_out, usage.out);
    add_to(use.tokens_cache_read, usage.cache_read);
    add_to(use.tokens_cache_write, usage.cache_write);
    add_to(use.tokens_cache_write_1h, usage.cache_write_1h);
    return {};
  }
  const auto cost = Decimal::parse(*usage.cost);
  if (!cost) return overflow(event, "the cost " + cost.error().message);
  if (!add_cost(cost_usd, *cost)) return overflow(event, "the sum of costs overflows");
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
  for (const auto& [model, theirs] : other.unpriced) {
    UnpricedUse& use = unpriced[model];
    use.events += theirs.events;
    add_to(use.tokens_in, theirs.tokens_in);
    add_to(use.tokens_out, theirs.tokens_out);
    add_to(use.tokens_cache_read, theirs.tokens_cache_read);
    add_to(use.tokens_cache_write, theirs.tokens_cache_write);
    add_to(use.tokens_cache_write_1h, theirs.tokens_cache_write_1h);
  }
  if (other.cost_computed_usd) {
    if (auto added = add_cost(cost_computed_usd, *other.cost_computed_usd); !added) return added;
  }
  if (other.cost_usd) return add_cost(cost_usd, *other.cost_usd);
  return {};
}

std::optional<std::int64_t> Totals::duration_ms() const {
  if (!first_event_at) return std::nullopt;
  return milliseconds_between(*first_event_at, *last_event_at);
}

bool is_tool_error(const EventView& event) {
  if (event.type != tool_result) return false;
  if (const auto extra = json::find(event.metadata, "extra"))
    if (is_true(json::find(*extra, "is_error").value_or(""))) return true;
  return payload_says_error(event.payload);
}

}  // namespace agentstore
