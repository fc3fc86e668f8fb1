#include <doctest/doctest.h>

#include "log/encode.hpp"
#include "log/merkle.hpp"
#include "support/folder.hpp"
#include "support/lines.hpp"

namespace agentstore::log {
namespace {

Salt counting_from(unsigned char first) {
  Salt salt;
  for (unsigned char& byte : salt) byte = first++;
  return salt;
}

}  // namespace

TEST_SUITE_BEGIN("vectors");

// Made by a script that shares no code with this one, from agentstore-log(5) alone.
TEST_CASE("a line is sealed to the bytes that the format says") {
  std::string log;
  const Hash first = encode_line(log,
                                 {.session_id = "vector",
                                  .sequence_number = 1,
                                  .type = "user_message",
                                  .timestamp = {1'772'884'800, 1},
                                  .recorded_at = std::nullopt,
                                  .metadata = R"({"worker_id":"w"})",
                                  .event_id = "a \"b\"",
                                  .batch = {},
                                  .payload = R"({"content":"caf\u00e9 é"})",
                                  .salt = counting_from(0xA0)},
                                 Hash{});
  encode_line(log,
              {.session_id = "vector",
               .sequence_number = 2,
               .type = "custom",
               .timestamp = {-1, 500'000'000},
               .recorded_at = Timestamp{1'772'884'801, 0},
               .event_id = "c",
               .batch = {2, 3},
               .payload = "1e400",
               .salt = counting_from(0xB0)},
              first);
  CHECK(log ==
        R"x({"session_id":"vector","sequence_number":1,"type":"user_message","timestamp":"2026-0)x"
        R"x(3-07T12:00:00.000000001Z","metadata":{"worker_id":"w"},"event_id":"a \"b\"","payload)x"
        R"x(":{"content":"caf\u00e9 é"},"salt":"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf","prev":"000000)x"
        R"x(0000000000000000000000000000000000000000000000000000000000","hash":"3f696fea8bd6af35)x"
        R"x(528bdb3c5f917c694ac237300aa8083a5a795ab29c9bc527"})x"
        "\n"
        R"x({"session_id":"vector","sequence_number":2,"type":"custom","timestamp":"1969-12-31T2)x"
        R"x(3:59:59.500000000Z","recorded_at":"2026-03-07T12:00:01.000000000Z","metadata":{},"ev)x"
        R"x(ent_id":"c","batch":[2,3],"payload":1e400,"salt":"b0b1b2b3b4b5b6b7b8b9babbbcbdbebf",)x"
        R"x("prev":"3f696fea8bd6af35528bdb3c5f917c694ac237300aa8083a5a795ab29c9bc527","hash":"c7)x"
        R"x(f3f052cf083b45de225739b1dda39f2d4b05e8d8e0c5c7ff58d9774232f1c0"})x"
        "\n");
}

TEST_CASE("the root of the empty tree is the hash of nothing, and that of one leaf is the leaf") {
  MerkleTree tree;
  CHECK(tree.root() == sha256({}));
  const Hash leaf = sha256({"leaf"});
  tree.add(leaf);
  CHECK(tree.root() == leaf);
}

