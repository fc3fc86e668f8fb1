// What a Claude response used, as its `usage` object tells it: tokens, what the price depends on,
// and the iterations that the object's own figures leave out.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agentstore/json.hpp"
#include "formats/sources/event_maker.hpp"
#include "formats/sources/usage.hpp"

namespace agentstore::formats {

/// A figure that is absent, or that cannot be read, is 0.
Usage read_claude_usage(const json::Value& usage);

/// The first of its figures that cannot be read, in words; empty: there is none.
std::string unread_in_claude_usage(const json::Value& usage);

/// Adds the tokens, and to `extra` what differs from a standard response: speed, service_tier,
/// inference_geo, web_searches.
void add_claude_usage(EventMetadata& metadata, const json::Value& usage);

/// A pass of another model (an advisor), or over another prompt (a compaction), inside a response.
/// The response's own figures do not include it.
struct ClaudeIteration {
  std::string_view kind;  ///< "advisor" or "compaction"
  std::string model;      ///< empty: the response's
  json::Value usage;      ///< a view of the response's usage
};
std::vector<ClaudeIteration> extra_iterations(const json::Value& usage);

}  // namespace agentstore::formats
