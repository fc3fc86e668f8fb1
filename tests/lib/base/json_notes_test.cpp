#include "base/json_notes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "support/random_json.hpp"
#include "support/seed.hpp"

namespace agentstore {
namespace {

// Takes notes of what `text` begins with, which lies in memory of just its size; false where they
// are taken of what is not good, or tell what is not so. `taken` counts those that were taken.
bool holds(std::string_view text, int& taken) {
  const std::vector<char> bytes(text.begin(), text.end());
  const char* const start = bytes.data();
  const char* const limit = start + bytes.size();
  json::Notes notes;
  const json::Value value = notes.take(start, limit);
  if (value.empty()) return true;
  ++taken;
  // With the check of UTF-8, strings are read byte by byte.
  json::Rules rules = json::rules_to_read;
  rules.valid_utf8 = std::ranges::none_of(bytes, [](char c) { return (c & 0x80) != 0; });
  const char* end = nullptr;
  return !json::check_value(start, limit, rules, end) && end == start + value.size() &&
         test::same_walk(value, {start, end});
}

bool are_taken(std::string_view text) {
  int taken = 0;
  return holds(text, taken) && taken == 1;
}

}  // namespace

TEST_SUITE_BEGIN("json");

TEST_CASE("notes of compact JSON lead where a walk without them goes") {
  const auto seed = static_cast<unsigned>(test::seed());
  CAPTURE(seed);
  test::RandomJson json{seed};
  for (int round = 0; round < 3000; ++round) {
    const std::string text = json.value(4);
    CAPTURE(text);
    CHECK(are_taken(text));
    CHECK(are_taken(text + std::string(json.below(100), ',')));
  }
  for (const char* const text :
       {"{}", "[]", "0", "-0", R"("\f")", R"("\b")", "1.5E+10", "123456789012345678", "true",
        "null", "\"\"", "[[],{}]", R"({"":[]})",
        R"({"\u0061":1,"a key that is longer than others":2})",
        R"({"a key that is longer than others\n":1})"}) {
    CAPTURE(text);
    CHECK(are_taken(text));
  }
}

TEST_CASE("notes are taken of no bad JSON, and read nothing behind its limit") {
  const auto seed = static_cast<unsigned>(test::seed());
  CAPTURE(seed);
  std::mt19937 random{seed};
  test::RandomJson json{seed};
  constexpr std::string_view bytes = "{}[]\",:\\u0eE+-. \t\nt/\x80\x01";
  int taken = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string text = json.value(3);
    const std::size_t at = random() % text.size();
    switch (random() % 4) {
      case 0: text[at] = bytes[random() % bytes.size()]; break;
      case 1: text.insert(at, 1, bytes[random() % bytes.size()]); break;
      case 2: text.erase(at, 1 + random() % 3); break;
      default: text.resize(at);
    }
    CAPTURE(text);
    CHECK(holds(text, taken));
  }
  CHECK(taken > 3000);
}

TEST_CASE("each byte of a string counts, wherever its blocks begin") {
  for (std::size_t size = 0; size < 150; ++size) {
    for (const std::string_view piece : {"\\n", "\\", "\\\\", "\\\"", "\\u00e9", "\\u00eg", "\\u12",
                                         "\x1f", "\\x", "\\\\\\", "\"", "\\/\\b\\f\\r\\t\\U1234"}) {
      const std::string token =
          '"' + std::string(size, 'a').append(piece) + std::string(150 - size, 'b') + '"';
      CAPTURE(token);
      int taken = 0;
      CHECK(holds(token, taken));
      CHECK(holds("{" + token + ":" + token + "}", taken));
      const char* end = nullptr;
      if (!json::check_value(token.data(), token.data() + token.size(), json::rules_to_store, end))
        CHECK(taken > 0);
    }
  }
}

TEST_CASE("a number is noted where it is one") {
  int taken = 0;
  for (const char* const bad : {"-", "01", "-01", "1.", "1e", "1e+", ".5", "+1", "00000001", "x"}) {
    CAPTURE(bad);
    CHECK(holds(bad, taken));
    CHECK(holds(std::string{bad} + ",                ", taken));
    CHECK(holds("[" + std::string{bad} + "]", taken));
  }
}

TEST_CASE("no notes are taken of what is nested deeply") {
  int taken = 0;
  CHECK(are_taken(std::string(64, '[') + std::string(64, ']')));
  for (const std::size_t depth : {65UL, 10'000UL, 10'001UL})
    CHECK(holds(std::string(depth, '[') + std::string(depth, ']'), taken));
  CHECK(taken == 0);
}

TEST_CASE("where there is no more room, what was noted before still stands") {
  const std::string text = R"({"a":[1,{"b":"c"}],"d":[]})";  // six values
  const auto take = [&](json::Notes& notes) {
    return notes.take(text.data(), text.data() + text.size());
  };
  for (std::size_t room = 0; room < 20; ++room) {
    CAPTURE(room);
    json::Notes notes{room};
    std::vector<json::Value> values;
    for (json::Value value = take(notes); !value.empty(); value = take(notes))
      values.push_back(value);
    CHECK(values.size() == room / 6);
    for (const json::Value& value : values) CHECK(test::same_walk(value, text));
    notes.clear();
    CHECK(take(notes).empty() == (room < 6));
  }
}

TEST_CASE("a text that another view is made of has no notes") {
  json::Notes notes;
  const std::string text = "[1]";
  json::Value value = notes.take(text.data(), text.data() + text.size());
  CHECK(value.note() != nullptr);
  value = std::string_view{text};
  CHECK(value.note() == nullptr);
}

TEST_SUITE_END();

}  // namespace agentstore
