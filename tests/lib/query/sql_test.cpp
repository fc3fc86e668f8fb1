// SQL over a store in memory.

#include "agentstore/analysis/sql.hpp"

#include <doctest/doctest.h>

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/store.hpp"
#include "query/sql_index.hpp"
#include "query/sql_rows.hpp"
#include "query/sql_sums.hpp"

using namespace agentstore;

namespace {

/// The sessions of a store, in the order of their ids; counts what is read.
class StoreSource final : public SqlSource {
 public:
  explicit StoreSource(bool threaded = false) : threaded_{threaded} {}

  void append(const std::string& id, std::vector<Draft> drafts, const Labels& labels = {}) {
    if (!ids_.contains(id)) {
      REQUIRE(store.create_session({.id = id, .labels = labels}));
      ids_[id] = labels;
    }
    REQUIRE(store.append(id, drafts));
    logs_.clear();
    for (const auto& [one, of] : ids_) logs_.push_back({.session_id = one, .large = threaded_});
  }

  std::span<const SqlLog> logs() override { return logs_; }
  Result<std::span<const SqlSession>> sessions(const SqlSessionNeeds&) override {
    sessions_.clear();
    for (const auto& [id, labels] : ids_) sessions_.push_back({store.session(id).value()});
    return std::span<const SqlSession>{sessions_};
  }
  Result<Ledger> ledger(std::size_t) override { return casino_ledger(); }
  void read(std::size_t log, ReadOptions options, const Parts& parts, bool) override {
    ++reads;
    last_filter = options.filter;
    const auto read = store.read_parts(logs_[log].session_id, std::move(options), parts);
    // Who asks for no more has the reading end.
    if (!read) CHECK(read.error().code == Code::closed);
  }
  void noticed(std::size_t, std::span<const FoldNote>) override { ++noticings; }
  void lacks_payload(std::size_t, std::string_view session, std::uint64_t number) override {
    const std::lock_guard guard{lock};
    lacking.emplace(session, number);
  }

  Store store = Store::in_memory();
  std::size_t reads = 0;
  std::size_t noticings = 0;
  Filter last_filter;
  std::mutex lock;
  std::set<std::pair<std::string, std::uint64_t>> lacking;

 private:
  const bool threaded_;
  std::map<std::string, Labels> ids_;
  std::vector<SqlLog> logs_;
  std::vector<SqlSession> sessions_;
};

std::string text_of(const SqlValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return "-";
  if (const auto* const integer = std::get_if<std::int64_t>(&value))
    return std::to_string(*integer);
  if (const auto* const real = std::get_if<double>(&value)) return std::to_string(*real);
  if (const auto* const text = std::get_if<std::string_view>(&value)) return std::string{*text};
  return "blob";
}

/// "1|a;2|b", or why there is no answer.
std::string ask(SqlDatabase& database, std::string_view sql,
                std::vector<SqlParameter> parameters = {}) {
  auto query = database.query(sql, parameters);
  if (!query) return query.error().message;
  std::string text;
  for (;;) {
    const auto more = query->next();
    if (!more) return more.error().message;
    if (!*more) return text;
    if (!text.empty()) text += ';';
    for (std::size_t i = 0; i < query->columns().size(); ++i)
      text += (i == 0 ? "" : "|") + text_of(query->value(i));
  }
}

void fill(StoreSource& source) {
  source.append("b",
                {{.type = "tool_called", .payload = R"({"tool":"x","call_id":"1"})"},
                 {.type = "tool_result", .payload = R"({"tool":"x","call_id":"1"})"},
                 {.type = "error", .payload = R"({"message":"no"})"}},
                {{"agent_id", "me"}});
  source.append("a", {{.type = "user_message", .payload = R"({"content":"hi"})"},
                      {.type = "FundsDeposited", .payload = R"({"amount":0.1})"},
                      {.type = "FundsDeposited", .payload = R"({"amount":0.2})"}});
}

}  // namespace

TEST_SUITE_BEGIN("sql");

TEST_CASE("events are rows, whoever reads them") {
  for (const bool threaded : {false, true}) {
    CAPTURE(threaded);
    StoreSource source{threaded};
    fill(source);
    auto database = SqlDatabase::open(source, {}).value();
    CHECK(ask(database, "SELECT session_id, seq, kind FROM events") ==
          "a|1|message;a|2|entry;a|3|entry;b|1|call;b|2|result;b|3|error");
    CHECK(ask(database, "SELECT count(*), max(text) FROM events WHERE session_id = 'b'") == "3|no");
    CHECK(ask(database, "SELECT asset, balance_text FROM entries") == "PFLEA|0.1;PFLEA|0.3");
    CHECK(ask(database, "SELECT call_seq, result_seq, tool_name, failed FROM tool_calls") ==
          "1|2|x|0");
    CHECK(ask(database, "SELECT id, agent_id FROM sessions") == "a|-;b|me");
    CHECK(ask(database, "SELECT * FROM labels") == "b|agent_id|me");
    CHECK(ask(database, "SELECT session_id, last_event_type FROM agent_current_state") ==
          "a|FundsDeposited;b|error");
    CHECK(ask(database, "SELECT seq FROM events LIMIT 1") == "1");
  }
}

