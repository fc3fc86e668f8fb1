#include "agentstore/analysis/expression.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace agentstore;

namespace {

/// "true", "false", "null", or why there is no answer.
std::string ask(std::string_view text, std::string_view state = "{}") {
  auto expression = Expression::parse(text);
  if (!expression) return expression.error().message;
  const auto answer = expression->is_true(fields_of(state));
  if (!answer) return answer.error().message;
  if (expression->was_null()) return *answer ? "a NULL that is true" : "null";
  return *answer ? "true" : "false";
}

bool says(const std::string& message, std::string_view part) {
  CAPTURE(message);
  CAPTURE(part);
  return message.find(part) != message.npos;
}

}  // namespace

TEST_SUITE_BEGIN("expression");

TEST_CASE("a budget holds, or does not") {
  const char* const within = R"({"cost_usd":0.50,"errors":0})";
  CHECK(ask("cost_usd <= 0.50 AND errors = 0", within) == "true");
  CHECK(ask("cost_usd < 0.50 AND errors = 0", within) == "false");
  CHECK(ask("cost_usd <= 0.50 AND errors = 0", R"({"cost_usd":0.51,"errors":0})") == "false");
  CHECK(ask("not (cost_usd > 0.5 or errors > 0)", within) == "true");
}

TEST_CASE("nested members are read by flat names") {
  const char* const state = R"({"balance":727.55,"by_asset":{"BTC":0.1,"US.D":2}})";
  CHECK(ask("by_asset_BTC < balance", state) == "true");
  CHECK(ask(R"("by_asset_US.D" = 2)", state) == "true");
}

TEST_CASE("numbers are compared to their last digit") {
  CHECK(ask("x = 9007199254740992", R"({"x":9007199254740993})") == "false");
  CHECK(ask("x <= 9007199254740992.0", R"({"x":9007199254740993})") == "false");
  CHECK(ask("x > 9007199254740992", R"({"x":9007199254740993})") == "true");
  CHECK(ask("x <= 0.3", R"({"x":0.30000000000000004})") == "false");
  CHECK(ask("x = 0.1", R"({"x":1e-1})") == "true");
  CHECK(ask("x = 5", R"({"x":5.000})") == "true");
  CHECK(ask("x = -9223372036854775808", R"({"x":-9223372036854775808})") == "true");
  CHECK(ask("x < 1e28", R"({"x":9223372036854775807})") == "true");
}

TEST_CASE("a number that cannot be held exactly is refused, not rounded") {
  for (const char* const number :
       {"0.500000000000000001", "1000000000000000000000000001", "0.1000000000000000055",
        "9223372036854775807.5", "1e400", "1e-400"}) {
    CAPTURE(number);
    const std::string state = std::string{R"({"x":)"} + number + "}";
    CHECK(says(ask("x <= 0.5", state), "x: the number " + std::string{number}));
    CHECK(says(ask(std::string{number} + " > x", R"({"x":1})"), "than an expression can hold"));
  }
}

TEST_CASE("sums and differences are exact, or refused") {
  CHECK(ask("a + b = 0.3", R"({"a":0.1,"b":0.2})") == "true");
  CHECK(ask("a + b < 0.8", R"({"a":0.7,"b":0.1})") == "false");
  CHECK(ask("a - b >= 0", R"({"a":4.80,"b":5.00})") == "false");
  CHECK(ask("a - b = -0.2", R"({"a":4.80,"b":5.00})") == "true");
  CHECK(ask("-a + 1 = 0.9", R"({"a":0.1})") == "true");
  CHECK(ask("a + 1 = 9007199254740993", R"({"a":9007199254740992})") == "true");
  CHECK(ask("a + 1 > a", R"({"a":9223372036854775807})") == "true");
  CHECK(says(ask("a + 2 > 0", R"({"a":9223372036854775807})"), "cannot be evaluated"));
  CHECK(says(ask("a + b = 10000000000000000000000000000",
                 R"({"a":10000000000000000000000000000,"b":1e-9})"),
             "cannot be evaluated"));
}

