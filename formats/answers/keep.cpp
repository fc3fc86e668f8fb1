#include "formats/answers/keep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>

#include "agentstore/json.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/figures.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

/// Of each kind, so many are shown to people.
constexpr std::size_t shown_max = 10;
constexpr std::size_t project_columns_max = 16;
constexpr std::size_t title_columns_max = 100;

std::string or_null(const std::string& text) {
  return text.empty() ? "null" : json::quote(text);
}

std::string quoted(const std::string& text) {
  return json::quote(text);
}

std::string folder_json(const KeptFolder& folder) {
  return fmt::format(R"({{"agent":{},"path":{},"transcripts":{}}})", or_null(folder.agent),
                     quoted(folder.path), folder.transcripts);
}

std::string lost_json(const LostSession& lost) {
  return fmt::format(
      R"({{"session_id":{},"agent":{},"title":{},"project":{},"last_at":{},"index":{}}})",
      quoted(lost.session_id), quoted(lost.agent), or_null(lost.title), or_null(lost.project),
      time_json(lost.last_at), quoted(lost.index));
}

std::string unkept_json(const UnkeptFile& file) {
  return fmt::format(R"({{"path":{},"error":{}}})", or_null(file.path), quoted(file.error));
}

std::string oldest_json(const TranscriptRetention::Oldest& oldest) {
  return fmt::format(R"({{"path":{},"changed_at":"{}","goes_at":"{}"}})", quoted(oldest.path),
                     format_rfc3339(oldest.changed_at), format_rfc3339(oldest.goes_at));
}

std::string retention_json(const TranscriptRetention& one) {
  return fmt::format(
      R"({{"agent":{},"path":{},"days":{},"chosen":{},"due":{},"in_week":{},"oldest":{}}})",
      quoted(one.agent), quoted(one.path), one.days, one.chosen, one.due, one.in_week,
      array_json(one.oldest, oldest_json));
}

/// "claude-code" -> "Claude Code"
std::string_view title_of_agent(std::string_view agent) {
  if (agent == "claude-code") return "Claude Code";
  return agent == "codex" ? "Codex" : agent;
}

std::string name_of_file(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// "3f6c0f5e  2026-10-02  shop-api  "fix the login""
std::string lost_text(const LostSession& lost, std::size_t id_characters, const Screen& screen) {
  std::string text = lost.session_id.substr(0, id_characters);
  text += "  " + (lost.last_at ? date_text(*lost.last_at, screen.clock) : "-");
  if (!lost.project.empty())
    text += "  " + printable_cut(name_of_file(lost.project), project_columns_max);
  if (!lost.title.empty()) text += "  \"" + printable_cut(lost.title, title_columns_max) + "\"";
  return text;
}

void add_lost(Figures& figures, const KeepAnswer& answer, const Screen& screen) {
  if (answer.lost.empty()) return figures.add("already lost", "none");
  figures.add("already lost",
              counted(answer.lost.size(), "session") + ": named by an index, and gone", Paint::red);
  const std::span shown = std::span{answer.lost}.first(std::min(answer.lost.size(), shown_max));
  std::vector<std::string_view> ids;
  for (const LostSession& lost : shown) ids.push_back(lost.session_id);
  const bool cuts = screen.columns > 0 && !screen.wide;
  const std::size_t id_characters = cuts ? telling_characters(ids) : std::string::npos;
  for (const LostSession& lost : shown) figures.add("", lost_text(lost, id_characters, screen));
  if (answer.lost.size() > shown.size())
    figures.add("", fmt::format("... and {} more: --json lists them",
                                thousands(answer.lost.size() - shown.size())));
  std::set<std::string> indexes;
  for (const LostSession& lost : answer.lost)
    if (indexes.insert(lost.index).second) figures.add("", "named by " + lost.index, Paint::dim);
}

void add_retention(Figures& figures, const TranscriptRetention& one, const Screen& screen) {
  std::string text = fmt::format("{} deletes a transcript {} after its last change ({})",
                                 title_of_agent(one.agent), counted(one.days, "day"),
                                 one.chosen ? "its cleanupPeriodDays" : "its default");
  if (one.in_week == 0 && !one.oldest.empty())
    text += ": none goes within a week, the first on " +
            date_text(one.oldest.front().goes_at, screen.clock);
  else if (one.in_week > 0)
    text += fmt::format(
        ": {} within a week{}", counted(one.in_week, "transcript"),
        one.due > 0 ? fmt::format(", {} at its next start", thousands(one.due)) : std::string{});
  figures.note("goes", text);
  if (one.in_week == 0) return;
  for (const auto& oldest : one.oldest)
    figures.add("",
                fmt::format("{}  changed {}, goes {}", name_of_file(oldest.path),
                            date_text(oldest.changed_at, screen.clock),
                            date_text(oldest.goes_at, screen.clock)),
                Paint::dim);
}

void add_unkept(Figures& figures, const KeepAnswer& answer) {
  if (answer.unkept.empty()) return;
  figures.add("not kept", counted(answer.unkept.size(), "file"), Paint::red);
  for (std::size_t i = 0; i < std::min(answer.unkept.size(), shown_max); ++i)
    figures.add("", answer.unkept[i].error, Paint::red);
}

}  // namespace

