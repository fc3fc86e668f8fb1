#include "agentstore/analysis/diff.hpp"

#include <doctest/doctest.h>

#include "agentstore/store.hpp"

namespace agentstore {
namespace {

Draft tool(const char* type, const char* payload) {
  return {.type = type, .payload = payload};
}

Draft tool_of_call(const char* type, const std::string& id, const std::string& tool,
                   const std::string& member, const std::string& value) {
  return {.type = type,
          .payload = R"({"tool":")" + tool + R"(","tool_call_id":")" + id + R"(",")" + member +
                     "\":" + value + "}"};
}

Store store_of(const std::vector<Draft>& a, const std::vector<Draft>& b) {
  Store store = Store::in_memory();
  for (const auto& [id, drafts] : {std::pair{"a", a}, std::pair{"b", b}}) {
    REQUIRE(store.create_session({.id = id}));
    if (!drafts.empty()) REQUIRE(store.append(id, drafts));
  }
  return store;
}

Diff diff_of(const Store& store, const DiffOptions& options = {}) {
  auto a = store.read("a");
  auto b = store.read("b");
  REQUIRE(a);
  REQUIRE(b);
  auto found = diff(**a, **b, options);
  REQUIRE(found);
  return std::move(*found);
}

Diff diff_of(const std::vector<Draft>& a, const std::vector<Draft>& b,
             const DiffOptions& options = {}) {
  return diff_of(store_of(a, b), options);
}

const Draft hi{.type = "user_message", .payload = R"({"content":"hi"})"};

}  // namespace