TEST_CASE("roots of every size up to 70 are those of RFC 9162's recursion") {
  std::vector<Hash> leaves;
  MerkleTree tree;
  const auto root = [](auto self, std::span<const Hash> of) -> Hash {
    if (of.size() == 1) return of[0];
    std::size_t split = 1;
    while (split * 2 < of.size()) split *= 2;
    const Hash left = self(self, of.first(split));
    const Hash right = self(self, of.subspan(split));
    return sha256({std::string_view{"\1", 1}, bytes_of(left), bytes_of(right)});
  };
  for (int i = 0; i < 70; ++i) {
    leaves.push_back(sha256({std::to_string(i)}));
    tree.add(leaves.back());
    CAPTURE(i);
    CHECK(tree.root() == root(root, leaves));
  }
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("corpus");

TEST_CASE("given the fields and salts of the vectors, the same bytes are written" *
          doctest::skip(test::corpus().empty())) {
  const test::Path folder = test::corpus() / "vectors";
  std::string log;
  Hash head = encode_line(log,
                          {.session_id = "s1",
                           .sequence_number = 1,
                           .type = "user_message",
                           .timestamp = {1'772'884'800, 1},
                           .recorded_at = std::nullopt,
                           .event_id = "evt-1",
                           .batch = {},
                           .payload = R"({"content":"Find flights BER → MUC"})",
                           .salt = counting_from(0x10)},
                          Hash{});
  head = encode_line(
      log,
      {.session_id = "s1",
       .sequence_number = 2,
       .type = "tool_called",
       .timestamp = {1'772'884'800, 2},
       .recorded_at = std::nullopt,
       .metadata = R"({"tool_name":"search_flights"})",
       .event_id = "evt-2",
       .batch = {2, 3},
       .payload = R"({"tool":"search_flights","args":{"q":"<b>","n":12345678901234567890123}})",
       .salt = counting_from(0x20)},
      head);
  encode_line(
      log,
      {.session_id = "s1",
       .sequence_number = 3,
       .type = "tool_result",
       .timestamp = *parse_rfc3339("2025-12-31T23:59:59Z"),
       .recorded_at = Timestamp{1'772'884'800, 3},
       .metadata =
           R"({"tool_name":"search_flights","duration_ms":800,"extra":{"hash":"a","payload":"b"}})",
       .event_id = "evt-3",
       .batch = {2, 3},
       .payload = R"({"payload":"\"payload\":","hash":"x","salt":",\"salt\":\"00\""})",
       .salt = counting_from(0x30)},
      head);
  CHECK(log == test::read_text(folder / "v1_chained.jsonl"));

  const std::string mixed = test::read_text(folder / "v1_mixed.jsonl");
  const auto mixed_lines = test::lines_of(mixed);
  Arena arena;
  Line go;
  REQUIRE_FALSE(
      parse_line(std::string_view{mixed_lines[0]}.substr(0, mixed_lines[0].size() - 1), arena, go));
  std::string sealed;
  encode_line(sealed,
              {.session_id = "s1",
               .sequence_number = 2,
               .type = "custom",
               .timestamp = {1'772'884'801, 0},
               .recorded_at = std::nullopt,
               .event_id = "evt-2",
               .batch = {},
               .payload = R"({"i":2})",
               .salt = counting_from(0x50)},
              head_after(go, Hash{}));
  CHECK(sealed == mixed_lines[1]);
}

TEST_CASE("the vectors verify, with their heads and roots" *
          doctest::skip(test::corpus().empty())) {
  const test::Path folder = test::corpus() / "vectors";
  const auto chained = test::verify(test::read_text(folder / "v1_chained.jsonl"), "s1");
  CHECK(chained.verdict == Verdict::clean);
  CHECK(chained.finding_count == 0);
  CHECK(chained.head == "33225b7b70c03145e1a4c5fe3ccadb8a30e101973fe268037b442a17c037d23f");
  CHECK(chained.root == "a84db1c460073d6a46eebc2032f3b2c6ba45bf146b41ef104e9445e6eae01c17");

  const auto redacted = test::verify(test::read_text(folder / "v1_redacted.jsonl"), "s1");
  CHECK(redacted.verdict == Verdict::clean);
  CHECK(redacted.finding_count == 0);
  CHECK(redacted.redacted == 1);
  CHECK(redacted.head == "efa66929ae600e525376f5a0a80e6937b2d3251deb59a82df2e2facf56f4633f");

  const auto mixed = test::verify(test::read_text(folder / "v1_mixed.jsonl"), "s1");
  CHECK(mixed.verdict == Verdict::clean);
  CHECK(mixed.finding_count == 0);
  CHECK(mixed.unsealed == 1);
  CHECK(mixed.head == "f93d473aab436b5bb755040a81911565cdcd08e19edb3299912131b837ea2063");

  const auto half = test::lines_of(test::read_text(folder / "v1_chained.jsonl"));
  CHECK(test::verify(half[0] + half[1], "s1").verdict == Verdict::torn);
}

TEST_SUITE_END();

}  // namespace agentstore::log
