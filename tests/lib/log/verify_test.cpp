#include "log/verify.hpp"

#include <doctest/doctest.h>

#include <random>

#include "log/merkle.hpp"
#include "log/verify_clean.hpp"
#include "support/lines.hpp"
#include "support/random_log.hpp"
#include "support/seed.hpp"

namespace agentstore::log {
namespace {

using test::lines_of;
using test::LogBuilder;
using test::verify;

// Go lines, then writes of one event and of more.
std::string mixed_log(std::size_t unsealed) {
  LogBuilder log;
  for (std::size_t i = 0; i < unsealed; ++i) log.go_line();
  for (const std::size_t count : {1, 3, 1, 2, 5, 1, 1, 4}) {
    log.write(count, R"({"content":"some text, so that lines differ in length)" +
                         std::string(count * 13, '.') + "\"}");
  }
  return log.text();
}

VerifyOptions all_marks(std::uint64_t events) {
  VerifyOptions options;
  for (std::uint64_t size = 0; size <= events + 1; size += 1 + size % 3) {
    options.marks.push_back(size);
  }
  return options;
}

bool same_marks(const std::vector<Mark>& left, const std::vector<Mark>& right) {
  return std::ranges::equal(left, right, [](const Mark& one, const Mark& other) {
    return one.size == other.size && one.head == other.head && one.root == other.root;
  });
}

}  // namespace

TEST_SUITE_BEGIN("verify");

TEST_CASE("a whole log verifies, with its head") {
  LogBuilder log;
  log.write(3);
  log.write();
  const auto verified = verify(log.text());
  CHECK(verified.verdict == Verdict::clean);
  CHECK(verified.finding_count == 0);
  CHECK(verified.events == 4);
  CHECK(verified.unsealed == 0);
  CHECK(verified.head == to_hex(bytes_of(log.head())));
  CHECK(verified.root.size() == 64);
  CHECK(verified.session_id == "s");
}

TEST_CASE("every bit of a sealed log that is flipped is reported") {
  LogBuilder log;
  log.write(1, R"({"content":"hi"})");
  log.write(2, R"({"n":1})", "custom");
  log.write(1, "null");
  for (std::size_t at = 0; at < log.text().size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string text = log.text();
      text[at] = static_cast<char>(text[at] ^ (1 << bit));
      const auto verified = verify(text);
      const bool reported = verified.finding_count > 0 && (verified.verdict == Verdict::torn ||
                                                           verified.verdict == Verdict::damaged);
      if (reported) continue;
      CAPTURE(at);
      CAPTURE(bit);
      CHECK(reported);
    }
  }
}

TEST_CASE("a bit flipped before the last write is damage, never a torn end") {
  LogBuilder log;
  log.write(1, R"({"content":"hi"})");
  log.write(2, R"({"n":1})", "custom");
  const std::size_t end = log.text().size();
  log.write(1, "null");
  for (std::size_t at = 0; at < end; ++at) {
    std::string text = log.text();
    text[at] = static_cast<char>(text[at] ^ (1 << (at % 8)));
    if (verify(text).verdict == Verdict::damaged) continue;
    CAPTURE(at);
    CHECK(verify(text).verdict == Verdict::damaged);
  }
}

TEST_CASE("lines that were exchanged, left out or taken from another log are reported") {
  LogBuilder log;
  for (int i = 0; i < 4; ++i) log.write(1, R"({"i":)" + std::to_string(i) + "}");
  LogBuilder twin;
  for (int i = 0; i < 4; ++i) twin.write(1, R"({"j":)" + std::to_string(i) + "}");
  const auto lines = lines_of(log.text());
  const auto others = lines_of(twin.text());
  for (const std::string& text :
       {lines[1] + lines[0] + lines[2] + lines[3], lines[0] + lines[2] + lines[3],
        lines[1] + lines[2] + lines[3], lines[0] + others[1] + lines[2] + lines[3],
        lines[0] + lines[1] + others[2] + others[3], lines[0] + lines[0] + lines[1] + lines[2]}) {
    const auto verified = verify(text);
    CHECK(verified.verdict == Verdict::damaged);
    CHECK(verified.finding_count > 0);
  }
}

TEST_CASE("a log that was cut between two writes verifies: that takes a checkpoint to see") {
  LogBuilder log;
  log.write();
  const std::string text = log.text();
  log.write();
  CHECK(verify(text).verdict == Verdict::clean);
}