TEST_SUITE("diff") {
  TEST_CASE("what every run changes does not count") {
    const auto one = tool("tool_called", R"({"tool":"search","args":{"to":"MUC","n":1.0},
        "id":"toolu_01AbCdEf","trace":"3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e11","started_at":1})");
    const auto other = tool("tool_called", R"({"args":{"n":1,"to":"MUC"},"tool":"search",
        "id":7,"trace":"3f6c0f5e-9d0a-4c39-8d5e-0b2f3a1c7e12","duration_ms":8})");
    const Diff same = diff_of({hi, one}, {hi, other});
    CHECK(same.same());
    CHECK(same.common_prefix == 2);
  }

  TEST_CASE("a tool's arguments count, whatever they are called") {
    const Diff found = diff_of({tool("tool_called", R"({"tool":"book","args":{"id":"EW456"}})")},
                               {tool("tool_called", R"({"tool":"book","args":{"id":"LH1"}})")});
    CHECK(found.steps == std::vector<DiffStep>{{1, 1}});
  }

  TEST_CASE("calls are aligned by tool and arguments, then by what they are") {
    const auto search = [](const char* to, const char* result) {
      return std::vector<Draft>{
          {.type = "tool_called",
           .payload = R"({"tool":"search","args":{"to":")" + std::string{to} + R"("}})"},
          {.type = "tool_result",
           .payload = R"({"tool":"search","result":")" + std::string{result} + R"("})"}};
    };
    std::vector<Draft> a{hi};
    std::vector<Draft> b{hi};
    for (const auto& draft : search("MUC", "3")) a.push_back(draft);
    for (const auto& draft : search("BER", "9")) b.push_back(draft);
    for (const auto& draft : search("MUC", "4")) b.push_back(draft);
    a.push_back({.type = "llm_response", .payload = R"({"content":"x"})"});
    b.push_back({.type = "llm_response", .payload = R"({"content":"y"})"});
    const Diff found = diff_of(a, b);
    CHECK(found.common_prefix == 1);
    CHECK(found.equal == 2);
    CHECK(found.steps == std::vector<DiffStep>{{0, 2}, {0, 3}, {3, 5}, {4, 6}});
  }

  TEST_CASE("members can be left out of account") {
    const auto result = [](const char* score) {
      return std::vector<Draft>{
          {.type = "tool_result",
           .payload = R"({"r":{"score":)" + std::string{score} + R"(,"b":1}})"}};
    };
    CHECK(diff_of(result("1"), result("2")).steps.size() == 1);
    CHECK(diff_of(result("1"), result("2"), {.ignored = {"/r/score"}}).same());
    CHECK(diff_of(result("1"), result("2"), {.ignored = {"/payload/r"}}).same());
    CHECK_FALSE(diff_of(result("1"), result("2"), {.ignored = {"/r/b"}}).same());
    const Store store = store_of({}, {});
    auto a = store.read("a");
    auto b = store.read("b");
    const auto refused = diff(**a, **b, {.ignored = {"score"}});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::invalid);
  }

  TEST_CASE("events of some types may come in another order, and no others") {
    const auto result = [](const char* text) { return tool("tool_result", text); };
    const auto one = result(R"({"output":"1"})");
    const auto two = result(R"({"output":"2"})");
    const auto three = result(R"({"output":"3"})");
    const DiffOptions free{.unordered = {"tool_*"}};
    CHECK_FALSE(diff_of({hi, one, two}, {hi, two, one}).same());
    const Diff found = diff_of({hi, one, two, three}, {hi, three, one, two}, free);
    CHECK(found.same());
    CHECK(found.equal == 4);
    CHECK_FALSE(diff_of({hi, one, one}, {hi, one, two}, free).same());
    CHECK(diff_of({one, two, two}, {two, one}, free).steps == std::vector<DiffStep>{{3, 0}});
    CHECK_FALSE(diff_of({hi, one}, {one, hi}, {.unordered = {"error"}}).same());
  }

  TEST_CASE("results of calls in flight together come in any order, and no others") {
    const auto called = [](const char* id, const char* tool) {
      return tool_of_call("tool_called", id, tool, "args", "{}");
    };
    const auto ended = [](const char* id, const char* tool, const char* result) {
      return tool_of_call("tool_result", id, tool, "result", result);
    };
    const auto a = called("c1", "a");
    const auto b = called("c2", "b");
    const auto of_a = ended("c1", "a", "1");
    const auto of_b = ended("c2", "b", "2");
    const Draft done{.type = "llm_response", .payload = R"({"content":"done"})"};
    const Diff found = diff_of({hi, a, b, of_a, of_b, done}, {hi, a, b, of_b, of_a, done});
    CHECK(found.same());
    CHECK(found.equal == 6);
    CHECK(found.moved_types == std::set<std::string>{"tool_result"});
    CHECK(diff_of({a, b, of_a, of_b}, {a, b, of_a, of_b}).moved_types.empty());
    // One after the other, their order says what was known when.
    CHECK_FALSE(diff_of({a, of_a, b, of_b}, {b, of_b, a, of_a}).same());
    // The results of one call and of the other are not each other's.
    CHECK_FALSE(
        diff_of({a, b, of_a, of_b}, {a, b, ended("c2", "b", "1"), ended("c1", "a", "2")}).same());
    // The same call twice: the first one's result is the first one's.
    const auto again = called("c3", "a");
    const auto of_again = ended("c3", "a", "3");
    CHECK(diff_of({a, again, of_a, of_again}, {a, again, of_again, of_a}).same());
    CHECK_FALSE(diff_of({a, again, of_a, of_again},
                        {a, again, ended("c1", "a", "3"), ended("c3", "a", "1")})
                    .same());
  }

  TEST_CASE("long texts are compared by what their escapes say") {
    constexpr std::size_t piece_bytes = std::size_t{64} << 10;
    const auto said = [](const std::string& text) {
      return std::vector<Draft>{
          {.type = "user_message", .payload = R"({"content":")" + text + "\"}"}};
    };
    for (std::size_t plain_bytes = piece_bytes - 14; plain_bytes <= piece_bytes + 2;
         ++plain_bytes) {
      CAPTURE(plain_bytes);
      const std::string plain(plain_bytes, 'x');
      const std::string escaped = plain + R"(\ud83d\ude00\u4e2d\n)" + plain;
      CHECK(diff_of(said(escaped), said(plain + "\U0001F600\u4e2d\\n" + plain)).same());
      CHECK_FALSE(diff_of(said(escaped), said(plain + "\U0001F601\u4e2d\\n" + plain)).same());
      CHECK_FALSE(diff_of(said(escaped), said(plain + R"(\ud83d\u4e2d\n)" + plain)).same());
    }
  }

  TEST_CASE("one history may be empty, or go on") {
    CHECK(diff_of({}, {}).same());
    CHECK(diff_of({hi}, {}).steps == std::vector<DiffStep>{{1, 0}});
    const Diff longer = diff_of({hi}, {hi, hi});
    CHECK(longer.steps == std::vector<DiffStep>{{0, 2}});
    CHECK(longer.totals_b.events == 2);
  }

  TEST_CASE("events behind the bound count as different, and are told") {
    const std::vector<Draft> many(10, hi);
    std::vector<Draft> other = many;
    other.insert(other.begin(), {.type = "error"});
    const Diff found = diff_of(many, other, {.aligned_max = 4});
    CHECK_FALSE(found.same());
    CHECK(found.unaligned_a == 6);
    CHECK(found.unaligned_b == 7);
    CHECK(found.equal == 3);
  }

  TEST_CASE("changes are named by pointers") {
    const Store store =
        store_of({{.type = "llm_response",
                   .payload = R"({"content":"x","id":"1","n":[1,2],"gone":true})",
                   .metadata = R"({"model":"m1"})"}},
                 {{.type = "llm_response",
                   .payload = R"({"new":{"deep":1},"content":"y","id":"2","n":[1]})",
                   .metadata = R"({"model":"m2"})"}});
    auto a = store.read("a");
    auto b = store.read("b");
    const auto event_a = (*a)->next();
    const auto event_b = (*b)->next();
    std::vector<FieldChange> changes;
    for_each_change(event_a->front(), event_b->front(), {}, [&](const FieldChange& change) {
      changes.push_back(change);
      return true;
    });
    REQUIRE(changes.size() == 5);
    CHECK(changes[0].pointer == "/metadata/model");
    CHECK(changes[1].pointer == "/payload/content");
    CHECK(changes[1].a == "\"x\"");
    CHECK(changes[2].b == "[1]");
    CHECK(changes[3].pointer == "/payload/gone");
    CHECK(changes[3].b.empty());
    CHECK(changes[4].pointer == "/payload/new/deep");
    CHECK(changes[4].a.empty());
    std::size_t taken = 0;
    for_each_change(event_a->front(), event_b->front(), {},
                    [&](const FieldChange&) { return ++taken < 2; });
    CHECK(taken == 2);
  }
}
}  // namespace agentstore
