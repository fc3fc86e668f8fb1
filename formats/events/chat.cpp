#include "formats/events/chat.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/analysis/stats.hpp"
#include "agentstore/json.hpp"
#include "formats/events/edits.hpp"
#include "formats/events/summary.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/prose.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

std::string text_of_part(const EventView& event, std::string_view name) {
  const auto part = event_part(event, name);
  return part ? json::text_of(*part) : std::string{};
}

constexpr std::string_view letters_and_digits =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

std::string speaker_of(const EventView& event, std::string_view agent) {
  const bool object = json::kind_of(event.payload) == json::Kind::object;
  if (kind_of_type(event.type) == EventKind::message) {
    const auto role = object ? json::find_text(event.payload, "role") : std::nullopt;
    return role && !role->empty() ? *role : "user";
  }
  std::string speaker{agent};
  if (speaker.empty()) speaker = agent_of(event);
  if (speaker.empty() && kind_of_type(event.type) == EventKind::call) return speaker;
  if (speaker.empty()) speaker = "assistant";
  if (const auto worker = json::find_text(event.metadata, "worker_id"); worker && !worker->empty())
    speaker += " (" + *worker + ")";
  return speaker;
}

std::string first_line(std::string_view text) {
  const std::size_t begun = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  text.remove_prefix(begun);
  const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
  const bool more = text.find_first_not_of(" \t\r\n", end) != text.npos;
  return std::string{text.substr(0, end)} + (more ? " …" : "");
}

}  // namespace

std::string agent_of(const Labels& labels) {
  const auto type = labels.find("agent_type");
  if (type == labels.end()) return {};
  return type->second == "claude-code" ? "claude" : type->second;
}

// "gpt" of "openai/gpt-5".
std::string agent_of(const EventView& event) {
  const Usage usage = usage_of(event);
  if (!usage.model.starts_with('"')) return {};
  std::string model = json::text_of(usage.model);
  if (const std::size_t served = model.rfind('/'); served != model.npos) model.erase(0, served + 1);
  return model.substr(0, std::min(model.find_first_not_of(letters_and_digits), model.size()));
}

std::string call_text(const EventView& call) {
  constexpr std::size_t columns_max = 400;
  const std::string tool = tool_name_of(call).value_or("tool");
  if (call.redacted_by != 0) return tool + "  (redacted)";
  const std::string command = text_of_part(call, "command");
  const auto edits = edits_of(call);
  if (!edits.empty()) {
    std::size_t added = 0;
    std::size_t removed = 0;
    for (const FileEdit& edit : edits) {
      added += edit.added();
      removed += edit.removed();
    }
    const std::string others =
        edits.size() > 1 ? fmt::format(" and {} more", edits.size() - 1) : std::string{};
    return fmt::format("{}  {}{}  +{} −{}", tool, first_line(edits.front().file), others, added,
                       removed);
  }
  if (!command.empty()) return tool + "  " + first_line(command);
  if (const std::string file = text_of_part(call, "file"); !file.empty())
    return tool + "  " + first_line(file);
  const std::string said = summary(call, columns_max);
  return said.starts_with(tool) ? said : tool + "  " + said;
}

std::string outcome_text(const CallOutcome& outcome) {
  std::string text;
  if (outcome.duration_ms) text += "  " + duration_text(*outcome.duration_ms);
  if (outcome.failed) text += "  " + outcome.ending;
  return text;
}