TEST_CASE("products and quotients are those of decimals") {
  CHECK(ask("a * 3 = 0.3", R"({"a":0.1})") == "true");
  CHECK(ask("1 / 2 = 0.5") == "true");
  CHECK(ask("cost / calls <= 0.5", R"({"cost":3,"calls":4})") == "false");
  CHECK(ask("a / 3 < 0.1", R"({"a":0.3})") == "false");
  CHECK(ask("7 % 4 = 3") == "true");
  CHECK(ask("1 / 0 > 1") == "null");
  CHECK(says(ask("a * a > 0", R"({"a":9223372036854775807})"), "too large"));
}

TEST_CASE("a number and a text are not compared") {
  const char* const state = R"({"cost":0.71,"text":"0.71"})";
  for (const char* const text : {"cost <= '0.50'", "cost != '0.71'", "text > 0", "text = cost",
                                 "cost NOT IN ('0.71')", "text BETWEEN 0 AND 1"}) {
    CAPTURE(text);
    CHECK(ask(text, state) == "null");
  }
  CHECK(ask("number(text) = cost", state) == "true");
  CHECK(ask("number('many') > 1") == "null");
  CHECK(says(ask("number('0.500000000000000001') > 0.5"), "more digits"));
  CHECK(ask("text = '0.71'", state) == "true");
}

TEST_CASE("times are compared as instants") {
  const char* const state = R"({"at":"2026-03-07T12:00:00.000000000Z","day":"2026-03-07"})";
  CHECK(ask("at = '2026-03-07T12:00:00Z'", state) == "true");
  CHECK(ask("at >= '2026-03-07T14:00:00+02:00'", state) == "true");
  CHECK(ask("at < '2026-03-07T12:00:00.5Z'", state) == "true");
  CHECK(ask("at > '2026-03-07'", state) == "true");
  CHECK(ask("day < '2026-03-08'", state) == "true");
}

TEST_CASE("NULL is false, and said") {
  const char* const state = R"({"cost":null})";
  CHECK(ask("cost <= 1", state) == "null");
  CHECK(ask("NOT (cost <= 1)", state) == "null");
  CHECK(ask("cost IS NULL", state) == "true");
  CHECK(ask("cost IS NOT NULL OR cost ISNULL", state) == "true");
  CHECK(ask("coalesce(cost, 0) <= 1", state) == "true");
}

TEST_CASE("what SQL has besides") {
  const char* const state = R"({"model":"model-a","n":3,"closed":true,"list":[1,2]})";
  for (const char* const text : {"model LIKE 'MODEL-%'",
                                 "model GLOB 'model-?'",
                                 "model NOT LIKE 'x%'",
                                 "n IN (1, 2, 3)",
                                 "n NOT IN (1, 2)",
                                 "n BETWEEN 3 AND 4",
                                 "n NOT BETWEEN 4 AND 5",
                                 "closed",
                                 "NOT closed = false",
                                 "closed AND n > 2",
                                 "iif(n > 2, closed, false)",
                                 "n <> 4",
                                 "n == 3",
                                 "CASE WHEN n > 2 THEN 'many' ELSE 'few' END = 'many'",
                                 "CASE n WHEN 3 THEN true END",
                                 "model || '!' = 'model-a!'",
                                 "length(model) = 7",
                                 "json_array_length(list) = 2",
                                 "max(n, 5) = 5",
                                 "'it''s' = 'it''s'",
                                 "closed IS TRUE"}) {
    CAPTURE(text);
    CHECK(ask(text, state) == "true");
  }
}

TEST_CASE("what is no boolean is refused where a truth is wanted") {
  const char* const state = R"({"errors":1,"model":"a"})";
  CHECK(says(ask("errors", state), "\"errors\" is not a boolean: it is 1"));
  CHECK(says(ask("NOT errors", state), "is not a boolean"));
  CHECK(says(ask("errors AND model = 'a'", state), "is not a boolean"));
  for (const char* const text : {"1", "'yes'", "errors + 1", "errors > 0 AND 2"}) {
    CAPTURE(text);
    CHECK(says(ask(text, state), "this is not a boolean"));
  }
  CHECK(says(ask("length(model) + 1 > 0 OR abs(-3)", state), "true"));
  CHECK(says(ask("abs(-3)", state), "gave 3, which is neither"));
  CHECK(says(ask("lower(model)", state), "gave a text"));
}

