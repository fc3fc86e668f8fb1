#include "formats/answers/copy.hpp"

#include <fmt/format.h>

#include "formats/text/escape.hpp"
#include "formats/text/json_fields.hpp"
#include "formats/text/units.hpp"

namespace agentstore::formats {
namespace {

struct Sums {
  std::uint64_t sessions = 0;
  std::uint64_t events = 0;
  std::uint64_t already = 0;
  std::uint64_t failed = 0;
};

Sums sums_of(const CopyAnswer& answer) {
  Sums sums;
  for (const CopiedSession& one : answer.sessions) {
    if (one.error) ++sums.failed;
    else ++sums.sessions;
    sums.events += one.events;
    sums.already += one.already;
  }
  return sums;
}

std::string session_json(const CopiedSession& one) {
  const bool forked = !one.forked_from.empty();
  return fmt::format(
      R"({{"session_id":{},"events":{},"already":{},"created":{},"unsealed":{},"head":{},"error":{},)"
      R"("forked_from":{},"forked_at":{}}})",
      json::quote(one.session_id), one.events, one.already, one.created, one.unsealed,
      one.head.empty() ? "null" : json::quote(one.head), text_json(one.error),
      forked ? json::quote(one.forked_from) : "null",
      forked ? std::to_string(one.forked_at) : "null");
}

std::string events_text(std::uint64_t events, std::uint64_t already) {
  return fmt::format("{} {} copied, {} there before", thousands(static_cast<std::int64_t>(events)),
                     events == 1 ? "event" : "events",
                     thousands(static_cast<std::int64_t>(already)));
}

}  // namespace

void write_copy_json(Sink& sink, const CopyAnswer& answer) {
  const Sums sums = sums_of(answer);
  sink.write(fmt::format(
      R"({{"schema":"agentstore/copy/1","from":{},"to":{},"sessions":[{}],"copied":{},"failed":{},)"
      R"("events":{},"already":{}}})"
      "\n",
      json::quote(answer.from), json::quote(answer.to), joined_json(answer.sessions, session_json),
      sums.sessions, sums.failed, sums.events, sums.already));
}

void write_copy_text(Sink& sink, const CopyAnswer& answer) {
  for (const CopiedSession& one : answer.sessions) {
    if (one.error) continue;  // It was said when it happened.
    if (!one.forked_from.empty()) {
      sink.write(fmt::format("session {}: {} of {}, up to #{}\n", printable(one.session_id),
                             counted(one.events, "event"), printable(one.forked_from),
                             one.forked_at));
      continue;
    }
    sink.write(fmt::format("session {}: {}, compared\n", printable(one.session_id),
                           events_text(one.events, one.already)));
  }
  if (answer.sessions.size() == 1 && !answer.sessions.front().forked_from.empty()) return;
  const Sums sums = sums_of(answer);
  sink.write(fmt::format(
      "Total: {} {}, {}{}\n", thousands(static_cast<std::int64_t>(sums.sessions)),
      sums.sessions == 1 ? "session" : "sessions", events_text(sums.events, sums.already),
      sums.failed == 0 ? "" : fmt::format("; {} not copied", sums.failed)));
}

}  // namespace agentstore::formats
