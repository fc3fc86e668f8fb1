#include "log/line.hpp"

#include <doctest/doctest.h>

#include "agentstore/json.hpp"
#include "support/lines.hpp"
#include "support/parsed_line.hpp"

namespace agentstore::log {
namespace {

using test::go_line;
using test::good;
using test::kind;
using test::LogBuilder;
using test::refusal;
using test::replaced;
using test::sealed_line;
using test::without_newline;

std::string batch_line() {
  return without_newline(test::lines_of(LogBuilder{}.write(2, R"({"content":"hi"})"))[0]);
}
std::string timed_line() {
  std::string out;
  encode_line(out,
              {.session_id = "s",
               .sequence_number = 1,
               .type = "custom",
               .timestamp = {0, 0},
               .recorded_at = Timestamp{1, 0},
               .event_id = "e",
               .batch = {}},
              Hash{});
  return without_newline(out);
}
// The offsets between the tokens of an object's own members.
std::vector<std::size_t> seams(std::string_view line) {
  std::vector<std::size_t> found;
  int depth = 0;
  bool text = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (text) {
      if (c == '\\') ++i;
      else if (c == '"') {
        text = false;
        if (depth == 1) found.push_back(i + 1);
      }
      continue;
    }
    if (c == '"') {
      text = true;
      if (depth == 1) found.push_back(i);
    } else if (c == '{' || c == '[') {
      if (depth++ <= 1) found.push_back(depth == 1 ? i + 1 : i);
    } else if (c == '}' || c == ']') {
      if (--depth <= 1) found.push_back(depth == 0 ? i : i + 1);
    } else if (depth == 1 && (c == ',' || c == ':')) {
      found.push_back(i);
      found.push_back(i + 1);
    }
  }
  return found;
}

}  // namespace

TEST_SUITE_BEGIN("line");

TEST_CASE("a line of our writer is sealed, and its parts are what was written") {
  LogBuilder log;
  const auto lines = test::lines_of(log.write(2, R"({"content":"\u0041 é"})"));
  const std::string text = without_newline(lines[1]);
  Arena arena;
  Line line;
  REQUIRE_FALSE(parse_line(text, arena, line));
  CHECK_FALSE(check_hashes(line));
  CHECK(line.seal == Seal::sealed);
  CHECK(line.batch == Batch{1, 2});
  CHECK(line.event.session_id == "s");
  CHECK(line.event.sequence_number == 2);
  CHECK(line.event.type == "user_message");
  CHECK(line.event.payload == R"({"content":"\u0041 é"})");
  CHECK(line.event.metadata == "{}");
  CHECK(line.event.event_id == "e2");
  CHECK(line.event.hash.size() == 64);
  CHECK(line.event.line == text);
  CHECK(line.hash == log.head());
  CHECK(text.substr(text.size() - seal_bytes).starts_with(",\"salt\""));
}

TEST_CASE("blank lines, a byte order mark, a carriage return and bytes behind an event are bad") {
  CHECK(kind("") == "blank");
  for (const std::string& line :
       {std::string{" "}, "\xEF\xBB\xBF" + go_line, go_line + "\r", go_line + " ", " " + go_line,
        go_line + go_line, go_line + ",", std::string(100, '\0'), std::string{"null"},
        std::string{"[]"}, std::string{"{}"}, sealed_line() + "\r", sealed_line() + " ",
        " " + sealed_line(), "\xEF\xBB\xBF" + sealed_line()}) {
    CAPTURE(line);
    CHECK_FALSE(good(line));
  }
}

TEST_CASE(
    "two keys that are equal under ASCII case folding are bad, and so is a key that is not "
    "ASCII") {
  for (const char* const extra :
       {R"("type":"x")", R"("Type":"x")", R"("TYPE":"x")", R"("\u0074ype":"x")", R"("Payload":1)",
        R"("x":1,"x":2)", R"("x":1,"X":2)", R"("x":1,"\u0058":2)", R"("é":1)", R"("\u00e9":1)",
        R"("ſession_id":"x")", "\"\xFF\":1"}) {
    CAPTURE(extra);
    CHECK(kind(replaced(go_line, R"("metadata":{})", R"("metadata":{},)" + std::string{extra})) ==
          "keys");
  }
  // Below the top level nobody looks.
  CHECK(good(replaced(go_line, R"({"i":1})", R"({"i":1,"I":2,"i":3,"é":4})")));
}

