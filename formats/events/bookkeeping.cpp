#include "formats/events/bookkeeping.hpp"

#include <string_view>
#include <vector>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "formats/events/fields.hpp"
#include "formats/events/words.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::array<std::string_view, 4> words{"hook", "progress", "bookkeeping", "custom"};

// Whether there is a word in it: no ids, no numbers.
bool says_something(const json::Value& payload) {
  const Fields fields{payload};
  for (const std::string_view name :
       {"content", "text", "message", "summary", "prompt", "thinking", "error"}) {
    const auto member = fields.find({name});
    if (member && !words_start(*member, 1).empty()) return true;
  }
  for (const std::string_view name : {"data", "payload", "msg", "attachment", "item"}) {
    const auto inner = fields.find({name});
    if (inner && json::kind_of(*inner) == json::Kind::object && says_something(*inner)) return true;
  }
  return json::kind_of(payload) == json::Kind::string && payload.size() > 2;
}

}  // namespace

std::string record_type_of(const EventView& event) {
  if (event.metadata.size() <= 2) return {};
  const auto extra = json::find(event.metadata, "extra");
  if (!extra) return {};
  return json::find_text(*extra, "record_type").value_or("");
}

std::optional<Bookkeeping> bookkeeping_of(const EventView& event) {
  if (event.redacted_by != 0 || event.type.starts_with("agentstore.")) return std::nullopt;
  const EventKind kind = kind_of_type(event.type);
  if (kind == EventKind::answer)
    return says_something(event.payload) ? std::nullopt : std::optional{Bookkeeping::response};
  if (kind != EventKind::other && kind != EventKind::state) return std::nullopt;
  const std::string record = record_type_of(event);
  if (record.contains("hook")) return Bookkeeping::hook;
  if (record.starts_with("progress/")) return Bookkeeping::progress;
  if (record == "meta" || record == "queue-operation") return Bookkeeping::note;
  if (record.empty() && event.type != custom_event) return std::nullopt;
  if (says_something(event.payload)) return std::nullopt;
  return record.empty() ? Bookkeeping::custom : Bookkeeping::note;
}

bool FoldedEvents::any() const {
  for (const std::uint64_t count : counts_)
    if (count > 0) return true;
  return false;
}

std::string FoldedEvents::text() const {
  std::vector<std::string_view> kinds;
  std::uint64_t events = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (counts_[i] == 0) continue;
    kinds.push_back(words[i]);
    events += counts_[i];
  }
  std::string text;
  if (events > 0) {
    text = thousands(events);
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      text += i == 0 ? " " : i + 1 < kinds.size() ? ", " : " and ";
      text += kinds[i];
    }
    text += events == 1 ? " event" : " events";
  }
  const std::uint64_t responses = counts_[static_cast<std::size_t>(Bookkeeping::response)];
  if (responses == 0) return text;
  if (!text.empty()) text += ", ";
  return text + counted(responses, "response") + " without text";
}

}  // namespace agentstore::formats
