#include "log/fast_parse.hpp"

#include <doctest/doctest.h>

#include <random>

#include "support/lines.hpp"
#include "support/random_json.hpp"
#include "support/random_log.hpp"
#include "support/same_line.hpp"
#include "support/seed.hpp"

namespace agentstore::log {
namespace {

/// How a line was taken: by the fast parser, by the parser alone, or not at all.
enum class Taken { by_fast_parser, by_parser, not_at_all };

Taken take_both_ways(std::string_view text, FastParser& fast_parse) {
  Arena arena;
  Line parsed;
  const bool good = !parse_line(text, arena, parsed);
  Line line;
  if (fast_parse.line(text, line)) {
    REQUIRE(good);
    CHECK(test::difference(line, parsed) == nullptr);
  }
  Line either;
  REQUIRE(take_apart(text, fast_parse, arena, either).has_value() == !good);
  if (good) CHECK(test::difference(either, parsed) == nullptr);

  Ends ends;
  EventView event;
  if (!fast_parse.ends(text, ends) || !fast_parse.event(text, false, ends, event))
    return good ? Taken::by_parser : Taken::not_at_all;
  // Not to look at the payload's JSON changes nothing else.
  if (good) CHECK(test::difference(event, parsed.event) == nullptr);
  REQUIRE(fast_parse.event(text, true, ends, event) == good);
  for (const json::Value& value : {event.metadata, event.payload})
    if (value.note() != nullptr) CHECK(test::same_walk(value, value));
  return good ? Taken::by_fast_parser : Taken::not_at_all;
}

}  // namespace

TEST_SUITE_BEGIN("fast parse");

TEST_CASE("what is taken by the fast parser is what the parser takes") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  FastParser fast_parse{"s"};  // One for all: what it remembers must not matter.
  std::array<int, 3> counts{};
  for (int round = 0; round < 1500; ++round) {
    std::string text = test::RandomLog{random}.text();
    if (random() % 2 == 0) text = test::mutated(random, text);
    for (std::string line : test::lines_of(text)) {
      if (line.ends_with('\n')) line.pop_back();
      CAPTURE(line);
      ++counts[static_cast<std::size_t>(take_both_ways(line, fast_parse))];
    }
  }
  for (const int count : counts) CHECK(count > 100);
}

TEST_CASE("no byte of a line can be another one unseen") {
  std::mt19937_64 random{7};
  const std::string text = test::RandomLog{random}.text();
  FastParser fast_parse{"s"};
  for (std::string line : test::lines_of(text)) {
    if (line.size() > 1500) continue;
    line.pop_back();
    for (std::size_t at = 0; at < line.size(); ++at) {
      const char was = line[at];
      for (const char c : {'"', '\\', '{', '}', ',', ':', '0', '9', 'f', 'F', ' ', '\n', '\x7f'}) {
        line[at] = c;
        CAPTURE(line);
        take_both_ways(line, fast_parse);
      }
      line[at] = was;
    }
  }
}

TEST_CASE("a rule for sealed lines is one for both ways to take them") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  const auto one_of = [&](const std::vector<std::string>& values) {
    // Mostly the first, so that many lines have one fault or none.
    return random() % 4 > 0 ? values.front() : values[random() % values.size()];
  };
  std::string many = "{";  // more members than are compared each with each
  for (int i = 0; i < 40; ++i) many += (i > 0 ? ",\"k" : "\"k") + std::to_string(i) + "\":1";
  const std::string deep = std::string(201, '[') + std::string(201, ']');
  const std::vector<std::string> values{R"({"a":1,"b":[{"c":""},{"c":""}]})",
                                        R"({"a":1,"a":2})",
                                        R"({"a":[{"x":{"b":1,"c":2,"b":3}}]})",
                                        R"({"a":1,"\u0061":2})",
                                        R"({"a":1,"\u0062":2})",
                                        R"({"a": 1})",
                                        "{ }",
                                        "{\"a\":\"\xFF\"}",
                                        "{\"\xC3\xA9\":1}",
                                        "{\"a\":" + deep + "}",
                                        "{\"a\":" + deep.substr(2, 398) + "}",
                                        many + "}",
                                        many + ",\"k7\":2}",
                                        many + ",\"\\u006b7\":2}"};
  std::vector<std::string> metadata = values;
  for (const char* const more : {R"({"tokens_in":"5"})", R"({"tokens_in":5})", R"({"MODEL":1})"})
    metadata.emplace_back(more);
  FastParser fast_parse{"s"};
  FastParser of_another_form{"an id"};
  std::array<int, 3> counts{};
  for (int round = 0; round < 3000; ++round) {
    const std::string type = one_of({"custom", "", "9x", "a b", std::string(129, 't')});
    const std::string id = one_of({"e1", "", "é", "\xFF", "a\x7f", std::string(257, 'e'), "a\"b"});
    const std::string about = one_of(metadata);
    const std::string body = one_of(values);
    const NumberedEvent event{.session_id = round % 50 == 0 ? "an id" : "s",
                              .sequence_number = 1,
                              .type = type,
                              .metadata = about,
                              .event_id = id,
                              .payload = body};
    std::string line;
    encode_line(line, event, Hash{});
    line.pop_back();
    if (random() % 8 == 0) line = test::replaced(line, "Z\"", one_of({"z\"", "+00:00\""}));
    CAPTURE(line);
    FastParser& one = event.session_id == "s" ? fast_parse : of_another_form;
    ++counts[static_cast<std::size_t>(take_both_ways(line, one))];
  }
  for (const int count : counts) CHECK(count > 20);
}

TEST_SUITE_END();

}  // namespace agentstore::log
