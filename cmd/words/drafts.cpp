#include "cmd/words/drafts.hpp"

#include <fmt/format.h>

#include "agentstore/json.hpp"
#include "cmd/quoting.hpp"

namespace agentstore::cmd {
namespace {

/// A payload may be as deep as the store allows, and the draft is one level round it.
constexpr json::Rules draft_rules{.depth_max = json::rules_to_store.depth_max + 1};

Result<std::string> text_member(std::string_view key, std::string_view value) {
  if (json::kind_of(value) != json::Kind::string)
    return fail(Code::invalid, std::string{key} + " is not a string");
  // Two of them would read as the same text.
  if (json::has_lone_surrogate(value))
    return fail(Code::invalid, std::string{key} + " has a lone surrogate, which is no character",
                "only payloads and metadata may have some");
  return json::text_of(value);
}

Result<void> take_member(Draft& draft, const json::Walk& member) {
  const std::string key = json::text_of(member.key());
  if (key == "payload") {
    draft.payload = member.value();
  } else if (key == "metadata") {
    draft.metadata = member.value();
  } else if (key == "type" || key == "event_id" || key == "timestamp") {
    auto text = text_member(key, member.value());
    if (!text) return std::unexpected{text.error()};
    if (key == "timestamp") {
      auto at = parse_rfc3339(*text);
      if (!at) return std::unexpected{at.error()};
      draft.timestamp = *at;
    } else if (text->empty()) {
      return fail(Code::invalid, key + " is empty");
    } else {
      (key == "type" ? draft.type : draft.event_id) = std::move(*text);
    }
  } else {
    return fail(Code::invalid, "unknown key " + in_quotes(key),
                "a draft has type, payload, metadata, event_id, timestamp");
  }
  return {};
}

}  // namespace

Result<void> read_flags(const EventFlags& flags, const Zone& zone, std::string& event_id,
                        std::optional<Timestamp>& timestamp) {
  if (flags.event_id && flags.event_id->empty())
    return fail(Code::invalid, "the event id is empty");
  if (flags.event_id) event_id = *flags.event_id;
  if (!flags.timestamp) return {};
  const auto at = parse_time(*flags.timestamp, Day::first_instant, zone, now());
  if (!at) return std::unexpected{at.error()};
  timestamp = *at;
  return {};
}

Result<Draft> parse_draft(std::string_view line) {
  if (const auto error = json::check(line, draft_rules))
    return fail(Code::invalid, fmt::format("not a JSON object to store: {} (byte {})", error->what,
                                           error->offset_bytes));
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t' || line.front() == '\r'))
    line.remove_prefix(1);
  if (json::kind_of(line) != json::Kind::object)
    return fail(Code::invalid, "a draft is a JSON object");
  Draft draft;
  for (json::Walk member{line}; member.next();)
    if (auto taken = take_member(draft, member); !taken) return std::unexpected{taken.error()};
  if (draft.type.empty()) return fail(Code::invalid, "the draft has no type");
  return draft;
}

EventView view_of(const Draft& draft) {
  EventView event;
  event.type = draft.type;
  event.timestamp = draft.timestamp.value_or(event.timestamp);
  event.metadata = draft.metadata;
  event.payload = draft.payload;
  event.event_id = draft.event_id;
  return event;
}

std::string receipt_line(const Receipt& receipt) {
  const std::string hash = receipt.hash.hex();
  return fmt::format("{{\"sequence_number\":{},\"event_id\":{},\"hash\":{},\"duplicate\":{}}}\n",
                     receipt.sequence_number, json::quote(receipt.event_id),
                     hash.empty() ? "null" : json::quote(hash),
                     receipt.duplicate ? "true" : "false");
}

}  // namespace agentstore::cmd
