#include "formats/sources/transcript.hpp"

#include <doctest/doctest.h>

#include "convert.hpp"

namespace agentstore::formats {
namespace {

std::string refusal(std::string_view bytes) {
  const Conversion got = convert(bytes, 10);
  REQUIRE_FALSE(got.result);
  CHECK(got.events.empty());
  CHECK(got.result.error().code == Code::invalid);
  return got.result.error().message;
}

TEST_SUITE("transcripts") {
  TEST_CASE("formats of one family, which may be one session, have one reader number") {
    for (const Source* one : sources())
      for (const Source* other : sources())
        if (one->family == other->family) CHECK(one->reader == other->reader);
  }

  TEST_CASE("a format is known by its content") {
    CHECK(convert(R"({"type":"summary","leafUuid":"x"})").format == &claude_code_source);
    CHECK(convert(R"({"type":"event_msg","payload":{}})").format == &codex_source);
    CHECK(convert("warming up\n{\"type\":\"event_msg\",\"payload\":{}}").format == &codex_source);
  }

  TEST_CASE("what is not known is refused by what was seen") {
    CHECK(refusal("{\"a\":1,\"b\":2}\n") == "its format is not known: the first record has a, b");
    CHECK(refusal("[1]\n") == "its format is not known: the first record is an array");
    CHECK(refusal("hello\n") == "its format is not known: no line of it is JSON");
    CHECK(refusal("\n") == "its format is not known: it is empty");
    CHECK(refusal("{\n\"a\":1}\n") ==
          "its format is not known: it is one JSON value over many lines");
    CHECK(refusal("{\"messages\":[]}\n") == "it is chat messages as OpenAI has them");
    CHECK(refusal("{\"sessionId\":\"s\",\"uuid\":\"u\",\"type\":\"assistant\",\"message\":"
                  "{\"id\":\"response-1\",\"content\":[]}}\n") == "it is an iFlow session");
    CHECK(refusal("{\"type\":\"summary\",\"leafUuid\":\"x\"}\n{\"type\":\"compacted\",\"payload\":{"
                  "}}\n") == "its format is ambiguous: it has records of claude-code and of codex");
  }

  TEST_CASE("a format that is given is not doubted") {
    const Conversion got = convert("{\"a\":1}\n[2]\n", 100, &claude_code_source);
    REQUIRE(got.result);
    CHECK(got.tally.unknown == Counts{{"(no type)", 1}, {"no object", 1}});
    CHECK(got.events[0].draft.payload == "{\"a\":1}");
    CHECK(got.events[1].draft.payload == "[2]");
  }

  TEST_CASE("what no log may hold as JSON is held as text") {
    const Conversion got = convert("{\"a\":1,\"a\":2}", 100, &codex_source);
    REQUIRE(got.events.size() == 1);
    CHECK(got.events[0].draft.payload == R"({"text":"{\"a\":1,\"a\":2}"})");
  }
}

}  // namespace
}  // namespace agentstore::formats
