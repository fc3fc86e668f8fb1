// Heads of rules, and the rules that are built in.

#include "agentstore/analysis/audit.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

#include "agentstore/analysis/sql.hpp"

using namespace agentstore;

namespace {

const std::string head = "-- name: mine\n-- severity: warning\n-- why: W.\n-- fix: F.\n";

/// Why a text is no rule; empty where it is one.
std::string why_not(const std::string& text) {
  const auto rule = parse_audit_rule(text, "r.sql");
  return rule ? std::string{} : rule.error().message;
}

/// No logs at all.
class Nothing final : public SqlSource {
 public:
  std::span<const SqlLog> logs() override { return {}; }
  Result<std::span<const SqlSession>> sessions(const SqlSessionNeeds&) override {
    return std::span<const SqlSession>{};
  }
  Result<Ledger> ledger(std::size_t) override { return casino_ledger(); }
  void read(std::size_t, ReadOptions, const Parts&, bool) override {}
  void noticed(std::size_t, std::span<const FoldNote>) override {}
};

}  // namespace

TEST_SUITE_BEGIN("audit_rule");

TEST_CASE("a head says what a rule is; lines that are indented go on") {
  const auto rule = parse_audit_rule(
      "-- name: mine\r\n-- severity: note\n-- why: one:\n--   two\n-- fix: F.\n-- default: off\n"
      "-- redacted: harmless\n-- param: a\n-- param: b_2 = 5 \n--\n-- Some prose.\nSELECT 1",
      "r.sql");
  REQUIRE(rule);
  CHECK(rule->name == "mine");
  CHECK(rule->severity == AuditSeverity::note);
  CHECK(rule->why == "one: two");
  CHECK_FALSE(rule->standard);
  CHECK_FALSE(rule->needs_payloads);
  REQUIRE(rule->parameters.size() == 2);
  CHECK_FALSE(rule->parameters[0].standard);
  CHECK(rule->parameters[1].name == "b_2");
  CHECK(rule->parameters[1].standard == "5");
  CHECK(rule->asks);
  CHECK(rule->text.ends_with("SELECT 1"));
}

TEST_CASE("what is wrong with a head is told with its line") {
  CHECK(why_not(head + "SELECT 1").empty());
  CHECK(why_not("").starts_with("r.sql:1:"));
  CHECK(why_not("SELECT 1\n" + head).starts_with("r.sql:1:"));
  CHECK(why_not(head + "-- name: b\n") == "r.sql:5: `name` is there twice");
  CHECK(why_not(head + "-- sort: b\n").starts_with("r.sql:5: `sort` is no member"));
  CHECK(why_not(head + "-- default: maybe\n").starts_with("r.sql:5:"));
  CHECK(why_not(head + "-- param: A\n").starts_with("r.sql:5:"));
  CHECK(why_not(head + "-- param: a\n-- param: a = 1\n").starts_with("r.sql:6:"));
  CHECK(why_not("-- name: Mine\n").starts_with("r.sql:1: `name` cannot be"));
  CHECK(why_not("-- name:\n").starts_with("r.sql:1: `name` says nothing"));
  CHECK(why_not("-- name: a\n-- severity: fatal\n").starts_with("r.sql:2:"));
  CHECK(why_not("-- name: a\n-- severity: note\n-- why: w\n").contains("`-- fix: …`"));
}

TEST_CASE("a rule without SQL asks nothing") {
  CHECK_FALSE(parse_audit_rule(head + "\n  -- no\n", "r.sql")->asks);
}

TEST_CASE("severities are in the order of what they matter") {
  CHECK(AuditSeverity::note < AuditSeverity::warning);
  CHECK(AuditSeverity::warning < AuditSeverity::error);
  for (const char* const word : {"note", "warning", "error"})
    CHECK(to_string(parse_audit_severity(word).value()) == word);
  CHECK_FALSE(parse_audit_severity(""));
}

TEST_CASE("each rule that is built in is SQL that reads, with the functions that it may use") {
  Nothing nothing;
  SqlOptions options;
  const auto null = [](std::span<const SqlValue>) -> Result<SqlFunction::Answer> {
    return SqlFunction::Null{};
  };
  for (const auto& [name, arguments] :
       {std::pair{"regexp", 2}, std::pair{"matches", 2}, std::pair{"secrets", 1},
        std::pair{"paths", 1}, std::pair{"within", 3}, std::pair{"hosts", 1}})
    options.functions.push_back({.name = name, .arguments = arguments, .call = null});
  auto database = SqlDatabase::open(nothing, options).value();
  std::set<std::string> names;
  REQUIRE(built_in_audit_rules().size() >= 20);
  CHECK(built_in_audit_rules().front().name == "integrity");
  for (const AuditRule& rule : built_in_audit_rules()) {
    CAPTURE(rule.name);
    CHECK(names.insert(rule.name).second);
    CHECK(rule.file.empty());
    CHECK(rule.asks == (rule.name != "integrity"));
    if (!rule.asks) continue;
    std::vector<SqlParameter> parameters;
    for (const AuditParameter& parameter : rule.parameters)
      parameters.push_back({parameter.name, parameter.standard.value_or("[]")});
    auto query = database.query(rule.text, parameters);
    if (!query) FAIL_CHECK(query.error().message);
    else CHECK(query->columns().size() >= 3);
  }
}

TEST_SUITE_END();
