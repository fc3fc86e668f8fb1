#include "formats/page/session_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/internal/base64.hpp"
#include "formats/events/bookkeeping.hpp"
#include "formats/events/chat.hpp"
#include "formats/events/summary.hpp"
#include "formats/events/talk.hpp"
#include "formats/page/html.hpp"
#include "formats/page/packed.hpp"
#include "formats/text/code_points.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/markup.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t rows_max = 200;  // of a section
constexpr std::size_t packed_bytes_max = std::size_t{256} << 10;
constexpr std::size_t inline_bytes_max = 6000;  // of a message; a longer one is unfolded
constexpr std::size_t inline_bytes_cut = 4000;
constexpr std::size_t row_columns = 300;
constexpr std::size_t name_columns = 120;
// Of what is masked before it is cut: a secret across this end is not shown.
constexpr std::size_t masked_columns = 2000;

std::string_view first_line(std::string_view text) {
  const std::size_t begun = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  text.remove_prefix(begun);
  return text.substr(0, text.find_first_of("\r\n"));
}

std::string text_of(const EventView& event) {
  const auto text = event_part(event, "text");
  if (!text) return {};
  return json::kind_of(*text) == json::Kind::string ? json::text_of(*text) : *text;
}

/// Paragraphs, and between fences code as it is.
std::string prose_html(std::string_view text) {
  std::string out;
  bool code = false;
  std::string block;
  const auto end_block = [&] {
    const std::string html = html_prose(block);
    if (!html.empty()) out += code ? "<pre>" + html + "</pre>" : "<p>" + html + "</p>";
    block.clear();
  };
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (line.starts_with("```")) {
      end_block();
      code = !code;
    } else {
      block.append(line) += '\n';
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  end_block();
  return out;
}

std::string use_html(const EventView& event) {
  const AnswerUse use = use_of(event);
  if (use.empty()) return {};
  return " <i>" + escaped_markup(use.tokens + (use.cost.empty() ? "" : "  " + use.cost)) + "</i>";
}

}  // namespace

std::string SessionPage::again(std::string text) const {
  if (options_.mask_again) return options_.mask_again(text);
  return text;
}

std::string SessionPage::line(std::string_view text, std::size_t columns) const {
  return html_line(again(std::string{text}), columns);
}

void SessionPage::open_row(const EventView& event, std::string_view classes) {
  const auto tool = tool_name_of(event);
  const std::uint64_t number = event.sequence_number;
  rows_ += fmt::format(
      "<article id=\"e{0}\" class=\"{1}\"{2}><a href=\"#e{0}\">{0}</a><time>{3}"
      "</time>",
      number, classes, tool ? " data-tool=\"" + line(*tool, name_columns) + "\"" : std::string{},
      facts_.has_times() ? time_of_day_text(event.timestamp, options_.clock) : std::string{});
}

void SessionPage::folded(std::string_view who, std::string_view what, std::string_view rest) {
  rows_ += fmt::format("<details><summary><b>{}</b> <span>{}</span>{}</summary></details>", who,
                       what, rest);
}

// A message or an answer with words; false where it has none.
bool SessionPage::said(const EventView& event) {
  const auto item = chat_item(event, facts_.pairs(), head_.agent);
  if (!item || item->kind != ChatItem::Kind::said || event.redacted_by != 0) return false;
  const bool is_long = item->text.size() > inline_bytes_max;
  const Mask& mask = is_long ? options_.mask_again : options_.mask;
  std::string text = mask ? mask(item->text) : item->text;
  const std::size_t size = text.size();
  if (is_long) text.resize(cut_utf8(text, inline_bytes_cut).size());
  rows_ +=
      "<div><b>" + line(item->speaker, name_columns) + "</b>" + use_html(event) + prose_html(text);
  if (is_long)
    rows_ += fmt::format("<button type=\"button\" class=\"more\">show all of it, {}</button>",
                         bytes_text(size));
  rows_ += "</div>";
  pack(event, !is_long);
  return true;
}

void SessionPage::call(const EventView& event) {
  const auto* const outcome = facts_.pairs().outcome_of(event.sequence_number);
  const std::string text = call_text(event);
  const std::size_t end = std::min(text.find("  "), text.size());
  std::string rest;
  if (outcome != nullptr && outcome->failed)
    rest = " <em>" + line(outcome->ending, row_columns) + "</em>";
  if (outcome != nullptr && outcome->duration_ms && outcome->result != 0)
    rest += " <i>" + duration_text(*outcome->duration_ms) + "</i>";
  // In a part of a session, the result may be what was left out.
  if (!head_.partial && (outcome == nullptr || outcome->result == 0)) rest += " <i>no result</i>";
  folded(line(text.substr(0, end), name_columns),
         line(text.substr(std::min(end + 2, text.size())), row_columns), rest);
  pack(event, false);
}