std::optional<ChatItem> chat_item(const EventView& event, const CallPairs& pairs,
                                  std::string_view agent) {
  ChatItem item{.kind = ChatItem::Kind::said,
                .sequence_number = event.sequence_number,
                .at = event.timestamp,
                .speaker = speaker_of(event, agent),
                .by_user = false,
                .text = {},
                .outcome = {}};
  switch (kind_of_type(event.type)) {
    case EventKind::message: item.by_user = true; [[fallthrough]];
    case EventKind::answer:
      item.text = event.redacted_by != 0
                      ? fmt::format("(redacted: #{} says why)", event.redacted_by)
                      : text_of_part(event, "text");
      if (item.text.find_first_not_of(" \t\r\n") == item.text.npos) return std::nullopt;
      return item;
    case EventKind::call:
      item.kind = ChatItem::Kind::call;
      item.text = call_text(event);
      if (const auto* const outcome = pairs.outcome_of(event.sequence_number))
        item.outcome = *outcome;
      return item;
    case EventKind::error:
      item.kind = ChatItem::Kind::error;
      item.speaker.clear();
      item.text = text_of_part(event, "text");
      return item;
    default: return std::nullopt;
  }
}

void Chat::add_day(const ChatItem& item) {
  const std::string day = day_text(item.at, screen_.clock);
  if (day == day_) return;
  sink_.write(begun_ ? "\n" : "");
  const std::string shown = day_.empty() ? day + ", " + screen_.clock.zone : day;
  sink_.write(painted(fitting(shown, 0), Paint::dim, screen_.color) + "\n");
  day_ = day;
  speaker_.clear();
  begun_ = true;
}

void Chat::add_head(const ChatItem& item) {
  sink_.write("\n");
  // Each prompt begins anew.
  if (item.speaker == speaker_ && !item.by_user) return;
  speaker_ = item.speaker;
  constexpr std::size_t speaker_columns_max = 40;
  const std::string speaker = printable_cut(item.speaker, speaker_columns_max);
  const std::string number = fmt::format("  #{}", item.sequence_number);
  const std::string time = "  " + time_of_day_text(item.at, screen_.clock);
  const std::size_t wanted = display_width(speaker) + time.size() + number.size();
  const bool narrow = screen_.columns != 0 && wanted > screen_.columns;
  sink_.write(painted(fitting(speaker, number.size()), item.by_user ? Paint::cyan : Paint::bold,
                      screen_.color) +
              painted((narrow ? "" : time) + number, Paint::dim, screen_.color) + "\n");
}

std::string Chat::fitting(std::string_view printable_text, std::size_t beside_columns) const {
  constexpr std::size_t columns_min = 8;
  if (screen_.columns == 0) return std::string{printable_text};
  const std::size_t left = screen_.columns - std::min(screen_.columns, beside_columns);
  return cut(printable_text, std::max(left, columns_min));
}

// How it ended is never cut: the call gives way.
void Chat::add_call(const ChatItem& item) {
  constexpr std::size_t text_columns_min = 12;
  std::string end = printable(outcome_text(item.outcome));
  std::string text = printable(item.text);
  if (screen_.columns != 0) {
    const std::size_t room = std::max(screen_.columns, text_columns_min + 4) - 4;
    end = cut(end, room - text_columns_min);
    text = cut(text, room - display_width(end));
  }
  const Paint paint = item.outcome.failed ? Paint::red : Paint::none;
  sink_.write("  · " + text + painted(end, paint, screen_.color) + "\n");
}

void Chat::add(ChatItem item) {
  add_day(item);
  if (item.kind == ChatItem::Kind::call && item.speaker.empty())
    item.speaker = agent_.empty() ? "assistant" : agent_;
  if (!item.by_user && !item.speaker.empty()) agent_ = item.speaker;
  const bool call = item.kind == ChatItem::Kind::call;
  const bool same = item.speaker == speaker_;
  if (item.kind == ChatItem::Kind::error) {
    sink_.write("\n");
    const std::string text =
        fmt::format("error  #{}  {}", item.sequence_number,
                    item.text.empty() ? std::string{"(without a message)"} : item.text);
    write_prose(sink_, text, screen_, {.indent = "  ! ", .paint = Paint::red});
    after_call_ = false;
    return;
  }
  if (!(call && same && after_call_)) add_head(item);
  if (call) add_call(item);
  else write_prose(sink_, item.text, screen_);
  after_call_ = call;
}

}  // namespace agentstore::formats