TEST_CASE("an unsealed line behind a sealed one is readable, and a finding at its own line") {
  LogBuilder log;
  log.write();
  log.go_line();
  log.write();
  const auto verified = verify(log.text());
  CHECK(verified.verdict == Verdict::clean);
  CHECK(verified.events == 3);
  CHECK(verified.unsealed == 1);
  REQUIRE(verified.finding_count == 1);
  CHECK(verified.findings[0].kind == FindingKind::unsealed);
  CHECK(verified.findings[0].line == 2);
  CHECK(verified.findings[0].sequence_number == 2);
}

TEST_CASE("findings behind damage name the line of the file") {
  LogBuilder log;
  const std::string first = log.write();
  const std::string go = log.go_line();
  const std::string last = log.write();
  const auto verified = verify(first + "bad\nworse\n" + go + last);
  REQUIRE(verified.finding_count == 3);
  CHECK(verified.findings[0].line == 2);
  CHECK(verified.findings[1].line == 3);
  CHECK(verified.findings[2].kind == FindingKind::unsealed);
  CHECK(verified.findings[2].line == 4);
}

TEST_CASE("a wholly unsealed log is unsealed, and the first sealed line seals what is before it") {
  LogBuilder log;
  log.go_line();
  log.go_line();
  const auto unsealed = verify(log.text());
  CHECK(unsealed.verdict == Verdict::unsealed);
  CHECK(unsealed.finding_count == 0);
  log.write();
  CHECK(verify(log.text()).verdict == Verdict::clean);
  const std::string edited = test::replaced(log.text(), R"({"n":1})", R"({"n":2})");
  REQUIRE(edited != log.text());
  CHECK(verify(edited).finding_count > 0);
}

TEST_CASE("a log is held to the session that its file is named after") {
  LogBuilder log{"other"};
  log.write();
  const auto named = verify(log.text(), "s");
  CHECK(named.finding_count > 0);
  const auto unnamed = verify(log.text(), "");
  CHECK(unnamed.finding_count == 0);
  CHECK(unnamed.session_id == "other");
}

TEST_CASE("a redaction that no event explains, and an event that redacts nothing, are findings") {
  LogBuilder log;
  const std::string first = log.write(1, R"({"secret":1})");
  const std::string unsaid = log.write();
  Arena arena;
  Line line;
  const std::string text = first.substr(0, first.size() - 1);
  REQUIRE_FALSE(parse_line(text, arena, line));
  Salt salt;
  REQUIRE(from_hex(line.salt, salt.data(), salt.size()));
  const std::string payload_hash = to_hex(bytes_of(sha256({bytes_of(salt), line.event.payload})));
  const std::string gone = std::string{line.envelope} +
                           R"(,"payload":null,"redacted":3,"payload_hash":")" + payload_hash + '"' +
                           text.substr(text.find(",\"prev\"")) + "\n";
  const auto unexplained = verify(gone + unsaid);
  REQUIRE(unexplained.finding_count == 1);
  CHECK(unexplained.findings[0].kind == FindingKind::redaction);
  CHECK(unexplained.findings[0].sequence_number == 1);

  const std::string why = R"({"sequence_number":1,"payload_hash":")" + payload_hash + "\"}";
  const std::string says = log.write(1, why, "agentstore.redacted");
  const auto explained = verify(gone + unsaid + says);
  CHECK(explained.finding_count == 0);
  CHECK(explained.redacted == 1);
  CHECK(explained.verdict == Verdict::clean);

  const auto still_there = verify(first + unsaid + says);
  REQUIRE(still_there.finding_count == 1);
  CHECK(still_there.findings[0].kind == FindingKind::redaction);
  CHECK(still_there.findings[0].sequence_number == 3);
}

