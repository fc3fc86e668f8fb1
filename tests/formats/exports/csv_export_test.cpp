#include "formats/exports/csv_export.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace agentstore;
using namespace agentstore::formats;

namespace {

ModelCall call(const char* session, std::int64_t in, const char* cost, bool computed) {
  ModelCall one;
  one.session_id = session;
  one.sequence_number = 7;
  one.project = "shop-api";
  one.at = parse_rfc3339("2026-03-07T12:00:00Z").value();
  one.model = "m-1";
  one.tokens.tokens_in = in;
  one.tokens.tokens_out = 2;
  if (cost != nullptr) one.cost_usd = Decimal::parse(cost).value();
  one.computed = computed;
  return one;
}

}  // namespace

TEST_SUITE_BEGIN("csv");

TEST_CASE("a cell is quoted where it has to be, and is no formula") {
  CHECK(csv_cell("plain") == "plain");
  CHECK(csv_cell("").empty());
  CHECK(csv_cell("a,b") == "\"a,b\"");
  CHECK(csv_cell("say \"hi\"\n") == "\"say \"\"hi\"\"\n\"");
  CHECK(csv_cell("=1+1") == "'=1+1");
  CHECK(csv_cell("@x,y") == "\"'@x,y\"");
  CHECK(csv_cell("-5.25") == "-5.25");
  CHECK(csv_cell("-x") == "'-x");
  CHECK(csv_cell("\tx") == "'\tx");
}

TEST_CASE("a call is a row; what is not told is empty, and where its cost comes from is said") {
  const std::array calls{call("s1", 10, "0.25", false), call("s1", 20, "0.5", true),
                         call("s2", 30, nullptr, false)};
  StringSink sink;
  write_calls_csv(sink, calls);
  CHECK(sink.text ==
        "session_id,project,time,model,tokens_in,tokens_cache_read,tokens_cache_write,tokens_out,"
        "tokens_reasoning,cost_usd,cost_source,agent,sequence_number\r\n"
        "s1,shop-api,2026-03-07T12:00:00Z,m-1,10,,,2,,0.25,recorded,,7\r\n"
        "s1,shop-api,2026-03-07T12:00:00Z,m-1,20,,,2,,0.5,computed,,7\r\n"
        "s2,shop-api,2026-03-07T12:00:00Z,m-1,30,,,2,,,unknown,,7\r\n");
}

TEST_CASE("a session is a row, with calls or without") {
  const std::array calls{call("s1", 10, "0.25", false), call("s1", 20, "0.5", true),
                         call("s2", 30, nullptr, false)};
  std::array<Session, 2> sessions;
  sessions[0].id = "s1";
  sessions[0].name = "=evil";
  sessions[0].created_at = parse_rfc3339("2026-03-07T12:00:00Z").value();
  sessions[0].updated_at = parse_rfc3339("2026-03-07T12:01:00Z").value();
  sessions[1].id = "s0";
  StringSink sink;
  write_session_calls_csv(sink, sessions, calls);
  CHECK(sink.text ==
        "session_id,name,project,created_at,last_event_at,models,calls,tokens_in,"
        "tokens_cache_read,tokens_cache_write,tokens_out,tokens_reasoning,cost_usd,cost_source,"
        "cost_unknown_calls\r\n"
        "s1,'=evil,shop-api,2026-03-07T12:00:00Z,2026-03-07T12:01:00Z,m-1,2,30,,,4,,0.75,"
        "computed+recorded,0\r\n"
        "s0,,,,,,0,,,,,,,,0\r\n"
        "s2,,shop-api,,,m-1,1,30,,,2,,,unknown,1\r\n");
}

TEST_SUITE_END();
