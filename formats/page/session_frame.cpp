// What stands round the rows of a session's page: what it was, its charts, how to check it.

#include <fmt/format.h>

#include <set>

#include "agentstore/analysis/kinds.hpp"
#include "formats/page/html.hpp"
#include "formats/page/session_page.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/markup.hpp"
#include "formats/text/session_text.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t row_columns = 300;
constexpr std::size_t name_columns = 120;

std::string_view part_before(std::string_view text, std::string_view mark) {
  return text.substr(0, text.find(mark));
}

std::string_view part_after(std::string_view text, std::string_view mark) {
  return text.substr(text.find(mark) + mark.size());
}

/// JSON in a script element: nothing in it can end that.
std::string json_in_html(std::string_view json) {
  std::string out;
  for (const char c : json) {
    if (c == '<') out += "\\u003c";
    else out += c;
  }
  return out;
}

std::string fact(std::string_view name, const std::string& html) {
  if (html.empty()) return {};
  return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>\n", name, html);
}

}  // namespace

std::string SessionPage::facts_html() const {
  const Totals& totals = head_.totals;
  const Clock& clock = options_.clock;
  std::set<std::string> models;
  for (const ModelCall& call : head_.model_calls)
    if (!call.model.empty()) models.insert(call.model);
  std::string models_text;
  for (const std::string& model : models)
    models_text += (models_text.empty() ? "" : ", ") + line(model, name_columns);
  std::string labels;
  for (const auto& [key, value] : head_.session.labels)
    if (key != "project")
      labels += (labels.empty() ? "" : ", ") + line(key + "=" + value, name_columns);
  const auto when = [&](const std::optional<Timestamp>& at) {
    if (!at || !facts_.has_times()) return std::string{};
    return escaped_markup(day_text(*at, clock) + ", " + time_of_day_text(*at, clock) + " " +
                          printable(clock.zone));
  };
  std::string calls = thousands(totals.tool_calls);
  if (totals.tool_errors > 0) calls += " <em>" + thousands(totals.tool_errors) + " failed</em>";
  const std::string cost = cost_text(totals);
  const auto lacking = unknown_costs_text(totals);
  std::string tokens;
  if (totals.tokens_in > 0 || totals.tokens_out > 0) {
    tokens = thousands(totals.tokens_in) + " in";
    if (totals.tokens_cache_read)
      tokens += " (" + thousands(*totals.tokens_cache_read) + " cached)";
    tokens += ", " + thousands(totals.tokens_out) + " out";
  }
  const auto took = facts_.has_times() ? totals.duration_ms() : std::nullopt;
  std::string ending =
      head_.partial ? "not known from an extract" : line(facts_.ending(), name_columns);
  if (totals.errors > 0) ending += "; <em>" + counted(totals.errors, "error") + "</em> on the way";
  const std::string verdict =
      head_.verification && head_.kind != PageKind::masked
          ? "<a href=\"#check\">" + std::string{to_string(head_.verification->verdict)} + "</a>"
          : "";
  return fact("Session", line(head_.session.id, name_columns)) +
         fact("Agent", line(head_.agent, name_columns)) + fact("Models", models_text) +
         fact("Began", when(totals.first_event_at)) +
         fact("Last event", when(totals.last_event_at)) +
         fact("Took", took ? duration_text(*took) : "") +
         fact("Events", thousands(facts_.events())) +
         fact("Tool calls", totals.tool_calls > 0 ? calls : "") + fact("Tokens", tokens) +
         fact("Cost",
              cost.empty() ? "" : escaped_markup(cost + (lacking.empty() ? "" : " " + lacking))) +
         fact("Sub-agents", line(head_.sub_agents, row_columns)) + fact("Ended", ending) +
         fact("Verified when made", verdict) +
         (labels.empty() ? ""
                         : "<div class=\"all\"><dt>Labels</dt><dd>" + labels + "</dd></div>\n");
}

std::string SessionPage::check_html() const {
  if (head_.kind == PageKind::masked)
    return "<p>This page is an <b>extract</b>: secrets are masked in it, and so it does not hold "
           "the "
           "stored lines. It cannot be verified.</p>";
  std::string html;
  if (head_.kind == PageKind::extract)
    html = "<p>This page is an <b>extract</b>: it holds " + counted(facts_.events(), "event") +
           ", as stored, and not all of the log.</p>";
  // A part of a log is not imported.
  const std::string import = head_.kind == PageKind::whole
                                 ? "; <code>agentstore import FILE.html</code> takes them back"
                                 : "";
  if (!head_.verification)
    return html +
           "<p>The lines that it holds were made from the transcript of another tool, and nothing "
           "seals them" +
           import + ".</p>";
  const Verification& found = *head_.verification;
  const std::string file = "<code>agentstore verify FILE.html" +
                           std::string{head_.kind == PageKind::extract ? " --extract" : ""} +
                           "</code>";
  html += fmt::format(
      "<p>When it was made, <code>agentstore verify</code> said of the log: <b>{}</b>, {}.</p>\n"
      "<p>A page can say anything. This one holds the lines as they are stored: save it, and {} "
      "checks "
      "their seals and their chain{}.</p>",
      to_string(found.verdict), counted(found.events, "event"), file, import);
  if (head_.kind == PageKind::whole && found.events > found.unsealed && !found.head.empty())
    html += fmt::format(
        "\n<p>Who knows the head from elsewhere can hold the page to it: "
        "<code>--head <span class=\"hash\">{}@{}</span></code></p>",
        escaped_markup(found.head), found.events);
  return html;
}