TEST_CASE("a syntax error has a place and a reason") {
  const struct {
    const char* text;
    const char* place;
    const char* reason;
  } cases[] = {
      {"cost_usd <=", "character 12, its end", "a value is missing"},
      {"cost_usd <= <= 1", "character 13, \"<= 1\"", "a value is missing"},
      {"a = 1 b = 2", "character 7", "left over"},
      {"a = 1; DROP TABLE x", "character 6", "semicolon"},
      {"a = 1 -- rest", "character 7", "comments"},
      {"a = 1 /* rest */", "character 7", "comments"},
      {"(a = 1", "its end", "expected )"},
      {"a = 'x", "character 5", "not closed"},
      {"\"a = 1", "character 1", "not closed"},
      {"a = 1 && b = 2", "character 7", "write AND"},
      {"!a", "character 1", "write NOT"},
      {"a.b = 1", "character 2", "double quotes"},
      {"a = ?", "character 5", "parameters"},
      {"a < b < c", "character 7", "do not chain"},
      {"a = 12abc", "character 5", "not a number"},
      {"a = 0x10", "character 5", "not a number"},
      {"a NOT 3", "character 7", "expected BETWEEN"},
      {"lenght(a) = 1", "character 1", "did you mean length?"},
      {"load_extension('x')", "character 1", "no such function"},
      {"(SELECT 1) = 1", "character 2", "a value is missing"},
      {"a IN (SELECT 1)", "character 7", "a value is missing"},
      {"€ = 'x", "character 5", "not closed"},
      {"", "character 1", "there is no expression"},
      {"  ", "character 1", "there is no expression"},
      {"CASE WHEN a = 1 END", "character 17", "expected THEN"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.text);
    const std::string message = ask(one.text);
    CHECK(says(message, "cannot read the expression at "));
    CHECK(says(message, one.place));
    CHECK(says(message, one.reason));
  }
}

TEST_CASE("depth and length have bounds") {
  CHECK(says(ask(std::string(5000, '(') + "1" + std::string(5000, ')')), "nested too deep"));
  CHECK(says(ask(std::string(20'000, ' ') + "1 = 1"), "longer than"));
  std::string repeated = "1 = 1";
  for (int i = 0; i < 25; ++i) repeated = "((" + repeated + ") BETWEEN 0 AND 1)";
  CHECK(says(ask(repeated), "repeats too much"));
  std::string many = "1 = 1";
  for (int i = 0; i < 1500; ++i) many += " AND 1=1";
  CHECK(says(ask(many), "cannot be evaluated"));
}

TEST_CASE("an unknown field names the nearest, and what there is") {
  auto expression = Expression::parse("cost_usb <= 1");
  REQUIRE(expression);
  const auto answer = expression->is_true(fields_of(R"({"cost_usd":1,"errors":0})"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message == "there is no field \"cost_usb\"");
  CHECK(answer.error().hint == "did you mean cost_usd? there are cost_usd, errors");
}

TEST_CASE("a name of two fields is refused; of a repeated member the last counts") {
  CHECK(says(ask("a_b = 1", R"({"a":{"b":1},"a_b":2})"), "names two fields: /a/b and /a_b"));
  CHECK(ask("a = 2", R"({"a":1,"a":2})") == "true");
}

TEST_CASE("an expression is asked often, and says what it read") {
  auto expression = Expression::parse("cost_usd <= 0.5 AND cost_usd > 0 OR model = 'b'");
  REQUIRE(expression);
  REQUIRE(expression->names().size() == 2);
  CHECK(expression->names()[0] == "cost_usd");
  CHECK(*expression->is_true(fields_of(R"({"cost_usd":0.71,"model":"a"})")) == false);
  CHECK(expression->used() == "cost_usd = 0.71, model = \"a\"");
  CHECK(*expression->is_true(fields_of(R"({"cost_usd":0.2,"model":"b"})")));
  const std::optional<std::string_view> values[] = {std::nullopt, std::nullopt};
  CHECK_FALSE(*expression->is_true(values));
  CHECK(expression->was_null());
  CHECK(expression->used() == "cost_usd = null, model = null");
}

TEST_SUITE_END();
