#include "formats/page/overview_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "agentstore/internal/digest.hpp"
#include "formats/page/charts.hpp"
#include "formats/page/html.hpp"
#include "formats/page/page_kind.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/markup.hpp"
#include "formats/text/session_text.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t name_columns = 160;
constexpr std::size_t groups_max = 20;  // of a table
constexpr std::size_t best_max = 10;    // of the dearest, of the longest

double number_of(const Decimal& amount) {
  return std::strtod(amount.to_string().c_str(), nullptr);
}

double cost_of(const Totals& totals) {
  const auto cost = totals.cost_known_usd();
  return cost ? number_of(*cost) : 0;
}

std::int64_t tokens_of(const Totals& totals) {
  return totals.tokens_in / 2 + totals.tokens_out / 2;
}

std::string cost_cell(const Totals& totals) {
  const std::string cost = cost_text(totals);
  const std::string lacking = unknown_costs_text(totals);
  if (cost.empty()) return "–";
  return escaped_markup(cost) + (lacking.empty() ? "" : " <i>" + escaped_markup(lacking) + "</i>");
}

std::string percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "";
  return fmt::format("{} %", (100 * part + whole / 2) / whole);
}

std::string time_cell(const std::optional<std::int64_t>& duration_ms) {
  return duration_ms ? duration_text(*duration_ms) : "–";
}

/// A cell; of one that is sorted by a number, that number.
std::string cell(const std::string& html, std::string_view classes = {}) {
  return classes.empty() ? "<td>" + html + "</td>"
                         : fmt::format("<td class=\"{}\">{}</td>", classes, html);
}
std::string sorted_cell(const std::string& html, double value) {
  return fmt::format("<td data-value=\"{}\">{}</td>", value, html);
}

class Writer {
 public:
  Writer(const Overview& overview, const Clock& clock, const Mask& mask)
      : overview_{overview}, clock_{clock}, mask_{mask} {}

  std::string name(std::string_view text) const {
    return html_line(mask_ ? mask_(text) : std::string{text}, name_columns);
  }

  std::string figures() const {
    const Totals& totals = overview_.all.totals;
    std::string html;
    const auto add = [&](std::string_view title, const std::string& value) {
      html += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", title, value);
    };
    add("Cost", cost_cell(totals));
    add("Tokens in", thousands(totals.tokens_in));
    add("Tokens out", thousands(totals.tokens_out));
    add("Tool calls",
        thousands(totals.tool_calls) +
            (totals.tool_errors > 0 ? " <i>" + thousands(totals.tool_errors) + " failed, " +
                                          percent(totals.tool_errors, totals.tool_calls) + "</i>"
                                    : ""));
    add("Errors", thousands(totals.errors));
    add("Events", thousands(totals.events));
    add("Time", time_cell(overview_.all.sessions_duration_ms));
    return html;
  }

  std::string days() const {
    StringSink sink;
    std::vector<DayValue> costs;
    std::vector<DayValue> tokens;
    std::vector<DayValue> events;
    for (const StatsGroup& group : overview_.days) {
      const std::string day = group.keys.front().value.value_or("");
      const Totals& totals = group.totals;
      if (const double cost = cost_of(totals); cost > 0)
        costs.push_back({day, cost, escaped_markup(cost_text(totals))});
      if (const std::int64_t sum = tokens_of(totals); sum > 0)
        tokens.push_back(
            {day, static_cast<double>(sum),
             thousands(totals.tokens_in) + " in, " + thousands(totals.tokens_out) + " out"});
      if (totals.events > 0)
        events.push_back(
            {day, static_cast<double>(totals.events), counted(totals.events, "event")});
    }
    if (events.empty()) return {};
    sink.write("<section class=\"panel charts\"><h2>Day by day</h2>\n");
    write_day_bars(sink, "Cost", costs);
    write_day_bars(sink, "Tokens", tokens);
    write_calendar(sink, events);
    sink.write("</section>\n");
    return sink.text;
  }

  std::string tables() const {
    return "<section class=\"panel tables\">\n" +
           use_table("Projects", "no project", overview_.projects) +
           use_table("Models", "no model", overview_.models) +
           best("Dearest", [](const OverviewSession& one) { return cost_of(one.totals); }) +
           best("Longest",
                [](const OverviewSession& one) {
                  return static_cast<double>(one.totals.duration_ms().value_or(0));
                }) +
           tool_table() + "</section>\n";
  }

