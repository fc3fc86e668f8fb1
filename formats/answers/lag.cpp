#include "formats/answers/lag.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agentstore/json.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/table.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

std::string seconds_json(const Lag& lag) {
  return lag.seconds ? std::to_string(*lag.seconds) : "null";
}

std::string numbers_json(const Lag& lag) {
  return fmt::format(R"("newest":{},"cursor":{},"events":{},"seconds":{})", lag.newest, lag.cursor,
                     lag.events, seconds_json(lag));
}

std::string session_json(const Lag& lag) {
  return fmt::format(R"({{"session_id":{},{}}})", json::quote(lag.session_id), numbers_json(lag));
}

std::string behind_text(const Lag& lag) {
  return lag.seconds ? duration_text(*lag.seconds * 1000) : "-";
}

std::vector<std::string> cells(const std::string& first, const Lag& lag) {
  return {first, thousands(lag.newest), thousands(lag.cursor), thousands(lag.events),
          behind_text(lag)};
}

}  // namespace

Lag sum_of(const LagAnswer& answer) {
  if (answer.database) return *answer.database;
  Lag sum;
  for (const Lag& lag : answer.sessions) {
    sum.events += lag.events;
    if (lag.seconds) sum.seconds = std::max(sum.seconds.value_or(0), *lag.seconds);
  }
  return sum;
}

void write_lag_json(Sink& sink, const LagAnswer& answer) {
  const Lag sum = sum_of(answer);
  const std::string position =
      answer.database ? "{" + numbers_json(*answer.database) + "}" : "null";
  sink.write(fmt::format(
      R"({{"schema":"agentstore/lag/1","cursor":{},"store":{},"sessions":[{}],"position":{},)"
      R"("events":{},"seconds":{}}})"
      "\n",
      json::quote(answer.cursor), json::quote(answer.store),
      joined_json(answer.sessions, session_json), position, sum.events, seconds_json(sum)));
}

void write_lag_text(Sink& sink, const LagAnswer& answer, const Screen& screen, bool all) {
  Table table{{{.name = answer.database ? "of" : "session", .role = Role::key},
               {.name = "newest", .role = Role::number},
               {.name = "cursor", .role = Role::number},
               {.name = "events behind", .role = Role::number},
               {.name = "for", .align = Align::right}}};
  if (answer.database) table.row(cells("the database", *answer.database));
  for (const Lag& lag : answer.sessions)
    if (all || lag.events > 0) table.row(cells(lag.session_id, lag));
  if (!table.empty()) table.write(sink, screen);
  const Lag sum = sum_of(answer);
  if (answer.database) return;
  const auto behind = static_cast<std::uint64_t>(
      std::ranges::count_if(answer.sessions, [](const Lag& lag) { return lag.events > 0; }));
  sink.write(fmt::format("{} of {} behind, by {}\n", thousands(behind),
                         counted(answer.sessions.size(), "session"), counted(sum.events, "event")));
}

}  // namespace agentstore::formats