TEST_CASE("a line with any of our fields and no whole seal is bad, not unsealed") {
  for (const char* const extra :
       {R"("event_id":"e")", R"("batch":[1,2])", R"("recorded_at":"2026-03-07T12:00:00Z")",
        R"("salt":"101112131415161718191a1b1c1d1e1f")", R"("redacted":4)", R"("payload_hash":"00")",
        R"("prev":"00")", R"("hash":"00")", R"("\u0068ash":"00")"}) {
    CAPTURE(extra);
    CHECK(kind(replaced(go_line, R"("metadata":{})", R"("metadata":{},)" + std::string{extra})) ==
          "seal");
  }
}

TEST_CASE("a sealed line that lost a key, or its order, is bad") {
  for (const std::string& whole : {sealed_line(), batch_line(), timed_line()}) {
    CAPTURE(whole);
    REQUIRE(good(whole));
    // Each member, cut out of the line; and each one, moved to its end.
    std::vector<std::string> members;
    for (json::Walk walk{whole}; walk.next();) {
      members.push_back(std::string{walk.key()} + ":" + std::string{walk.value()});
    }
    const auto joined = [](const std::vector<std::string>& parts) {
      std::string line = "{";
      for (const std::string& part : parts) line += (line.size() > 1 ? "," : "") + part;
      return line + "}";
    };
    REQUIRE(joined(members) == whole);
    for (std::size_t i = 0; i < members.size(); ++i) {
      CAPTURE(members[i]);
      std::vector<std::string> edited = members;
      edited.erase(edited.begin() + static_cast<std::ptrdiff_t>(i));
      CHECK_FALSE(good(joined(edited)));
      edited.push_back(members[i]);
      CHECK(good(joined(edited)) == (i + 1 == members.size()));
      edited = members;
      edited.insert(edited.begin() + static_cast<std::ptrdiff_t>(i), members[i]);
      CHECK_FALSE(good(joined(edited)));
      edited = members;
      edited.insert(edited.begin() + static_cast<std::ptrdiff_t>(i), R"("extra":1)");
      CHECK_FALSE(good(joined(edited)));
    }
  }
}

TEST_CASE("white space between the tokens of a sealed line is bad, wherever it stands") {
  for (const std::string& whole : {sealed_line(), batch_line(), timed_line()}) {
    for (const std::size_t at : seams(whole)) {
      for (const char space : {' ', '\t', '\r'}) {
        std::string line = whole;
        line.insert(at, 1, space);
        CAPTURE(line);
        CHECK_FALSE(good(line));
      }
    }
  }
}

TEST_CASE("a sealed line that was written in another way is bad, though its values are equal") {
  const std::string line = sealed_line();
  using Edit = std::pair<const char*, const char*>;
  for (const auto& [from, to] : {Edit{R"("session_id")", R"("\u0073ession_id")"},
                                 {R"("hash")", R"("\u0068ash")"},
                                 {R"("salt")", R"("\u0073alt")"},
                                 {R"(:"s",)", R"(:"\u0073",)"},
                                 {R"("user_message")", R"("user\u005fmessage")"},
                                 {R"("hi")", R"("\u0068i")"},
                                 {"[1,2]", "[1, 2]"},
                                 {"[1,2]", "[1,2.0]"},
                                 {R"({"content":"hi","n":[1,2]})", R"({"n":[1,2],"content":"hi"})"},
                                 {".000000000Z", "Z"},
                                 {".000000000Z", ".000000000+00:00"},
                                 {":1,", ":1.0,"},
                                 {"\"metadata\":{}", "\"metadata\":{ }"},
                                 {R"("e1")", R"("\u00651")"},
                                 {R"("type")", R"("Type")"}}) {
    CAPTURE(from);
    const std::string edited = replaced(line, from, to);
    REQUIRE(edited != line);
    CHECK_FALSE(good(edited));
  }
}

TEST_CASE("a seal's hex digits are lower case, whole, and right") {
  const std::string line = sealed_line();
  for (const char* const key : {"\"salt\":\"", "\"prev\":\"", "\"hash\":\""}) {
    CAPTURE(key);
    const std::size_t at = line.find(key) + std::string_view{key}.size();
    std::string edited = line;
    edited[at] = edited[at] == '0' ? '1' : '0';
    CHECK(kind(edited) == "hash");
    edited = line;
    edited.insert(at, "0");
    CHECK(kind(edited) == "seal");
    edited = line;
    edited.erase(at, 1);
    CHECK(kind(edited) == "seal");
    edited = line;
    edited[at] = 'A';
    CHECK(kind(edited) == "seal");
    edited = line;
    edited[at] = 'g';
    CHECK(kind(edited) == "seal");
  }
}