  std::string unknowns() const {
    std::string html;
    const auto add = [&](const std::string& text) {
      html += "<p class=\"note\">" + name(text) + "</p>\n";
    };
    for (const StatsNote& note : stats_notes(overview_.all))
      add(note.name == "note" ? note.text : "of them " + note.text);
    for (const std::string& one : overview_.unread) add("not read: " + one);
    if (html.empty()) return {};
    return "<section class=\"panel\" id=\"unknowns\"><h2>What is not known</h2>\n" + html +
           "</section>\n";
  }

  std::string sessions() const {
    std::string html = "<thead><tr>";
    for (const std::string_view title :
         {"Session", "Project", "Began", "Took", "Events", "Calls", "Failed", "Tokens", "Cost"})
      html += fmt::format("<th{}><button type=\"button\">{}</button></th>",
                          title == "Session" ? " class=\"name\"" : "", title);
    html += "</tr></thead>\n<tbody>\n";
    for (const OverviewSession& one : overview_.sessions) html += row(one);
    return html + "</tbody>\n";
  }

  std::string period() const {
    const Totals& totals = overview_.all.totals;
    std::string text;
    if (totals.first_event_at && totals.last_event_at) {
      const std::string first = day_text(*totals.first_event_at, clock_);
      const std::string last = day_text(*totals.last_event_at, clock_);
      text = escaped_markup(first == last ? first : first + " to " + last) + ", " +
             escaped_markup(printable(clock_.zone));
    }
    if (!overview_.selection.empty())
      text += (text.empty() ? "" : " · ") + name(overview_.selection);
    return text;
  }

 private:
  std::string link(const OverviewSession& one) const {
    const std::string text =
        name(one.name.empty() && one.title.empty() ? one.id : shown_name(one.name, one.title));
    if (one.page.empty()) return text;
    return "<a href=\"" + escaped_markup(one.page) + "\">" + text + "</a>";
  }

  std::string row(const OverviewSession& one) const {
    const Totals& totals = one.totals;
    const auto took = totals.duration_ms();
    const auto began = totals.first_event_at;
    return "<tr>" + cell(link(one), "name") + cell(name(one.project)) +
           sorted_cell(began ? escaped_markup(time_text(*began, clock_).substr(0, 16)) : "–",
                       began ? static_cast<double>(began->seconds) : -1) +
           sorted_cell(time_cell(took), static_cast<double>(took.value_or(-1))) +
           sorted_cell(thousands(totals.events), static_cast<double>(totals.events)) +
           sorted_cell(thousands(totals.tool_calls), static_cast<double>(totals.tool_calls)) +
           sorted_cell(
               totals.tool_errors == 0 ? "" : "<em>" + thousands(totals.tool_errors) + "</em>",
               static_cast<double>(totals.tool_errors)) +
           sorted_cell(
               thousands(totals.tokens_in + totals.tokens_out),
               static_cast<double>(totals.tokens_in) + static_cast<double>(totals.tokens_out)) +
           sorted_cell(cost_cell(totals), cost_of(totals)) + "</tr>\n";
  }

  static std::vector<const StatsGroup*> largest(
      const std::vector<StatsGroup>& groups, const std::function<double(const StatsGroup&)>& size) {
    std::vector<const StatsGroup*> sorted;
    for (const StatsGroup& group : groups)
      if (group.keys.front().value) sorted.push_back(&group);
    std::ranges::stable_sort(sorted, std::ranges::greater{},
                             [&](const StatsGroup* group) { return size(*group); });
    return sorted;
  }

  static std::string rest(std::size_t groups) {
    if (groups <= groups_max) return {};
    return fmt::format("<p class=\"note\">and {} more</p>\n", groups - groups_max);
  }

  static std::string use_row(const std::string& shown, const StatsGroup& group) {
    return "<tr>" + cell(shown, "name") + cell(thousands(group.in_sessions.sessions)) +
           cell(thousands(group.totals.tokens_in)) + cell(thousands(group.totals.tokens_out)) +
           cell(cost_cell(group.totals)) + "</tr>\n";
  }

