#include <fmt/format.h>

#include <algorithm>

#include "agentstore/json.hpp"
#include "formats/answers/context.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/prose.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

std::string who_of(const ContextMessage& message) {
  return message.tool.empty() || message.role == "assistant" ? message.role : message.tool;
}

// "120", "~1,030", "?"; of a part of a response nothing.
std::string tokens_of(const ContextMessage& message) {
  if (message.tokens) return (message.derived ? "~" : "") + thousands(*message.tokens);
  return message.part_of != 0 ? fmt::format("in #{}", message.part_of) : "?";
}

void write_rows(Sink& sink, const ContextBuilder& context, const Screen& screen) {
  Table table{{{.name = "EVENT", .role = Role::key},
               {.name = "WHO", .role = Role::key},
               {.name = "TOKENS", .role = Role::number},
               {.name = "TEXT"}}};
  for (const ContextMessage& message : context.messages())
    table.row({fmt::format("#{}", message.sequence_number), who_of(message), tokens_of(message),
               message.text.substr(
                   std::min(message.text.find_first_not_of(" \t\r\n"), message.text.size()))});
  table.write(sink, screen);
}

void write_whole(Sink& sink, const ContextBuilder& context, const Screen& screen) {
  bool first = true;
  for (const ContextMessage& message : context.messages()) {
    if (!first) sink.write("\n");
    first = false;
    const std::string head = fmt::format("#{}  {}  ", message.sequence_number, who_of(message));
    sink.write(painted(printable(head), Paint::bold, screen.color) +
               painted(tokens_of(message) + " tokens", Paint::dim, screen.color) + "\n");
    write_prose(sink, message.text, screen);
  }
}

std::string total_of(const ContextBuilder& context) {
  std::string text = "Total: " + counted(context.messages().size(), "message");
  if (context.since() != 0)
    text += fmt::format(" since #{}, where the context began anew", context.since());
  if (!context.tokens()) return text + " | tokens unknown: no response tells";
  text += fmt::format(" | {} tokens in context (#{} tells)", thousands(*context.tokens()),
                      context.told_by());
  const std::int64_t known = context.tokens_known();
  const std::int64_t rest = *context.tokens() - known;
  if (rest > 0 && known > 0)
    text += fmt::format(": {} known above, {} in others, instructions and tools", thousands(known),
                        thousands(rest));
  return text;
}

}  // namespace

void write_context(Sink& sink, const ContextBuilder& context, const Screen& screen, bool whole) {
  if (context.messages().empty()) write_prose(sink, "no messages before it", screen);
  else if (whole) write_whole(sink, context, screen);
  else write_rows(sink, context, screen);
  sink.write("\n");
  for (const std::string& line : wrapped(total_of(context), screen.columns))
    sink.write(line + "\n");
}

void write_context_json(Sink& sink, const ContextBuilder& context, const std::string& session_id) {
  const auto message_json = [](const ContextMessage& message) {
    const bool tool = !message.tool.empty();
    return fmt::format(
        R"({{"sequence_number":{},"role":{},"tool_name":{},"text":{},"tokens":{},"derived":{},)"
        R"("part_of":{}}})",
        message.sequence_number, json::quote(message.role),
        tool ? json::quote(message.tool) : "null", json::quote(message.text),
        number_json(message.tokens), message.derived,
        message.part_of != 0 ? std::to_string(message.part_of) : "null");
  };
  const auto number_or_null = [](std::uint64_t number) {
    return number != 0 ? std::to_string(number) : "null";
  };
  sink.write(fmt::format(
      R"({{"schema":"agentstore/context/1","session_id":{},"sequence_number":{},"since":{},)"
      R"("tokens":{},"told_by":{},"messages":{}}})"
      "\n",
      json::quote(session_id), context.at(), number_or_null(context.since()),
      number_json(context.tokens()), number_or_null(context.told_by()),
      array_json(context.messages(), message_json)));
}

}  // namespace agentstore::formats