TEST_CASE("printf is SQLite's, and refuses what would be too large at once") {
  StoreSource source;
  auto database = SqlDatabase::open(source, {}).value();
  CHECK(ask(database,
            "SELECT printf('%5.2f|%-4s|%03d|%%|%.2c|%*d', 1.5, 'ab', 7, 'x', 4, 9), "
            "printf(NULL), printf('%s', NULL), format('%,d%!.3s', 12345, 'höflich')") ==
        " 1.50|ab  |007|%|xx|   9|-||12,345höf");
  CHECK(ask(database, "SELECT printf('%.2000000000s', 'text cut at most')") == "text cut at most");
  for (const char* const format :
       {"'%.2000000000c', 'x'", "'%2000000000d', 1", "'%.*c', 2000000000, 'x'",
        "'%d%*s', 1, -2000000000, 'x'", "'%.40000000c%.40000000c', 'x', 'y'",
        "'%.99999999999999999999999f', 1.0"}) {
    CAPTURE(format);
    CHECK(ask(database, "SELECT printf(" + std::string{format} + ")") ==
          "a value is larger than 64 MiB");
  }
}

TEST_CASE("a condition goes into the reading") {
  StoreSource source;
  fill(source);
  auto database = SqlDatabase::open(source, {}).value();
  CHECK(ask(database,
            "SELECT seq FROM events WHERE session_id = 'b' AND seq >= 2 AND type = 'error'") ==
        "3");
  CHECK(source.reads == 1);
  CHECK(source.last_filter.from_seq == 2);
  CHECK(source.last_filter.types == std::vector<std::string>{"error"});
  CHECK(ask(database, "SELECT seq FROM events WHERE session_id = 'nobody'").empty());
  CHECK(ask(database, "SELECT seq FROM events WHERE seq > 5 AND seq < 3").empty());
  CHECK(source.reads == 1);
  CHECK(ask(database, "SELECT seq FROM events WHERE session_id = :s AND seq = :n",
            {{"s", "b"}, {":n", "1"}}) == "1");
}

TEST_CASE("a table that a join asks again and again is read once for each session") {
  StoreSource source;
  fill(source);
  auto database = SqlDatabase::open(source, {}).value();
  CHECK(ask(database,
            "SELECT c.seq, r.seq FROM events c JOIN events r ON r.session_id = c.session_id AND "
            "r.call_id = c.call_id AND r.kind = 'result' WHERE c.kind = 'call'") == "1|2");
  CHECK(source.reads <= 4);
  const std::size_t before = source.reads;
  CHECK(ask(database, "SELECT count(*) FROM events a CROSS JOIN events b") == "36");
  CHECK(source.reads - before <= 6);
}

TEST_CASE("sessions that come back in a join are indexed together") {
  StoreSource source;
  for (int i = 0; i < 20; ++i)
    source.append("s" + std::to_string(i % 10),
                  {{.type = "custom", .event_id = "e" + std::to_string(i)}});
  auto database = SqlDatabase::open(source, {}).value();
  CHECK(ask(database,
            "WITH asked AS MATERIALIZED (SELECT session_id, event_id FROM events ORDER BY seq, "
            "session_id) SELECT count(*) FROM asked CROSS JOIN events e ON e.session_id = "
            "asked.session_id AND e.event_id = asked.event_id") == "20");
  CHECK(source.reads <= 40);
}

TEST_CASE("nothing but reading is allowed") {
  StoreSource source;
  fill(source);
  auto database = SqlDatabase::open(source, {}).value();
  for (const char* const sql :
       {"INSERT INTO events (seq) VALUES (1)", "CREATE TABLE x (a)", "ATTACH ':memory:' AS x",
        "PRAGMA query_only = 0", "DROP VIEW session_summary", "BEGIN"}) {
    CAPTURE(sql);
    CHECK(ask(database, sql).starts_with("SQL here only reads"));
  }
  CHECK(ask(database, "SELECT count(*) FROM events") == "6");
}

TEST_CASE("an amount is a number that reads back as it is, or none") {
  const auto kind = [](const char* text) {
    return sql::amount_cell(Decimal::parse(text).value()).kind;
  };
  using Kind = sql::Cell::Kind;
  CHECK(kind("9223372036854775807") == Kind::integer);
  CHECK(kind("9223372036854775808") == Kind::inexact);
  CHECK(kind("1e20") == Kind::real);
  CHECK(kind("0.1") == Kind::real);
  CHECK(kind("123456.789012345") == Kind::real);
  CHECK(kind("123456.7890123456") == Kind::inexact);
  CHECK(kind("1e-400") == Kind::inexact);
}