std::string SessionPage::notes_html() const {
  std::vector<std::string> notes = head_.notes;
  if (head_.partial)
    notes.emplace_back("Events of the session are left out: all figures are of those here alone.");
  if (!facts_.has_times() && facts_.events() > 0)
    notes.emplace_back("The events do not say when they happened: nothing is shown over time.");
  if (facts_.backward() > 0)
    notes.push_back("Time runs backwards at " + counted(facts_.backward(), "event") +
                    ": the list keeps the order of the log.");
  std::string html;
  for (const std::string& note : notes)
    html += "<p class=\"note\">" + escaped_markup(printable(again(note))) + "</p>\n";
  return html;
}

void SessionPage::begin(PageHead head) {
  head_ = std::move(head);
  const std::string_view page = page_text("session.html");
  const std::string title = line(shown_name(head_.session.name, head_.title), name_columns);
  const auto project = head_.session.labels.find("project");
  const std::string over =
      project == head_.session.labels.end() ? "" : line(project->second, name_columns);
  const std::string session = head_.kind == PageKind::masked
                                  ? "{}"
                                  : json_in_html(printable_json(session_json(head_.session)));
  const bool whole = head_.kind == PageKind::whole;
  write_head(sink_, {.kind = head_.kind,
                     .fingerprint = head_.fingerprint,
                     .generator = head_.generator,
                     .title = title,
                     .script = page_text("session.js")});
  write_template(sink_, part_before(page, "{{charts}}"),
                 {{"title", title},
                  {"project", over},
                  {"badge", whole ? "" : "<a class=\"badge\" href=\"#check\">an extract</a>"},
                  {"session", session},
                  {"notes", notes_html()},
                  {"facts", facts_html()}});
  write_charts();
  const std::string_view rest = part_after(page, "{{charts}}");
  write_template(sink_, part_before(rest, "{{toolbar}}"), {});
  write_toolbar();
  write_template(sink_, part_before(part_after(rest, "{{toolbar}}"), "{{events}}"), {});
}

void SessionPage::write_charts() {
  if (!facts_.has_times()) return;
  const bool agent = !facts_.lanes().front().calls.empty() || facts_.lanes().size() > 1;
  const TimeAxis axis{facts_.busy(), chart_left, chart_right, agent ? Idle::cut : Idle::kept};
  if (!axis.has_length()) return;
  if (agent) {
    sink_.write("<section class=\"panel\"><h2>Calls over time</h2>\n");
    write_waterfall(sink_, facts_.lanes(), facts_.messages(), axis, options_.clock);
    sink_.write("</section>\n");
  }
  StepChart cost{.title = "Cost", .total = escaped_markup(cost_text(head_.totals)), .top = {}};
  StepChart in{.title = "Tokens in", .total = thousands(head_.totals.tokens_in), .top = {}};
  StepChart out{.title = "Tokens out", .total = thousands(head_.totals.tokens_out), .top = {}};
  double sums[3] = {0, 0, 0};
  const auto add = [](StepChart& chart, std::int64_t at_ms, double& sum, double more) {
    if (more > 0) chart.points.push_back({at_ms, sum += more});
  };
  for (const ModelCall& call : head_.model_calls) {
    const std::int64_t at_ms = milliseconds_of(call.at);
    if (call.cost_usd)
      add(cost, at_ms, sums[0], std::strtod(call.cost_usd->to_string().c_str(), nullptr));
    add(in, at_ms, sums[1], static_cast<double>(call.tokens.tokens_in.value_or(0)));
    add(out, at_ms, sums[2], static_cast<double>(call.tokens.tokens_out.value_or(0)));
  }
  const bool used = !cost.points.empty() || !in.points.empty() || !out.points.empty();
  if (!used && facts_.held().empty()) return;
  sink_.write("<section class=\"panel charts\"><h2>" +
              std::string{used ? "Use over time" : "Balance over time"} + "</h2>\n");
  for (const StepChart* const chart : {&cost, &in, &out})
    write_step_chart(sink_, *chart, axis, options_.clock);
  for (const auto& [asset, held] : facts_.held()) {
    const std::string name = line(asset, name_columns);
    write_step_chart(sink_,
                     {.title = name,
                      .total = separated(held.last.to_string()),
                      .top = held.most > held.last ? separated(held.most.to_string()) : "",
                      .points = held.points},
                     axis, options_.clock);
  }
  sink_.write("</section>\n");
}

void SessionPage::write_toolbar() {
  std::string kinds;
  for (const auto& [kind, count] : facts_.kinds())
    kinds += fmt::format(
        "<button type=\"button\" class=\"kind\" data-kind=\"{0}\" aria-pressed=\"false\">{0} <i>{1}"
        "</i></button>\n",
        escaped_markup(kind_name(kind)), thousands(count));
  std::string tools;
  for (const auto& [tool, count] : facts_.tools()) {
    const std::string name = line(tool, name_columns);
    tools += fmt::format("<option value=\"{}\">{} ({})</option>\n", name, name, thousands(count));
  }
  std::string bookkeeping;
  if (facts_.bookkeeping() > 0)
    bookkeeping = fmt::format(
        "<label><input type=\"checkbox\" id=\"bookkeeping\"> bookkeeping <i>{}</i></label>",
        thousands(facts_.bookkeeping()));
  write_template(sink_, page_text("toolbar.html"),
                 {{"kinds", kinds},
                  {"tools", tools},
                  {"bookkeeping", bookkeeping},
                  {"count", counted(facts_.events(), "event")}});
}

void SessionPage::end(std::string_view masked) {
  end_section();
  std::string check = check_html();
  if (!masked.empty()) check += "\n<p>Masked: " + escaped_markup(masked) + ".</p>";
  write_template(sink_, part_after(page_text("session.html"), "{{events}}"),
                 {{"check", check},
                  {"generator", escaped_markup(head_.generator)},
                  {"script", page_text("session.js")}});
}

}  // namespace agentstore::formats
