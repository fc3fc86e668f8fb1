#include "formats/sources/claude_attachments.hpp"

#include "agentstore/json.hpp"

namespace agentstore::formats {
namespace {

/// Claude Code queues the notices of tasks and of other agents, too.
bool is_queued_prompt(const json::Value& attachment) {
  if (json::find(attachment, "isMeta").value_or("false") == "true") return false;
  const auto mode = json::find_text(attachment, "commandMode");
  const std::string kind = mode ? *mode : json::find_text(attachment, "mode").value_or("prompt");
  if (kind != "prompt") return false;
  const auto origin = json::find(attachment, "origin");
  const std::string who = origin ? json::find_text(*origin, "kind").value_or("human") : "human";
  return who == "human";
}

}  // namespace

void take_claude_attachment(EventMaker& events, ClaudeTalk& talk, const SourceRecord& source,
                            const ClaudeRecord& record) {
  const std::string type = json::find_text(record.attachment, "type").value_or("");
  if (type == "queued_command" && is_queued_prompt(record.attachment))
    if (const auto words = json::find(record.attachment, "prompt"))
      return talk.said(record, *words);
  events.emit(custom_event, source.json,
              ClaudeTalk::of_kind(record, joined({"attachment/", type})));
}

}  // namespace agentstore::formats
