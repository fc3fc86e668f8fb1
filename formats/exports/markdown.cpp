#include "formats/exports/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "formats/events/edits.hpp"
#include "formats/events/total_text.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/prose.hpp"
#include "formats/text/session_text.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t failures_max = 50;
// Of our own: it keeps apart what a forge would make a mention, a reference or a link of.
constexpr std::string_view apart = "<!-- -->";

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// What a forge looks for in text that is shown, whatever its escapes.
bool needs_apart(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at + 1);
  if (text[at] == '@' || text[at] == '#') return !rest.empty() && is_word(rest.front());
  if (text[at] == ':') return rest.starts_with("//");
  return (text[at] == 'w' || text[at] == 'W') &&
         (rest.starts_with("ww.") || rest.starts_with("WW."));
}

// HTML text, as it stands in a summary.
std::string html_text(std::string_view printable_text) {
  std::string out;
  for (std::size_t at = 0; at < printable_text.size(); ++at) {
    switch (const char c = printable_text[at]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
    if (needs_apart(printable_text, at)) out += apart;
  }
  return out;
}

bool is_mark(char c) {
  return std::string_view{"\\`*_{}[]#!|~$^"}.contains(c);
}

// Where a line begins, some more characters start a list, a heading, a quotation.
bool starts_block(std::string_view line, std::size_t at) {
  const char c = line[at];
  const std::string_view before = line.substr(0, at);
  if (c == '-' || c == '+' || c == '=' || c == ':') return before.empty();
  if (c != '.' && c != ')') return false;
  return !before.empty() && before.find_first_not_of("0123456789") == before.npos;
}

// The bytes of a span of code at the start, its quotes included; 0: there is none.
std::size_t code_span_bytes(std::string_view rest) {
  if (!rest.starts_with('`') || rest.starts_with("``")) return 0;
  const std::size_t end = rest.find('`', 1);
  if (end == rest.npos || end == 1 || rest.substr(end).starts_with("``")) return 0;
  return end + 1;
}

std::string escaped_line(std::string_view printable_line) {
  const std::size_t begun = std::min(printable_line.find_first_not_of(' '), printable_line.size());
  std::string out;
  for (std::size_t blank = 0; blank < begun; ++blank) out += "&nbsp;";
  const std::string_view line = printable_line.substr(begun);
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (const std::size_t bytes = code_span_bytes(line.substr(at)); bytes > 0) {
      out += line.substr(at, bytes);
      at += bytes - 1;
      continue;
    }
    const char c = line[at];
    if (c == '&' || c == '<' || c == '>') {
      out += html_text(line.substr(at, 1));
    } else {
      if (is_mark(c) || starts_block(line, at)) out += '\\';
      out += c;
    }
    if (needs_apart(line, at)) out += apart;
  }
  return out;
}

// "```cpp" or "~~~~": its mark and how many; nothing where a line opens or closes no block.
std::string_view fence_of(std::string_view line) {
  const std::size_t begun = line.find_first_not_of(' ');
  if (begun == line.npos || begun > 3) return {};
  line.remove_prefix(begun);
  const char mark = line.front();
  if (mark != '`' && mark != '~') return {};
  const std::size_t size = std::min(line.find_first_not_of(mark), line.size());
  return size >= 3 ? line.substr(0, size) : std::string_view{};
}

std::string edits_text(const std::vector<FileEdit>& edits) {
  constexpr const char* before[] = {" ", "+", "-", ""};
  std::string text;
  for (const FileEdit& edit : edits) {
    text += "--- " + edit.file + (edit.what.empty() ? "" : "  (" + edit.what + ")") + "\n";
    for (const EditLine& line : edit.lines)
      text += before[static_cast<std::size_t>(line.kind)] + line.text + "\n";
  }
  return text;
}

std::string json_or_text(std::string_view value) {
  return json::kind_of(value) == json::Kind::string ? json::text_of(value) : pretty_json(value);
}

std::string input_of(const EventView& call) {
  if (call.redacted_by != 0) return fmt::format("(redacted: #{} says why)", call.redacted_by);
  const auto command = event_part(call, "command");
  if (const auto edits = edits_of(call); !edits.empty()) return edits_text(edits);
  if (command) return json::text_of(*command);
  const auto arguments = event_part(call, "tool_args");
  return arguments ? json_or_text(*arguments) : json_or_text(call.payload);
}

std::string output_of(const EventView& result) {
  if (result.redacted_by != 0) return fmt::format("(redacted: #{} says why)", result.redacted_by);
  const auto words = event_part(result, "text");
  return words ? json::text_of(*words) : json_or_text(result.payload);
}

}  // namespace

std::string markdown_code(std::string_view text, std::string_view language) {
  std::size_t longest = 2;
  std::size_t run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  const std::string fence(longest + 1, '`');
  std::string out = fence;
  out.append(language) += '\n';
  for (const std::string& line : prose_lines(text, 0)) out += line + '\n';
  return out + fence + '\n';
}

std::string markdown_line(std::string_view printable_text) {
  std::string line{printable_text};
  std::ranges::replace(line, '`', '\'');  // Within quotes a | would end the cell.
  line = markdown_text(line);
  while (line.ends_with('\n')) line.pop_back();
  return line;
}

