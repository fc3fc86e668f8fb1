// `agentstore` alone: what is here, or else how to begin.

#include <fmt/format.h>

#include <cstdio>

#include "cmd/commands.hpp"
#include "cmd/help.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/totals/totals.hpp"
#include "formats/text/clock.hpp"
#include "formats/text/escape.hpp"
#include "formats/text/session_text.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::cmd {
namespace {

/// What other tools have left on this machine, and the commands to look at it.
std::string transcripts_hint() {
  std::string text;
  for (const std::string& store : transcript_folders_here())
    text += "     agentstore stats --store " + formats::printable(store) + "\n";
  return text.empty() ? text : "\nTranscripts found here; nothing is imported or written:\n" + text;
}

int show_help() {
  std::fputs((one_screen() + transcripts_hint()).c_str(), stderr);
  return Status::usage;
}

/// Of what can be read.
Totals sum_up(const Inputs& all) {
  const Grouping no_groups;
  Adder adder{no_groups};
  Sums sums;
  for (const auto& one : all) {
    if (is_superseded(one->session())) continue;
    const auto report =
        one->read_parts({.on_corrupt = OnCorrupt::prefix, .seals = Seals::short_logs},
                        adder.parts(), formats::Made::figures);
    if (report) (void)adder.add_to(sums, View::all);
  }
  if (!adder.settle(sums, View::all)) return {};
  return sums.totals;
}

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " and ") + name;
  return text;
}

void write(Context& context, const std::string& line) {
  context.out.write(formats::wrapped(formats::printable(line), context.screen(), 8) + "\n");
}

}  // namespace

int run(Context& context, const OverviewCommand& options) {
  static_cast<void>(options);  // there are none
  Selector selector{context};
  auto all = selector.all();
  if (!all && context.common.stores.empty() && all.error().code == Code::not_found)
    return show_help();
  if (!all) return context.refuse(all.error());
  if (all->empty()) return show_help();
  selector.count_once(*all);
  const Totals totals = sum_up(*all);
  const std::string cost = formats::cost_text(totals);
  const std::string unknown = formats::unknown_costs_text(totals);
  write(context,
        fmt::format("{}: {}, {}{}{}", listed(context.store_names()),
                    formats::counted(all->size(), "session"),
                    formats::counted(totals.events, "event"), cost.empty() ? "" : ", " + cost,
                    unknown.empty() ? "" : " " + unknown));
  if (const auto newest = selector.choose("@")) {
    const formats::Clock clock = context.zone.clock();
    const Session& session = (*newest)->session();
    write(context, fmt::format("newest: {} · {} · {} {}", session.id,
                               formats::shown_name(session.name, (*newest)->title()),
                               formats::time_text(session.updated_at, clock), clock.zone));
  }
  context.out.write(
      "\n"
      "  agentstore replay @          what it did\n"
      "  agentstore sessions          all that is here\n"
      "  agentstore stats --by day    what it cost, day by day\n"
      "  agentstore --help            every command\n");
  return context.finish(Status::fine);
}

}  // namespace agentstore::cmd
