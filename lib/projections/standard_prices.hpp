// The list prices that this version knows, in the form of --prices. Long contexts, batches and
// other tiers have prices of their own, which are not here.

#pragma once

#include <string_view>

namespace agentstore {

inline constexpr std::string_view standard_prices_json = R"json({"version":2,"date":"2026-03-21",
 "prefixes":["anthropic/"],
 "source":"list prices, standard tier: docs.anthropic.com/en/docs/about-claude/pricing, platform.openai.com/docs/pricing",
 "usd_per_million_tokens":{
  "claude-opus-4-6":{"in":5,"out":25,"cache_read":0.5,"cache_write":6.25,"cache_write_1h":10},
  "claude-opus-4-5":{"in":5,"out":25,"cache_read":0.5,"cache_write":6.25,"cache_write_1h":10},
  "claude-opus-4-1":{"in":15,"out":75,"cache_read":1.5,"cache_write":18.75,"cache_write_1h":30},
  "claude-opus-4":{"in":15,"out":75,"cache_read":1.5,"cache_write":18.75,"cache_write_1h":30},
  "claude-3-opus":{"in":15,"out":75,"cache_read":1.5,"cache_write":18.75,"cache_write_1h":30},
  "claude-sonnet-4-6":{"in":3,"out":15,"cache_read":0.3,"cache_write":3.75,"cache_write_1h":6},
  "claude-sonnet-4-5":{"in":3,"out":15,"cache_read":0.3,"cache_write":3.75,"cache_write_1h":6},
  "claude-sonnet-4":{"in":3,"out":15,"cache_read":0.3,"cache_write":3.75,"cache_write_1h":6},
  "claude-3-7-sonnet":{"in":3,"out":15,"cache_read":0.3,"cache_write":3.75,"cache_write_1h":6},
  "claude-3-5-sonnet":{"in":3,"out":15,"cache_read":0.3,"cache_write":3.75,"cache_write_1h":6},
  "claude-haiku-4-5":{"in":1,"out":5,"cache_read":0.1,"cache_write":1.25,"cache_write_1h":2},
  "claude-3-5-haiku":{"in":0.8,"out":4,"cache_read":0.08,"cache_write":1,"cache_write_1h":1.6},
  "claude-3-haiku":{"in":0.25,"out":1.25,"cache_read":0.03,"cache_write":0.3,"cache_write_1h":0.5},
  "gpt-5.3-codex":{"in":1.75,"out":14,"cache_read":0.175},
  "gpt-5.2-codex":{"in":1.75,"out":14,"cache_read":0.175},
  "gpt-5.2":{"in":1.75,"out":14,"cache_read":0.175},
  "gpt-5.1-codex-max":{"in":1.25,"out":10,"cache_read":0.125},
  "gpt-5.1-codex":{"in":1.25,"out":10,"cache_read":0.125},
  "gpt-5.1":{"in":1.25,"out":10,"cache_read":0.125},
  "gpt-5-codex":{"in":1.25,"out":10,"cache_read":0.125},
  "gpt-5":{"in":1.25,"out":10,"cache_read":0.125},
  "gpt-5.1-codex-mini":{"in":0.25,"out":2,"cache_read":0.025},
  "gpt-5-mini":{"in":0.25,"out":2,"cache_read":0.025},
  "gpt-5-nano":{"in":0.05,"out":0.4,"cache_read":0.005},
  "gpt-5.4":{"in":2.5,"out":15,"cache_read":0.25},
  "gpt-5.4-mini":{"in":0.75,"out":4.5,"cache_read":0.075},
  "gpt-4.1":{"in":2,"out":8,"cache_read":0.5},
  "gpt-4.1-mini":{"in":0.4,"out":1.6,"cache_read":0.1},
  "gpt-4o":{"in":2.5,"out":10,"cache_read":1.25},
  "gpt-4o-mini":{"in":0.15,"out":0.6,"cache_read":0.075},
  "o3":{"in":2,"out":8,"cache_read":0.5},
  "o4-mini":{"in":1.1,"out":4.4,"cache_read":0.275}}})json";

}  // namespace agentstore