std::string markdown_text(std::string_view text) {
  std::string out;
  std::string block;
  std::string_view fence;
  while (text.ends_with('\n')) text.remove_suffix(1);
  while (true) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    const std::string_view mark = fence_of(line);
    const bool last = end == text.npos;
    if (!fence.empty()) {
      const bool closes = mark.starts_with(fence) || last;
      if (closes && !mark.starts_with(fence)) block.append(line) += '\n';
      if (!closes) block.append(line) += '\n';
      if (closes) {
        out += markdown_code(block) + "\n";
        fence = {};
      }
    } else if (!mark.empty()) {
      fence = mark;
      block.clear();
      if (!out.empty() && !out.ends_with("\n\n")) out += '\n';
      if (last) out += escaped_line(printable(line)) + "\n";
    } else {
      const std::string shown = escaped_line(prose_lines(line, 0).front());
      const bool blank = shown.find_first_not_of(' ') == shown.npos;
      // A line of its own, where the next one goes on.
      const bool goes_on = !last && !blank && text.size() > end + 1 && text[end + 1] != '\n' &&
                           fence_of(text.substr(end + 1)).empty();
      out += blank ? "\n" : shown + (goes_on ? "\\\n" : "\n");
    }
    if (last) return out;
    text.remove_prefix(end + 1);
  }
}

Markdown::Markdown(Sink& sink, const CallPairs& pairs, MarkdownOptions options)
    : sink_{sink}, pairs_{pairs}, options_{std::move(options)} {}

std::string Markdown::masked(std::string_view text) const {
  return options_.mask ? options_.mask(text) : std::string{text};
}

void Markdown::begin(const Session& session, const std::string& title) {
  const std::string name = printable(masked(shown_name(session.name, title)));
  sink_.write("# " + escaped_line(name) + "\n\n");
  sink_.write(fmt::format("Session {}, {} {}\n", escaped_line(printable(masked(session.id))),
                          day_text(session.created_at, options_.clock),
                          time_of_day_text(session.created_at, options_.clock) + " " +
                              escaped_line(printable(options_.clock.zone))));
}

void Markdown::close_fold() {
  if (std::exchange(open_call_, 0) != 0) sink_.write("\n</details>\n");
}

void Markdown::open_fold(std::uint64_t call, const std::string& summary) {
  close_fold();
  open_call_ = call;
  sink_.write("\n<details><summary>" + summary + "</summary>\n");
}

void Markdown::speak(const EventView& event, const ChatItem& item) {
  if (item.speaker == speaker_) return;
  speaker_ = item.speaker;
  sink_.write(fmt::format("\n### {} · {} · event {}\n",
                          escaped_line(printable(masked(item.speaker))),
                          time_text(event.timestamp, options_.clock), event.sequence_number));
}

void Markdown::call(const EventView& event, const ChatItem& item) {
  constexpr std::size_t summary_columns_max = 160;
  const auto shown = [&](std::string_view text) {
    return html_text(printable_cut(masked(text), summary_columns_max));
  };
  const std::string end = shown(outcome_text(item.outcome));
  open_fold(event.sequence_number,
            shown(item.text) + (item.outcome.failed ? "<b>" + end + "</b>" : end));
  const bool edit = event.redacted_by == 0 && !edits_of(event).empty();
  sink_.write("\n" + markdown_code(masked(input_of(event)), edit ? "diff" : ""));
  if (!item.outcome.failed) return;
  if (++failed_ <= failures_max)
    failures_.push_back(fmt::format("event {}: {}{}", event.sequence_number, item.text,
                                    outcome_text(item.outcome)));
}

void Markdown::result(const EventView& event) {
  const auto call = pairs_.call_of(event.sequence_number);
  if (!call || *call != open_call_)
    open_fold(call.value_or(event.sequence_number),
              call ? fmt::format("result of the call in event {}", *call)
                   : "a result: event " + std::to_string(event.sequence_number));
  const std::string output = output_of(event);
  if (output.find_first_not_of(" \r\n\t") == output.npos) sink_.write("\nIt printed nothing.\n");
  else sink_.write("\n" + markdown_code(masked(output)));
}

void Markdown::event(const EventView& event) {
  if (kind_of_type(event.type) == EventKind::result) return result(event);
  auto item = chat_item(event, pairs_, options_.agent);
  if (!item) {
    ++left_out_;
    return;
  }
  if (item->kind == ChatItem::Kind::call) {
    return call(event, *item);
  }
  close_fold();
  if (item->kind == ChatItem::Kind::error) {
    speaker_.clear();
    sink_.write(fmt::format("\n**error** (event {}): {}", event.sequence_number,
                            markdown_text(masked(item->text))));
    if (++failed_ <= failures_max)
      failures_.push_back(fmt::format("event {}: error: {}", event.sequence_number, item->text));
    return;
  }
  speak(event, *item);
  sink_.write("\n" + markdown_text(masked(item->text)));
}

void Markdown::end(const Totals& totals, const std::string& masked_counts) {
  constexpr std::size_t line_columns_max = 200;
  close_fold();
  sink_.write("\n---\n\n" + escaped_line(printable(total_text(totals))) + "\n");
  if (!failures_.empty()) {
    sink_.write(fmt::format("\n{} failed:\n\n", counted(failed_, "event")));
    for (const std::string& failure : failures_) {
      const std::string line = failure.substr(0, failure.find('\n'));
      sink_.write("- " + escaped_line(printable_cut(masked(line), line_columns_max)) + "\n");
    }
    if (failed_ > failures_.size())
      sink_.write(fmt::format("- and {} more\n", failed_ - failures_.size()));
  }
  if (left_out_ > 0)
    sink_.write(fmt::format("\nNot shown: {} that {} no part of the conversation.\n",
                            counted(left_out_, "event"), left_out_ == 1 ? "is" : "are"));
  if (!masked_counts.empty()) sink_.write("\nRedacted: " + masked_counts + ".\n");
}

}  // namespace agentstore::formats