TEST_CASE("a malformed write is bad") {
  const std::string line = batch_line();
  for (const char* const to :
       {"[1]", "[]", "[1,2,3]", "[2,1]", "[1,1]", "[2,3]", "[0,1]", "[1,2.0]", "[1, 2]", "\"1,2\"",
        "null", "{}", "[-1,2]", "[1,9007199254740992]"}) {
    CAPTURE(to);
    CHECK_FALSE(good(replaced(line, "[1,2]", to)));
  }
}

TEST_CASE("a redacted line is whole or bad") {
  const std::string line = sealed_line();
  Arena arena;
  Line parsed;
  REQUIRE_FALSE(parse_line(line, arena, parsed));
  Salt salt;
  REQUIRE(from_hex(parsed.salt, salt.data(), salt.size()));
  const std::string payload_hash = to_hex(bytes_of(sha256({bytes_of(salt), parsed.event.payload})));
  const std::string rest = line.substr(line.find(",\"prev\""));
  const std::string gone = std::string{parsed.envelope} +
                           R"(,"payload":null,"redacted":4,"payload_hash":")" + payload_hash + '"' +
                           rest;
  REQUIRE(good(gone));
  Line redacted;
  REQUIRE_FALSE(parse_line(gone, arena, redacted));
  CHECK(redacted.seal == Seal::redacted);
  CHECK(redacted.event.redacted_by == 4);
  CHECK(redacted.event.payload == "null");
  CHECK(leaf_of(redacted) == leaf_of(parsed));

  using Edit = std::pair<std::string, std::string>;
  for (const auto& [from, to] :
       {Edit{":null", ":{}"},
        {":null", ":\"null\""},
        {":4,", ":0,"},
        {":4,", ":\"4\","},
        {":4,", ":4.0,"},
        {",\"redacted\":4", ""},
        {payload_hash, payload_hash.substr(1)},
        {",\"payload\":null", ""},
        {",\"payload\":null,\"redacted\":4", ",\"redacted\":4,\"payload\":null"},
        {",\"payload_hash\"", ",\"salt\":\"" + std::string(32, '0') + "\",\"payload_hash\""}}) {
    CAPTURE(from);
    const std::string edited = replaced(gone, from, to);
    REQUIRE(edited != gone);
    CHECK_FALSE(good(edited));
  }
}

