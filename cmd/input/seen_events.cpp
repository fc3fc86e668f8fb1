#include "cmd/input/seen_events.hpp"

#include <functional>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/event_maker.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t digest_digits = 16;

struct Told {
  std::string words;    ///< the type and the payload
  std::string figures;  ///< and what it says of a response; empty: nothing
};

/// What an event tells. The rest of the metadata depends on which records before it a file holds.
Told told_by(std::string_view type, std::string_view payload, std::string_view metadata) {
  EventView event;
  event.type = type;
  event.metadata = metadata;
  const Usage usage = usage_of(event);
  Told told{.words = std::string{type} + '\n' + std::string{payload}, .figures = {}};
  // What a call repeats of its response's figures depends on the records before it, too.
  if (!is_llm_event(type) || (!usage.has_tokens() && usage.cost.empty())) return told;
  for (const auto& figure :
       {usage.tokens_in, usage.tokens_out, usage.tokens_cache_read, usage.tokens_cache_write,
        usage.tokens_cache_write_1h, usage.tokens_reasoning})
    told.figures += '\n' + (figure ? std::to_string(*figure) : std::string{"-"});
  (told.figures += '\n') += usage.cost;
  if (usage.has_tokens() && !usage.extra.empty())
    told.figures += '\n' + json::find_text(usage.extra, "response").value_or("");
  return told;
}

std::uint64_t hash_of(const std::string& text) {
  return std::hash<std::string>{}(text);
}

/// Without the "~…" by which events of one id with other contents are told apart.
std::string plain_id(std::string_view id) {
  std::string plain;
  bool in_mark = false;
  for (const char c : id) {
    in_mark = c == '~' || (in_mark && c != '.');
    if (!in_mark) plain += c;
  }
  return plain;
}

std::string record_of(std::string_view id) {
  return std::string{id.substr(0, id.find_first_of(".~"))};
}

}  // namespace

bool SeenEvents::is_redacted(const std::string& event_id) const {
  if (redacted_.empty() && redacted_records_.empty()) return false;
  return redacted_.contains(plain_id(event_id)) || redacted_records_.contains(record_of(event_id));
}

bool SeenEvents::take(Draft& draft) {
  const Told told = told_by(draft.type, json::compact(draft.payload), draft.metadata);
  const Content content{hash_of(told.words), hash_of(told.words + told.figures)};
  const auto known = content_.find(draft.event_id);
  if (known != content_.end() && known->second.all == content.all) return false;
  if (is_redacted(draft.event_id)) {
    redacted_payloads_.push_back(json::compact(draft.payload));
    return false;
  }
  if (known == content_.end()) return content_.emplace(draft.event_id, content).second;
  // The stream of a run has the words of its transcript, without the figures.
  if (told.figures.empty() && known->second.words == content.words) return false;
  draft.event_id += "~" + formats::digest_of(told.words + told.figures).substr(0, digest_digits);
  return content_.try_emplace(draft.event_id, content).second;
}

void SeenEvents::remember(const EventView& event) {
  if (event.redacted_by != 0) {
    redacted_.insert(plain_id(event.event_id));
    return;
  }
  const Told told = told_by(event.type, event.payload, event.metadata);
  content_.try_emplace(std::string{event.event_id},
                       Content{hash_of(told.words), hash_of(told.words + told.figures)});
}

void SeenEvents::remember_record(const EventView& event) {
  if (event.redacted_by != 0) redacted_records_.insert(record_of(event.event_id));
}

}  // namespace agentstore::cmd