  /// `nameless`: what stands for the name of what was used without one.
  std::string use_table(std::string_view title, std::string_view nameless,
                        const std::vector<StatsGroup>& groups) const {
    const auto sorted = largest(groups, [](const StatsGroup& group) {
      return 1e15 * cost_of(group.totals) + static_cast<double>(tokens_of(group.totals));
    });
    if (sorted.empty()) return {};
    std::string html = fmt::format(
        "<div class=\"panel\"><h2>{}</h2><div class=\"scroll\"><table><thead><tr><th "
        "class=\"name\">"
        "</th><th>sessions</th><th>tokens in</th><th>out</th><th>cost</th></tr></thead><tbody>\n",
        title);
    for (std::size_t i = 0; i < std::min(sorted.size(), groups_max); ++i) {
      const StatsGroup& group = *sorted[i];
      html += use_row(name(*group.keys.front().value), group);
    }
    for (const StatsGroup& group : groups)
      if (!group.keys.front().value && (tokens_of(group.totals) > 0 || cost_of(group.totals) > 0))
        html += use_row(fmt::format("<i>{}</i>", nameless), group);
    return html + "</tbody></table></div>\n" + rest(sorted.size()) + "</div>\n";
  }

  std::string tool_table() const {
    auto sorted = largest(overview_.tools, [](const StatsGroup& group) {
      return static_cast<double>(group.totals.tool_calls);
    });
    std::erase_if(sorted, [](const StatsGroup* group) {
      return group->totals.tool_calls == 0 && group->totals.tool_errors == 0;
    });
    if (sorted.empty()) return {};
    std::string html =
        "<div class=\"panel\"><h2>Tools</h2><div class=\"scroll\"><table><thead><tr><th "
        "class=\"name\"></th><th>calls</th><th>failed</th><th></th><th>p50</th><th>p95</th></tr>"
        "</thead><tbody>\n";
    for (std::size_t i = 0; i < std::min(sorted.size(), groups_max); ++i) {
      const StatsGroup& group = *sorted[i];
      const std::uint64_t failed = group.totals.tool_errors;
      const Durations& times = group.in_sessions.tool_durations;
      html += "<tr>" + cell(name(*group.keys.front().value), "name") +
              cell(thousands(group.totals.tool_calls)) +
              cell(failed == 0 ? "" : thousands(failed), "bad") +
              cell(failed == 0 ? "" : percent(failed, group.totals.tool_calls), "bad") +
              cell(time_cell(times.percentile_ms(50))) + cell(time_cell(times.percentile_ms(95))) +
              "</tr>\n";
    }
    return html + "</tbody></table></div>\n" + rest(sorted.size()) + "</div>\n";
  }

  std::string best(std::string_view title,
                   const std::function<double(const OverviewSession&)>& size) const {
    std::vector<const OverviewSession*> sorted;
    for (const OverviewSession& one : overview_.sessions)
      if (size(one) > 0) sorted.push_back(&one);
    if (sorted.empty()) return {};
    std::ranges::stable_sort(sorted, std::ranges::greater{},
                             [&](const OverviewSession* one) { return size(*one); });
    std::string html = fmt::format(
        "<div class=\"panel\"><h2>{}</h2><div class=\"scroll\"><table><thead><tr><th "
        "class=\"name\">"
        "</th><th>took</th><th>calls</th><th>cost</th></tr></thead><tbody>\n",
        title);
    for (std::size_t i = 0; i < std::min(sorted.size(), best_max); ++i) {
      const OverviewSession& one = *sorted[i];
      html += "<tr>" + cell(link(one), "name") + cell(time_cell(one.totals.duration_ms())) +
              cell(thousands(one.totals.tool_calls)) + cell(cost_cell(one.totals)) + "</tr>\n";
    }
    return html + "</tbody></table></div></div>\n";
  }

  const Overview& overview_;
  const Clock& clock_;
  const Mask& mask_;
};

}  // namespace

void write_overview(Sink& sink, const Overview& overview, const Clock& clock, const Mask& mask) {
  const Writer writer{overview, clock, mask};
  const std::string_view script = page_text("overview.js");
  const std::string count = counted(overview.sessions.size(), "session");
  StringSink body;
  write_template(body, page_text("overview.html"),
                 {{"generator", escaped_markup(overview.generator)},
                  {"title", count},
                  {"over", writer.period()},
                  {"figures", writer.figures()},
                  {"days", writer.days()},
                  {"tables", writer.tables()},
                  {"unknowns", writer.unknowns()},
                  {"count", count},
                  {"sessions", writer.sessions()},
                  {"script", script}});
  write_head(sink, {.kind = PageKind::overview,
                    .fingerprint = sha256_hex_of(body.text),
                    .generator = overview.generator,
                    .title = count,
                    .script = script});
  sink.write(body.text);
}

}  // namespace agentstore::formats