TEST_CASE("a clean log verifies the same by chunks of any size, marks included") {
  for (const std::size_t unsealed : {0U, 1U, 6U}) {
    const std::string text = mixed_log(unsealed);
    test::TextSource source{text};
    const VerifyOptions options = all_marks(18 + unsealed);
    const auto in_order = log::verify(source, "s", false, options);
    REQUIRE(in_order);
    REQUIRE(in_order->events == 18 + unsealed);
    REQUIRE(in_order->marks.size() ==
            options.marks.size() - (18 + unsealed < options.marks.back()));
    for (std::uint64_t chunk_bytes = 64; chunk_bytes <= text.size() + 64; chunk_bytes += 61) {
      CAPTURE(chunk_bytes);
      const auto clean = verify_clean(source, "s", options, {.chunk_bytes = chunk_bytes});
      REQUIRE(clean);
      REQUIRE(*clean);
      CHECK((*clean)->verdict == Verdict::clean);
      CHECK((*clean)->events == in_order->events);
      CHECK((*clean)->unsealed == unsealed);
      CHECK((*clean)->head == in_order->head);
      CHECK((*clean)->root == in_order->root);
      CHECK(same_marks((*clean)->marks, in_order->marks));
    }
  }
}

TEST_CASE("by chunks of any size nothing is clean that is not clean in order") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  MESSAGE("seed " << seed);
  std::mt19937_64 random{seed};
  int reported = 0;
  for (int round = 0; round < 400; ++round) {
    auto lines = lines_of(mixed_log(random() % 4));
    const std::size_t at = random() % lines.size();
    const std::size_t other = random() % lines.size();
    switch (random() % 6) {
      case 0: lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at)); break;
      case 1: std::swap(lines[at], lines[other]); break;
      case 2: lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), lines[other]); break;
      case 3:
        lines[at][random() % lines[at].size()] ^= static_cast<char>(1U << random() % 7);
        break;
      case 4: lines.resize(at); break;
      default: lines[at].pop_back(); break;
    }
    std::string text;
    for (const std::string& line : lines) text += line;
    test::TextSource source{text};
    const VerifyOptions options = all_marks(random() % 24);
    const auto in_order = log::verify(source, "s", false, options);
    const auto clean = verify_clean(source, "s", options, {.chunk_bytes = 64 + random() % 2000});
    REQUIRE(in_order);
    REQUIRE(clean);
    reported += in_order->finding_count > 0 ? 1 : 0;
    if (!*clean) continue;
    CAPTURE(text);
    CHECK(in_order->finding_count == 0);
    CHECK((*clean)->verdict == in_order->verdict);
    CHECK((*clean)->root == in_order->root);
    CHECK(same_marks((*clean)->marks, in_order->marks));
  }
  CHECK(reported > 200);
}

TEST_CASE("lines of any form, damaged or not, verify by chunks as they do in order") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  int clean_logs = 0;
  for (int round = 0; round < 3000; ++round) {
    CAPTURE(round);
    std::string text = test::RandomLog{random}.text();
    if (random() % 2 == 0) text = test::mutated(random, text);
    test::TextSource source{text};
    const auto in_order = log::verify(source, "s", false);
    const auto clean = verify_clean(source, "s", {}, {.chunk_bytes = 1 + random() % 3000});
    REQUIRE(in_order);
    REQUIRE(clean);
    if (!*clean) continue;
    CAPTURE(text);
    ++clean_logs;
    CHECK(in_order->finding_count == 0);
    CHECK((*clean)->verdict == in_order->verdict);
    CHECK((*clean)->events == in_order->events);
    CHECK((*clean)->head == in_order->head);
    CHECK((*clean)->root == in_order->root);
  }
  CHECK(clean_logs > 300);
}

TEST_CASE("a Merkle tree is the same from parts, wherever they meet") {
  std::vector<Hash> leaves;
  for (int i = 0; i < 70; ++i) leaves.push_back(sha256({std::to_string(i)}));
  const auto part = [&](std::size_t begin, std::size_t end) {
    MerkleTree tree{begin};
    for (std::size_t i = begin; i < end; ++i) tree.add(leaves[i]);
    return tree;
  };
  for (const std::size_t end : {1U, 2U, 7U, 64U, 70U}) {
    const Hash root = part(0, end).root();
    for (std::size_t first = 0; first <= end; ++first) {
      for (std::size_t second = first; second <= end; ++second) {
        MerkleTree tree = part(0, first);
        tree.append(part(first, second));
        tree.append(part(second, end));
        if (tree.size() == end && tree.root() == root) continue;
        CAPTURE(first);
        CAPTURE(second);
        CHECK(tree.size() == end);
        CHECK(tree.root() == root);
      }
    }
  }
}

TEST_SUITE_END();

}  // namespace agentstore::log