void SessionPage::result(const EventView& event) {
  show_result(event);
  // The text may be large: what is held of it is let go first.
  pack(event, false);
}

void SessionPage::show_result(const EventView& event) {
  const auto call = facts_.pairs().call_of(event.sequence_number);
  const std::string text = again(text_of(event));
  std::string what = html_line(first_line(text), row_columns);
  if (text.find_first_not_of(" \r\n\t") == text.npos)
    what = html_line(again(summary(event, masked_columns)), row_columns);
  const auto lines = static_cast<std::uint64_t>(std::ranges::count(text, '\n')) +
                     (text.ends_with('\n') || text.empty() ? 0U : 1U);
  std::string rest;
  if (lines > 1) rest = " <i>" + counted(lines, "line") + "</i>";
  const std::string of =
      call ? fmt::format("result of <a href=\"#e{0}\">#{0}</a>", *call) : std::string{"result"};
  folded(of, what, rest);
}

void SessionPage::other(const EventView& event) {
  const std::string record = bookkeeping_of(event) ? record_type_of(event) : std::string{};
  std::string who = line(record.empty() ? std::string{event.type} : record, name_columns);
  std::string what;
  if (event.redacted_by != 0) what = line(facts_.redaction_text(event.redacted_by), row_columns);
  else if (!record.empty()) {
    Line words;
    add_what(words, event, {}, masked_columns, false);
    what = line(words.text(), row_columns);
  } else {
    what = line(summary(event, masked_columns), row_columns);
  }
  if (kind_of_type(event.type) == EventKind::error && event.redacted_by == 0)
    what = "<em>" + line(first_line(text_of(event)), row_columns) + "</em>";
  folded(who, what, {});
  pack(event, false);
}

void SessionPage::row(const EventView& event) {
  const EventKind kind = kind_of_type(event.type);
  std::string classes{kind_name(kind)};
  const auto* const outcome = facts_.pairs().outcome_of(event.sequence_number);
  const bool failed = kind == EventKind::error ||
                      (kind == EventKind::result && is_tool_error(event)) ||
                      (outcome != nullptr && outcome->failed);
  if (failed) classes += " failed";
  if (event.redacted_by != 0) classes += " redacted";
  if (bookkeeping_of(event)) classes += " bookkeeping";
  open_row(event, classes);
  const bool readable = event.redacted_by == 0;
  if (readable && kind == EventKind::call) call(event);
  else if (readable && kind == EventKind::result) result(event);
  else if (!said(event)) other(event);
  rows_ += "</article>\n";
}

void SessionPage::pack(const EventView& event, bool inline_whole) {
  if (!inline_whole)
    if (const auto parts = details_of(event, options_.mask); !parts.empty())
      details_ += details_json(event.sequence_number, parts) + '\n';
  if (head_.kind != PageKind::masked) stored_.append(event.line) += '\n';
}

void SessionPage::new_day(const EventView& event) {
  if (!facts_.has_times()) return;
  std::string day = day_text(event.timestamp, options_.clock);
  if (day == day_) return;
  rows_ += "<h3>" + escaped_markup(day) + "</h3>\n";
  day_ = std::move(day);
}

void SessionPage::event(const EventView& event) {
  if (first_ == 0) first_ = event.sequence_number;
  new_day(event);
  row(event);
  if (++rows_in_section_ >= rows_max || details_.size() + stored_.size() >= packed_bytes_max ||
      rows_.size() >= packed_bytes_max)
    end_section();
}

void SessionPage::end_section() {
  if (first_ == 0) return;
  sink_.write("<section>\n" + rows_);
  const auto packed = [&](std::string_view begun, const std::string& text) {
    if (text.empty()) return;
    sink_.write(fmt::format("{} data-first=\"{}\">", begun, first_));
    sink_.write(to_base64(gzip(text)));
    sink_.write(script_end);
    sink_.write("\n");
  };
  packed("<script type=\"application/gzip\" class=\"details\"", std::exchange(details_, {}));
  packed(stored_mark, std::exchange(stored_, {}));
  sink_.write("</section>\n");
  rows_.clear();
  first_ = rows_in_section_ = 0;
}

}  // namespace agentstore::formats
