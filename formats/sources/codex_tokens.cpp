#include "formats/sources/codex_tokens.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "agentstore/analysis/prices.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/texts.hpp"

namespace agentstore::formats {
namespace {

constexpr std::int64_t same_response_ms_max = 1000;

json::Value info_of(const CodexRecord& record) {
  return json::find(record.payload, "info").value_or("null");
}

std::optional<json::Value> usage_in(const json::Value& object, std::string_view key) {
  return json::kind_of(object) == json::Kind::object ? json::find(object, key) : std::nullopt;
}

bool is_usual_tier(std::string_view tier) {
  constexpr std::array<std::string_view, 4> usual{"", "auto", "default", "standard"};
  return std::ranges::find(usual, tier) != usual.end();
}

CodexUsage difference(const CodexUsage& total, const CodexUsage& before) {
  const auto above = [](std::int64_t now, std::int64_t then) {
    return std::max<std::int64_t>(now - then, 0);
  };
  return {total.in - before.in, above(total.cached, before.cached), total.out - before.out,
          above(total.reasoning, before.reasoning), above(total.written, before.written)};
}

}  // namespace

void CodexTokens::turn(std::string model, std::string service_tier) {
  model_ = std::move(model);
  service_tier_ = std::move(service_tier);
}

EventMetadata CodexTokens::metadata_of(const CodexUsage& used, std::string model) const {
  EventMetadata metadata;
  metadata.model = model.empty() ? model_ : std::move(model);
  metadata.tokens_in = used.in;
  metadata.tokens_out = used.out;
  if (used.cached != 0) metadata.tokens_cache_read = used.cached;
  if (used.written != 0) metadata.tokens_cache_write = used.written;
  if (used.reasoning != 0) metadata.tokens_reasoning = used.reasoning;
  if (!is_usual_tier(service_tier_)) metadata.add_extra("service_tier", service_tier_);
  return metadata;
}

void CodexTokens::note_repeated(const CodexUsage& used) {
  ++events_.tally().repeated_usage;
  events_.tally().add_repeated(used.in, used.out);
}

bool CodexTokens::needs_model(const CodexRecord& record) const {
  if (!model_.empty()) return false;
  if (record.group == "token_usage_record") return member_text(record.payload, "model").empty();
  if (record.group != "event_msg" || record.item_type != "token_count") return false;
  const json::Value info = info_of(record);
  return json::kind_of(info) == json::Kind::object && member_text(info, "model").empty() &&
         read_codex_usage(usage_in(info, "total_token_usage").value_or("null")).has_value();
}

/// Tokens since they were last told.
void CodexTokens::count(const CodexRecord& record, bool copied) {
  const json::Value info = info_of(record);
  const auto total_json = usage_in(info, "total_token_usage");
  const auto last_json = usage_in(info, "last_token_usage");
  const auto total = read_codex_usage(total_json.value_or("null"));
  const auto last = read_codex_usage(last_json.value_or("null"));
  if (!total) return events_.leave_out("token_count (nothing told)");
  if (by_response_) {
    counted_ = *total;
    return events_.leave_out("token_count (told by response)");
  }
  if (auto why = unread_in_codex_usage(*total_json); !why.empty() && !copied) {
    // What comes next is counted from the last total that could be read.
    EventMetadata unread;
    unread.model = model_;
    unread.add_extra(unread_member, std::move(why));
    return (void)events_.emit(llm_response, {"{\"content\":[],\"usage\":", *total_json, "}"},
                              std::move(unread));
  }
  const CodexUsage before = std::exchange(counted_, *total);
  if (*total == before || copied) {
    if (last) note_repeated(*last);
    return events_.leave_out("token_count (repeated)");
  }
  const bool restarted = total->in < before.in || total->out < before.out;
  const CodexUsage used = restarted ? last.value_or(*total) : difference(*total, before);
  EventMetadata metadata = metadata_of(used, model_.empty() ? member_text(info, "model") : "");
  metadata.add_extra("record_type", record.item_type);
  // More than fits is the sum of several responses, none of which had a longer prompt than fits.
  if (const auto window = json::find_integer(info, "model_context_window");
      window && *window > 0 && used.in > *window)
    metadata.add_extra(prompt_max_member, std::to_string(*window));
  last_used_ = used;
  last_at_ = record.at;
  const std::string_view usage = last_json && last ? *last_json : *total_json;
  events_.emit(llm_response, {"{\"content\":[],\"usage\":", usage, "}"}, std::move(metadata));
}

/// Whether token_count told of the first response that a token_usage_record tells of.
bool CodexTokens::told_by_count(const json::Value& record, const CodexUsage& used,
                                std::optional<Timestamp> at) const {
  if (by_response_ || !last_used_) return false;
  if (const auto thread = read_codex_usage(usage_in(record, "thread_token_usage").value_or("null")))
    return thread->in == counted_.in && thread->out == counted_.out;
  return *last_used_ == used && at && last_at_ &&
         milliseconds_between(*last_at_, *at) <= same_response_ms_max;
}

/// False: it was told before.
bool CodexTokens::tell(const json::Value& record, std::optional<Timestamp> at, bool copied,
                       bool beside) {
  const std::string response = member_text(record, "response_id");
  const auto usage = usage_in(record, "usage").value_or("null");
  const auto used = read_codex_usage(usage);
  if (!used) return false;
  const bool repeated = !response.empty() && !responses_.insert(response).second;
  const bool told = !copied && told_by_count(record, *used, at);
  by_response_ = by_response_ || !copied;
  if (told || repeated) {
    note_repeated(*used);
    return false;
  }
  EventMetadata metadata;
  if (auto why = unread_in_codex_usage(usage); !why.empty()) {
    metadata.model = model_;
    metadata.add_extra(unread_member, std::move(why));
  } else {
    metadata = metadata_of(*used, member_text(record, "model"));
    metadata.add_extra("response", response);
  }
  if (const std::string tier = member_text(record, "service_tier");
      is_usual_tier(service_tier_) && !is_usual_tier(tier))
    metadata.add_extra("service_tier", tier);
  metadata.add_extra("record_type", "token_usage_record");
  if (copied) metadata.add_extra("forked_from", "history");
  const EventMaker::Payload payload{"{\"content\":[],\"usage\":", usage, "}"};
  if (beside) events_.emit_beside("usage", llm_response, payload, std::move(metadata));
  else events_.emit(llm_response, payload, std::move(metadata));
  return true;
}

void CodexTokens::usage_record(const CodexRecord& record, bool copied) {
  if (copied && member_text(record.payload, "response_id").empty())
    return events_.leave_out("token_usage_record (copied)");
  if (!tell(record.payload, record.at, copied, false))
    events_.leave_out("token_usage_record (repeated)");
}

void CodexTokens::compacted(const CodexRecord& record, bool copied) {
  const auto inner = json::find(record.payload, "latest_token_usage_record");
  if (!inner || member_text(*inner, "response_id").empty()) return;
  (void)tell(*inner, record.at, copied, true);
}

}  // namespace agentstore::formats