TEST_CASE("sums over amounts are told from others") {
  CHECK(sql::sums_amounts("SELECT Sum ( cost_usd ) FROM events"));
  CHECK(sql::sums_amounts("SELECT avg(coalesce(e.balance, 0)) FROM entries e"));
  CHECK_FALSE(sql::sums_amounts("SELECT sum(tokens_in), cost_usd FROM events"));
  CHECK(sql::sums_amounts("SELECT sum(c) FROM (SELECT cost_usd AS c FROM events)"));
  CHECK(sql::sums_amounts(
      "WITH x AS (SELECT type, coalesce(cost_usd, 0) AS \"C\" FROM events), y AS (SELECT c * 2 AS "
      "d, type FROM x) SELECT type, total(y.d) FROM y GROUP BY 1"));
  CHECK_FALSE(
      sql::sums_amounts("SELECT sum(n) FROM (SELECT cost_usd, tokens_in AS n FROM events)"));
  CHECK_FALSE(sql::sums_amounts("SELECT sum(a) FROM (SELECT b AS a FROM (SELECT a AS b FROM x))"));
  CHECK_FALSE(sql::sums_amounts("SELECT sum(tokens_in) /* sum(amount) */, 'sum(balance' -- ("));
  CHECK_FALSE(sql::sums_amounts("SELECT decimal_sum(cost_usd), sum(cost_usd_text) FROM events"));
}

TEST_CASE("an index finds rows by values, and no NULL") {
  sql::RowIndex index{{0, 1}};
  auto block = std::make_unique<sql::Block>(2);
  for (std::int64_t i = 0; i < 100; ++i) {
    sql::Cell* const row = block->add_row();
    row[0] = i % 10 == 0 ? sql::Cell{} : sql::Cell::of(i % 10);
    row[1] = block->text(i % 2 == 0 ? "even" : "odd");
  }
  REQUIRE(index.add(std::move(block), 1 << 20));
  const auto found = [&](std::int64_t number, std::string_view text) {
    const std::vector<sql::Cell> values{sql::Cell::of(number), sql::Cell::fixed_text(text)};
    return index.find(values).size();
  };
  CHECK(found(3, "odd") == 10);
  CHECK(found(3, "even") == 0);
  CHECK(found(0, "even") == 0);
  CHECK_FALSE(index.add(std::make_unique<sql::Block>(2), 10));
}

TEST_CASE(
    "functions of the caller's own are asked with the values, and their errors end the answer") {
  StoreSource source;
  fill(source);
  SqlOptions options;
  options.functions.push_back(
      {.name = "twice", .arguments = 1, .call = [](std::span<const SqlValue> values) {
         using Answer = SqlFunction::Answer;
         if (const auto* const text = std::get_if<std::string_view>(&values[0]))
           return Result<Answer>{std::string{*text} + std::string{*text}};
         if (const auto* const number = std::get_if<std::int64_t>(&values[0]))
           return Result<Answer>{*number * 2};
         if (std::holds_alternative<std::monostate>(values[0]))
           return Result<Answer>{SqlFunction::Null{}};
         return Result<Answer>{fail(Code::invalid, "neither text nor number")};
       }});
  auto database = SqlDatabase::open(source, options).value();
  CHECK(ask(database, "SELECT twice('a'), twice(2), twice(NULL)") == "aa|4|-");
  CHECK(ask(database, "SELECT twice(1.5)").contains("neither text nor number"));
  CHECK(ask(database, "SELECT twice(text) FROM events WHERE session_id = 'a' AND seq = 1") ==
        "hihi");
}

TEST_CASE("the root of a session is the one that started all of them") {
  StoreSource source;
  const std::vector<Draft> one{{.type = "note"}};
  source.append("top", one);
  source.append("child", one, {{"parent_session", "top"}});
  source.append("grandchild", one, {{"parent_session", "child"}});
  source.append("orphan", one, {{"parent_session", "nobody"}});
  source.append("x", one, {{"parent_session", "y"}});
  source.append("y", one, {{"parent_session", "x"}});
  auto database = SqlDatabase::open(source, {}).value();
  CHECK(ask(database, "SELECT id, root FROM sessions") ==
        "child|top;grandchild|top;orphan|orphan;top|top;x|x;y|y");
}

TEST_CASE("a payload that was redacted is told of where a column might have come out of it") {
  StoreSource source;
  fill(source);
  REQUIRE(source.store.redact("b", 1, "r", ""));
  auto database = SqlDatabase::open(source, {}).value();
  ask(database, "SELECT seq, type, kind, model FROM events");
  ask(database, "SELECT tool_args FROM events WHERE kind = 'result'");
  CHECK(source.lacking.empty());
  ask(database, "SELECT tool_name FROM events WHERE kind = 'call'");
  CHECK(source.lacking == std::set<std::pair<std::string, std::uint64_t>>{{"b", 1}});
}

TEST_SUITE_END();