void write_keep_json(Sink& sink, const KeepAnswer& answer) {
  sink.write(fmt::format(
      R"({{"schema":"agentstore/keep/1","store":{},"dry_run":{},"kept":{},"new":{},"grown":{},)"
      R"("events":{},"lost":{},"changed":{},"kept_only_here":{},"not_kept":{},)"
      R"("prompts_of_nobody":{},"unchanged":{},"folders":{},"retention":{}}})"
      "\n",
      quoted(answer.store), answer.dry_run, answer.kept, answer.made, answer.grown, answer.events,
      array_json(answer.lost, lost_json), array_json(answer.changed, changed_source_json),
      array_json(answer.kept_only_here, quoted), array_json(answer.unkept, unkept_json),
      answer.prompts_of_nobody, answer.unchanged, array_json(answer.folders, folder_json),
      array_json(answer.retention, retention_json)));
}

void write_keep_text(Sink& sink, const KeepAnswer& answer, const Screen& screen) {
  Figures figures{sink, screen};
  figures.note("kept", counted(answer.kept, "session") + " in " + answer.store);
  figures.add(
      answer.dry_run ? "would be new" : "new",
      fmt::format("{}, {}", counted(answer.made, "session"), counted(answer.events, "event")));
  figures.add(answer.dry_run ? "would grow" : "grown", counted(answer.grown, "session"));
  if (!answer.kept_only_here.empty())
    figures.add("only here", counted(answer.kept_only_here.size(), "session") +
                                 ": kept here, in none of these folders");
  add_lost(figures, answer, screen);
  for (const ChangedSource& changed : answer.changed) add_changed_source(figures, changed);
  add_unkept(figures, answer);
  if (answer.prompts_of_nobody > 0)
    figures.note(
        "", counted(answer.prompts_of_nobody, "prompt") +
                " of older versions without a session's id: what was lost of these is not known");
  for (const TranscriptRetention& one : answer.retention) add_retention(figures, one, screen);
  for (const KeptFolder& folder : answer.folders)
    figures.add("read",
                fmt::format("{} in {}", counted(folder.transcripts, "transcript"), folder.path),
                Paint::dim);
  if (answer.unchanged > 0)
    figures.add("", thousands(answer.unchanged) + " of them unchanged: not opened", Paint::dim);
  figures.note("look", answer.look_command);
}

void write_keep_hook_json(Sink& sink, const KeepHookAnswer& answer) {
  sink.write(fmt::format(
      R"({{"schema":"agentstore/keep-hook/1","install":{},"dry_run":{},"command":{},"crontab":{},)"
      R"("files":{}}})"
      "\n",
      answer.install, answer.dry_run, or_null(answer.command), or_null(answer.crontab),
      array_json(answer.files, [](const KeepHookAnswer::File& file) {
        return fmt::format(R"({{"path":{},"changed":{},"diff":{}}})", quoted(file.path),
                           !file.diff.empty(), quoted(file.diff));
      })));
}

void write_keep_hook_text(Sink& sink, const KeepHookAnswer& answer, const Screen& screen) {
  for (const KeepHookAnswer::File& file : answer.files) {
    std::string_view rest = file.diff;
    if (rest.empty())
      sink.write(printable(file.path) +
                 (answer.install ? ": the hook is there\n" : ": there is no hook of ours\n"));
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const std::string line = printable(rest.substr(0, end));
      const Paint paint = line.starts_with('+')   ? Paint::green
                          : line.starts_with('-') ? Paint::red
                                                  : Paint::none;
      sink.write(painted(line, paint, screen.color) + "\n");
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  if (!answer.crontab.empty())
    sink.write(
        "\nA line for `crontab -e` that does the same once an hour, for what else writes "
        "here:\n" +
        printable(answer.crontab) + "\n");
}

}  // namespace agentstore::formats
