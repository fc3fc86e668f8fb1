#include <doctest/doctest.h>

#include "agentstore/json.hpp"
#include "support/writer.hpp"

namespace agentstore::log {
namespace {

using test::LogBuilder;
using test::read_text;
using test::replaced;
using test::WriterFolder;

struct Salvaged {
  Result<Repair> repair;
  std::string log;
  std::vector<std::string> lines;
  Verification verified;
};

Salvaged salvaged(const WriterFolder& folder, const std::string& text) {
  test::write_text(folder.log(), text);
  Writer writer{linux_system(), folder.options()};
  auto repair = writer.repair({.salvage = true});
  std::string log = read_text(folder.log());
  return {std::move(repair), log, test::lines_of(log), test::verify(log)};
}

std::string metadata_of(const std::string& line) {
  return std::string{json::find(line, "metadata").value_or("")};
}

template <class Change>
std::string each_line(const std::string& text, Change change) {
  std::string out;
  for (const std::string& line : test::lines_of(text)) out += change(line);
  return out;
}

std::string three_events() {
  LogBuilder log;
  log.write(1, R"({"n":1})");
  log.write(2, R"({"n":2})");
  return log.text();
}

}  // namespace

TEST_SUITE_BEGIN("salvage");

TEST_CASE("a whole line whose seal does not fit is kept, and marked") {
  const auto edited = [](const std::string& line) { return replaced(line, "\"n\":", "\"n\":9"); };
  const auto spaced = [](const std::string& line) { return replaced(line, ",\"type", ", \"type"); };
  const auto doubled = [](const std::string& line) {
    return replaced(line, ",\"salt", ",\"type\":\"user_message\",\"salt");
  };
  const auto unended = [](const std::string& line) {
    return replaced(line, ",\"prev\"", ",\"p\"");
  };
  for (const auto& change :
       {std::function<std::string(const std::string&)>{edited}, {spaced}, {doubled}, {unended}}) {
    const WriterFolder folder;
    const auto made = salvaged(folder, each_line(three_events(), change));
    REQUIRE(made.repair);
    CHECK(made.repair->events == 3);
    CHECK(made.repair->left_out_count == 0);
    CHECK(made.verified.verdict == Verdict::clean);
    CHECK(made.verified.finding_count == 0);
    REQUIRE(made.lines.size() == 4);
    CHECK(made.lines[0].find(R"("seal_does_not_fit":3)") != std::string::npos);
    for (std::size_t i = 1; i < made.lines.size(); ++i)
      CHECK(metadata_of(made.lines[i]) == R"({"salvaged":"seal does not fit"})");
  }
}

TEST_CASE("lines whose ends were converted, and a byte order mark, are undone, and fit") {
  const std::string text = three_events();
  for (const std::string& changed :
       {each_line(text, [](const std::string& line) { return replaced(line, "}\n", "}\r\n"); }),
        "\xEF\xBB\xBF" + text}) {
    const WriterFolder folder;
    const auto made = salvaged(folder, changed);
    REQUIRE(made.repair);
    CHECK(made.repair->events == 3);
    CHECK(made.repair->bytes_left_out == 0);
    CHECK(made.log.find("\"salvaged\"") == std::string::npos);
    CHECK(made.verified.finding_count == 0);
  }
}

TEST_CASE("a log that was compressed or put into UTF-16 is left as it is, and named") {
  for (const auto& [text, word] : {std::pair{std::string{"\x1F\x8B\x08 and more\n"}, "gzip"},
                                   std::pair{std::string{"\x28\xB5\x2F\xFD and more"}, "Zstandard"},
                                   std::pair{std::string{"\xFF\xFE{\0\"\0", 6}, "UTF-16"}}) {
    const WriterFolder folder;
    const auto made = salvaged(folder, text);
    REQUIRE_FALSE(made.repair);
    CHECK(made.repair.error().code == Code::corrupt);
    CHECK(made.repair.error().message.find(word) != std::string::npos);
    CHECK(made.log == text);
    CHECK(folder.quarantined().empty());
  }
}

TEST_CASE("what no sealed line may hold is kept beside what it may") {
  const auto line = [](int number, const std::string& type, const std::string& metadata) {
    return R"({"session_id":"s","sequence_number":)" + std::to_string(number) + R"(,"type":")" +
           type + R"(","payload":{"a":1,"a":2},"timestamp":"2026-03-07T12:00:00Z","metadata":)" +
           metadata + "}";
  };
  const WriterFolder folder;
  // Glued, as the Go library leaves them after a crash.
  const auto made = salvaged(folder, line(1, "Käse", R"({"tokens_in":"many"})") +
                                         line(2, "custom", R"({"x":1,"x":2})") + "\n");
  REQUIRE(made.repair);
  CHECK(made.repair->events == 2);
  CHECK(made.verified.finding_count == 0);
  REQUIRE(made.lines.size() == 3);
  CHECK(metadata_of(made.lines[1]) ==
        R"({"salvaged_metadata":{"tokens_in":"many"},"salvaged_type":"Käse"})");
  CHECK(metadata_of(made.lines[2]) == R"({"salvaged_metadata":"{\"x\":1,\"x\":2}"})");
  CHECK(made.lines[1].find(R"("payload":"{\"a\":1,\"a\":2}")") != std::string::npos);
}

TEST_CASE("an event and an edited copy of it are two, and a forged one of ours speaks for nobody") {
  LogBuilder log;
  const std::string first = log.write();
  const std::string own = log.write(1, R"({"sequence_number":1})", "agentstore.redacted");
  const WriterFolder folder;
  const auto made = salvaged(folder, first + replaced(first, "\"n\":1", "\"n\":2") + first +
                                         replaced(own, "\"sequence_number\":1}", "\"x\":1}"));
  REQUIRE(made.repair);
  CHECK(made.repair->events == 3);
  CHECK(made.repair->left_out_count == 1);
  CHECK(made.verified.finding_count == 0);
  REQUIRE(made.lines.size() == 4);
  CHECK(made.lines[3].find(R"("type":"custom")") != std::string::npos);
  CHECK(metadata_of(made.lines[3]) ==
        R"({"salvaged_type":"agentstore.redacted","salvaged":"seal does not fit"})");
}

TEST_SUITE_END();

}  // namespace agentstore::log
