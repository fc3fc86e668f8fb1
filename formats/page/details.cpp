#include "formats/page/details.hpp"

#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "formats/events/edits.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/prose.hpp"

namespace agentstore::formats {
namespace {

class Collector {
 public:
  explicit Collector(const Mask& mask) : mask_{mask} {}

  void text(std::string title, std::string_view text) {
    if (text.find_first_not_of(" \t\r\n") == text.npos) return;
    parts_.push_back({DetailPart::Kind::text, std::move(title), shown(text)});
  }
  /// JSON with a member a line; a string as its text.
  void value(std::string title, std::string_view json) {
    text(std::move(title),
         json::kind_of(json) == json::Kind::string ? json::text_of(json) : pretty_json(json));
  }
  void edit(const FileEdit& edit) {
    constexpr char marks[] = {' ', '+', '-', '@'};
    std::string lines;
    for (const EditLine& line : edit.lines) {
      lines += marks[static_cast<std::size_t>(line.kind)];
      lines += line.text;
      lines += '\n';
    }
    constexpr std::size_t title_columns = 300;
    std::string title = printable_cut(
        masked(edit.file + (edit.what.empty() ? "" : " (" + edit.what + ")")), title_columns);
    parts_.push_back({DetailPart::Kind::difference, std::move(title), shown(lines)});
  }

  std::vector<DetailPart> take() { return std::move(parts_); }

 private:
  std::string masked(std::string_view text) const {
    return mask_ ? mask_(text) : std::string{text};
  }

  // A text may be of many megabytes: it is not copied for nothing.
  std::string shown(std::string_view text) const {
    return mask_ ? prose_text(mask_(text)) : prose_text(text);
  }

  const Mask& mask_;
  std::vector<DetailPart> parts_;
};

std::size_t members_of(std::string_view object) {
  std::size_t members = 0;
  for (json::Walk member{object}; member.next();) ++members;
  return members;
}

void add_call(Collector& into, const EventView& call) {
  const auto edits = edits_of(call);
  for (const FileEdit& edit : edits) into.edit(edit);
  if (!edits.empty()) return;
  if (const auto command = event_part(call, "command")) into.value("command", *command);
  const auto arguments = event_part(call, "tool_args");
  // A command alone was shown.
  if (arguments && event_part(call, "command") && members_of(*arguments) == 1) return;
  into.value("input", arguments ? *arguments : std::string{call.payload});
}

}  // namespace

std::vector<DetailPart> details_of(const EventView& event, const Mask& mask) {
  Collector parts{mask};
  if (event.redacted_by != 0) return {};
  const auto text = event_part(event, "text");
  switch (kind_of_type(event.type)) {
    case EventKind::call: add_call(parts, event); break;
    case EventKind::result:
      for (const FileEdit& edit : edits_of(event)) parts.edit(edit);
      if (text) parts.value("result", *text);
      else parts.value("result", event.payload);
      break;
    case EventKind::message:
    case EventKind::answer:
      if (text) parts.value("text", *text);
      else parts.value("payload", event.payload);
      break;
    default: parts.value("payload", event.payload);
  }
  return parts.take();
}

std::string details_json(std::uint64_t sequence_number, const std::vector<DetailPart>& parts) {
  std::string json = '[' + std::to_string(sequence_number) + ",[";
  for (const DetailPart& part : parts) {
    json.reserve(json.size() + part.text.size() + part.text.size() / 16);
    if (&part != &parts.front()) json += ',';
    json += part.kind == DetailPart::Kind::text ? "[\"text\"," : "[\"difference\",";
    json::append_quoted(json, part.title);
    json += ',';
    json::append_quoted(json, part.text);
    json += ']';
  }
  return json += "]]";
}

}  // namespace agentstore::formats
