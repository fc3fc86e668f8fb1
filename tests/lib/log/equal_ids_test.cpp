#include "log/equal_ids.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

#include "log/encode.hpp"
#include "log/event_ids.hpp"
#include "support/lines.hpp"
#include "support/seed.hpp"

namespace agentstore::log {
namespace {

/// A sealed log of events of these ids.
std::string log_of(const std::vector<std::string>& ids) {
  std::string text;
  Hash head{};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    head = encode_line(
        text, {.session_id = "s", .sequence_number = i + 1, .type = "custom", .event_id = ids[i]},
        head);
  }
  return text;
}

std::vector<std::uint64_t> numbers_of(const std::vector<Finding>& findings) {
  std::vector<std::uint64_t> numbers;
  for (const Finding& finding : findings) numbers.push_back(finding.sequence_number);
  std::ranges::sort(numbers);
  return numbers;
}

/// As verify finds them, by runs of some ids each.
std::vector<std::uint64_t> found(const std::vector<std::string>& ids, const IdLimits& limits) {
  test::TextSource source{log_of(ids)};
  EqualIds equal{source.size_bytes(), limits};
  for (std::size_t from = 0; from < ids.size(); from += 7) {
    IdRun run;
    for (std::size_t i = from; i < std::min(from + 7, ids.size()); ++i) run.add(ids[i]);
    equal.add(run);
  }
  std::vector<Finding> findings;
  const auto done =
      equal.find(source, "s", [&](Finding finding) { findings.push_back(std::move(finding)); });
  REQUIRE(done);
  return numbers_of(findings);
}

}  // namespace

TEST_SUITE_BEGIN("equal_ids");

TEST_CASE("an event id that stands twice in a log is a finding that names both events") {
  const auto verified = test::verify(log_of({"a", "same", "b", "same"}));
  REQUIRE(verified.findings.size() == 1);
  const Finding& finding = verified.findings.front();
  CHECK(finding.kind == FindingKind::event_id);
  CHECK(finding.line == 4);
  CHECK(finding.sequence_number == 4);
  CHECK(finding.message.find("#2") != std::string::npos);
  CHECK(test::verify(log_of({"b", "a", "c"})).finding_count == 0);
}

TEST_CASE("equal ids are found whatever little room there is for what was seen") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  for (int round = 0; round < 30; ++round) {
    const std::size_t count = random() % 1500;
    const std::uint64_t different = 1 + random() % 4 * count;
    const bool ascending = random() % 3 == 0;
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < count; ++i)
      ids.push_back(std::to_string(1'000'000 + (ascending ? i : random() % different)));
    if (ascending && count > 2 && random() % 2 == 0) ids[random() % count] = ids[random() % count];
    std::map<std::string, std::size_t> first;
    std::vector<std::uint64_t> expected;
    for (std::size_t i = 0; i < count; ++i)
      if (!first.emplace(ids[i], i).second) expected.push_back(i + 1);
    CHECK(found(ids, {}) == expected);
    // The smallest filter has 4,096 bits; suspects do not fit, and the log is read by shares.
    const auto some = found(ids, {.filter_bytes_max = 512, .suspects_max = 1 + random() % 40});
    CHECK(some.empty() == expected.empty());
    CHECK(std::ranges::includes(expected, some));
    CHECK(found(ids, {.filter_bytes_max = 512, .suspects_max = 2000}) == expected);
  }
}

TEST_CASE("an id that stands twice names no one event") {
  test::TextSource source{log_of({"a", "same", "b", "same"})};
  EventIds ids;
  REQUIRE(ids.build(source, "s", source.size_bytes()));
  CHECK(ids.find(source, "a").value()->sequence_number == 1);
  CHECK_FALSE(ids.find(source, "c").value().has_value());
  const auto twice = ids.find(source, "same");
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == Code::conflict);
  CHECK(twice.error().message == "event id \"same\" is that of #2 and of #4");
}

TEST_SUITE_END();

}  // namespace agentstore::log
