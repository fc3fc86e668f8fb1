#include "cmd/input/seen_events.hpp"

#include <functional>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/event_maker.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t digest_digits = 16;

/// What an event tells: its payload, and what it says of a response. The rest of the metadata
/// depends on which records before it a file holds.
std::string told_by(std::string_view type, std::string_view payload, std::string_view metadata) {
  EventView event;
  event.type = type;
  event.metadata = metadata;
  const Usage usage = usage_of(event);
  std::string text{type};
  for (const auto& figure :
       {usage.tokens_in, usage.tokens_out, usage.tokens_cache_read, usage.tokens_cache_write,
        usage.tokens_cache_write_1h, usage.tokens_reasoning})
    text += '\n' + (figure ? std::to_string(*figure) : std::string{"-"});
  (text += '\n') += usage.cost;
  if (usage.has_tokens() && !usage.extra.empty())
    text += '\n' + json::find_text(usage.extra, "response").value_or("");
  return (text += '\n') += payload;
}

}  // namespace

bool SeenEvents::take(Draft& draft) {
  const std::string told = told_by(draft.type, json::compact(draft.payload), draft.metadata);
  const std::uint64_t content = std::hash<std::string>{}(told);
  const auto [known, added] = content_.try_emplace(draft.event_id, content);
  if (added) return true;
  if (known->second == content) return false;
  draft.event_id += "~" + formats::digest_of(told).substr(0, digest_digits);
  return content_.try_emplace(draft.event_id, content).second;
}

void SeenEvents::remember(const EventView& event) {
  const std::string told = told_by(event.type, event.payload, event.metadata);
  content_.try_emplace(std::string{event.event_id}, std::hash<std::string>{}(told));
}

}  // namespace agentstore::cmd