TEST_CASE("keys and seals inside a payload or metadata mean nothing") {
  LogBuilder log;
  const std::string payload =
      R"({"payload":"\"payload\":","hash":"x","salt":",\"salt\":\"00\"","prev":{"batch":[1,2]}})";
  CHECK(good(without_newline(log.write(1, payload))));
  CHECK(good(without_newline(log.write(1, R"([",\"payload\":",{"session_id":"s"}])"))));
  CHECK(good(replaced(go_line, R"({"i":1})", payload)));
}

TEST_CASE("a line nested 10,000 deep is read") {
  const std::string deep = std::string(9'999, '[') + std::string(9'999, ']');
  CHECK(good(replaced(go_line, R"({"i":1})", deep)));
  CHECK_FALSE(good(replaced(go_line, R"({"i":1})", "[[" + deep + "]]")));
}

// A line with a seal that fits, whatever it holds.
std::string sealed_with(NumberedEvent event) {
  std::string out;
  encode_line(out, event, Hash{});
  return without_newline(out);
}

TEST_CASE("a sealed line holds nothing that an append would refuse") {
  const NumberedEvent plain{
      .session_id = "s", .sequence_number = 1, .type = "custom", .event_id = "e"};
  REQUIRE(good(sealed_with(plain)));
  const std::string deep = std::string(201, '[') + std::string(201, ']');
  const std::string long_id(257, 'e');
  const std::string long_type(129, 't');
  const auto with = [&](auto member, std::string_view value) {
    NumberedEvent event = plain;
    event.*member = value;
    return sealed_with(event);
  };
  const auto payload = &NumberedEvent::payload;
  const auto metadata = &NumberedEvent::metadata;
  using Edit = std::pair<std::string, const char*>;
  for (const auto& [text, expected] :
       {Edit{R"({"x":1,"x":2})", "keys"}, Edit{R"([{"a":{"x":1,"\u0078":2}}])", "keys"},
        Edit{R"({"x" :1})", "syntax"}, Edit{"{ }", "syntax"}, Edit{"[1, 2]", "syntax"},
        Edit{"{\"x\":\"\xFF\xFE\"}", "syntax"}, Edit{"{\"\xC0\x80\":1}", "syntax"},
        Edit{"\"\xED\xA0\x80\"", "syntax"}, Edit{deep, "syntax"}}) {
    CAPTURE(text);
    CHECK(kind(with(payload, text)) == expected);
    CHECK(kind(with(metadata, R"({"k":)" + text + "}")) == expected);
  }
  CHECK(kind(with(metadata, "{\"k\":\"\xFF\"}")) == "syntax");
  for (const char* const text :
       {R"({"tokens_in":"5"})", R"({"cost_usd":"x"})", R"({"model":{}})", R"({"cost_usd":1e400})",
        R"({"tokens_out":1.5})", R"({"duration_ms":9223372036854775808})", R"({"Model":1})",
        R"({"extra":{"a":1}})", R"({"schema_version":null})", R"({"mod\u0065l":1})"}) {
    CAPTURE(text);
    CHECK(kind(with(metadata, text)) == "envelope");
  }
  for (const std::string& type : {std::string{}, std::string{"9x"}, std::string{"a b"},
                                  std::string{"a\x1b[31m"}, std::string{"Käse"}, long_type}) {
    CAPTURE(type);
    CHECK(kind(with(&NumberedEvent::type, type)) == "envelope");
  }
  for (const std::string& id : {std::string{}, std::string{"a\0b", 3}, std::string{"a\x1b"},
                                std::string{"a\x7f"}, long_id}) {
    CAPTURE(id);
    CHECK(kind(with(&NumberedEvent::event_id, id)) == "envelope");
  }
  for (const std::string& id : {std::string{"a b"}, std::string{"-a"}, std::string{"ä"}}) {
    CAPTURE(id);
    CHECK(kind(with(&NumberedEvent::session_id, id)) == "envelope");
  }
}

TEST_CASE("what an append keeps as it is, is good in a sealed line") {
  for (const char* const value :
       {"9007199254740993", "1e400", R"("\ud800")", R"("\u0041")", R"({"x":1,"X":2})", "-0.50",
        R"({"é":"\u0000"})", R"([[],{},""])"}) {
    CAPTURE(value);
    CHECK(
        good(sealed_with({.session_id = "s",
                          .sequence_number = 1,
                          .type = "agentstore.x",
                          .metadata = R"({"model":"a\"b","tokens_in":1,"more":{"tokens_in":"x"}})",
                          .event_id = "é \" \\ /",
                          .payload = value})));
  }
  const std::string deep = std::string(200, '[') + std::string(200, ']');
  CHECK(good(sealed_with({.session_id = "s",
                          .sequence_number = 1,
                          .type = "custom",
                          .event_id = "e",
                          .payload = deep})));
}

TEST_CASE("a sealed line that spells its envelope in another way is bad, though its seal fits") {
  const std::string line = sealed_line();
  const auto sealed_anew = [](std::string text) {
    const std::size_t payload = text.find(",\"payload\"");
    const std::size_t seal = text.size() - seal_bytes;
    const std::string body = text.substr(payload + 11, seal - payload - 11);
    Salt salt;
    from_hex(text.substr(seal + 9, 32), salt.data(), salt.size());
    const std::string prev = text.substr(seal + 51, 64);
    const std::string hash = to_hex(bytes_of(hash_of_entry(
        text.substr(0, payload), to_hex(bytes_of(payload_hash_of(salt, body))), prev)));
    return text.replace(text.size() - 66, 64, hash);
  };
  REQUIRE(sealed_anew(line) == line);
  using Edit = std::pair<const char*, const char*>;
  for (const auto& [from, to] : {Edit{R"("session_id":"s")", R"("session_id":"\u0073")"},
                                 {R"("user_message")", R"("user\u005fmessage")"},
                                 {R"("e1")", R"("\u00651")"},
                                 {R"("e1")", R"("e1\/")"},
                                 {".000000000Z", "Z"},
                                 {".000000000Z", ".000Z"},
                                 {".000000000Z", ".000000000z"},
                                 {".000000000Z", ".000000000+00:00"},
                                 {".000000000Z", ".0000+00:00"},
                                 {"T12:", "t12:"},
                                 {R"("metadata":{})", R"("metadata":{ })"}}) {
    CAPTURE(to);
    const std::string edited = replaced(line, from, to);
    REQUIRE(edited != line);
    CHECK(refusal(sealed_anew(edited)).has_value());
    CHECK(kind(sealed_anew(edited)) != "hash");
  }
}

TEST_SUITE_END();

}  // namespace agentstore::log
