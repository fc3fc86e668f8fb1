#include "formats/sources/claude_usage.hpp"

#include <algorithm>

#include "agentstore/analysis/stats.hpp"

namespace agentstore::formats {
namespace {

json::Value member(const json::Value& object, std::string_view key) {
  return json::find(object, key).value_or("null");
}

std::int64_t count_in(const json::Value& object, std::string_view key) {
  return std::max<std::int64_t>(count_of_token(member(object, key)).value_or(0), 0);
}

std::int64_t sum_of(std::int64_t one, std::int64_t other) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(one, other, &sum) ? one : sum;
}

/// Empty: the figure is absent, or can be read.
std::string unread(const json::Value& object, std::string_view key, bool may_be_null) {
  const auto token = json::find(object, key);
  if (!token || (may_be_null && *token == "null")) return {};
  const auto count = count_of_token(*token);
  return count && *count >= 0 ? std::string{} : unread_figure(key, *token);
}

void add_what_the_price_depends_on(EventMetadata& metadata, const json::Value& usage) {
  const auto add_unless = [&](std::string_view key, std::initializer_list<std::string_view> usual) {
    const auto text = json::find_text(usage, key);
    if (text && std::ranges::find(usual, *text) == usual.end()) metadata.add_extra(key, *text);
  };
  add_unless("speed", {"standard"});
  add_unless("service_tier", {"standard"});
  add_unless("inference_geo", {"", "global", "not_available"});
  const auto searches = count_in(member(usage, "server_tool_use"), "web_search_requests");
  if (searches > 0) metadata.add_extra("web_searches", std::to_string(searches));
}

}  // namespace

Usage read_claude_usage(const json::Value& usage) {
  const json::Value writes = member(usage, "cache_creation");
  const std::int64_t hour = count_in(writes, "ephemeral_1h_input_tokens");
  const std::int64_t minutes = count_in(writes, "ephemeral_5m_input_tokens");
  Usage told;
  told.in = count_in(usage, "input_tokens");
  // Some gateways tell the parts alone.
  told.cache_write =
      std::max(count_in(usage, "cache_creation_input_tokens"), sum_of(minutes, hour));
  told.cache_read = count_in(usage, "cache_read_input_tokens");
  told.out = count_in(usage, "output_tokens");
  told.cache_write_1h = hour;
  return told;
}

std::string unread_in_claude_usage(const json::Value& usage) {
  if (usage.empty()) return {};
  for (const std::string_view key : {"input_tokens", "output_tokens"})
    if (auto why = unread(usage, key, false); !why.empty()) return why;
  for (const std::string_view key : {"cache_creation_input_tokens", "cache_read_input_tokens"})
    if (auto why = unread(usage, key, true); !why.empty()) return why;
  for (const std::string_view key : {"ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"})
    if (auto why = unread(member(usage, "cache_creation"), key, true); !why.empty()) return why;
  return unread(member(usage, "output_tokens_details"), "thinking_tokens", true);
}

void add_claude_usage(EventMetadata& metadata, const json::Value& usage) {
  if (usage.empty()) return;
  const auto unless_zero = [](std::int64_t number) {
    return number == 0 ? std::nullopt : std::optional{number};
  };
  const Usage told = read_claude_usage(usage);
  metadata.tokens_in = unless_zero(told.all_in());
  metadata.tokens_out = unless_zero(told.out);
  metadata.tokens_cache_read = unless_zero(told.cache_read);
  metadata.tokens_cache_write = unless_zero(told.cache_write);
  metadata.tokens_cache_write_1h = unless_zero(told.cache_write_1h);
  metadata.tokens_reasoning =
      unless_zero(count_in(member(usage, "output_tokens_details"), "thinking_tokens"));
  add_what_the_price_depends_on(metadata, usage);
}

std::vector<ClaudeIteration> extra_iterations(const json::Value& usage) {
  std::vector<ClaudeIteration> found;
  const json::Value iterations = member(usage, "iterations");
  if (json::kind_of(iterations) != json::Kind::array) return found;
  for (json::Walk each{iterations}; each.next();) {
    const auto type = json::find_text(each.value(), "type");
    if (type != "advisor_message" && type != "compaction") continue;
    found.push_back({type == "compaction" ? "compaction" : "advisor",
                     json::find_text(each.value(), "model").value_or(""), each.value()});
  }
  return found;
}

}  // namespace agentstore::formats
