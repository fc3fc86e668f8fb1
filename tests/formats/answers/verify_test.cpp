#include "formats/answers/verify.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace agentstore;
using namespace agentstore::formats;

namespace {

std::array<Verification, 3> three() {
  std::array<Verification, 3> all;
  all[0].session_id = "agent-001";
  all[0].events = 12;
  all[0].redacted = 1;
  all[0].head = "9f3c" + std::string(58, '0') + "a1";
  all[0].root = "8370" + std::string(58, '0') + "13";
  all[1].session_id = "flight-search";
  all[1].verdict = Verdict::damaged;
  all[1].events = 7;
  all[1].findings = {{FindingKind::seal, 4, 1731, 4, "the payload\x1b does not match its seal"}};
  all[1].finding_count = 3;
  all[2].session_id = "old";
  all[2].verdict = Verdict::unsealed;
  all[2].events = all[2].unsealed = 10;
  return all;
}

}  // namespace

TEST_SUITE_BEGIN("verify");

TEST_CASE("a person sees who is well, and what is wrong with the rest") {
  StringSink sink;
  write_verify_text(sink, three(), {}, true);
  CHECK(sink.text == R"(agent-001      clean      12 events, 1 redacted  head 9f3c…a1  root 8370…13
flight-search  DAMAGED    7 events
               line 4, byte 1731 (#4): the payload\u{1b} does not match its seal
               and 2 more
old            unsealed   10 events, 10 unsealed
names, labels and times of creation are not sealed, and were not verified
1 of 3 sessions has findings
)");
  sink.text.clear();
  const auto all = three();
  write_verify_text(sink, std::span{all}.first(1), {}, false);
  CHECK(sink.text.ends_with("no findings in 1 session\n"));
}

TEST_CASE("verifications as JSON keep to their schema") {
  StringSink sink;
  const auto all = three();
  write_verify_json(sink, std::span{all}.subspan(1));
  CHECK(
      sink.text ==
      R"({"schema":"agentstore/verify/1","sessions":[{"session_id":"flight-search","verdict":"damaged","events":7,"unsealed":0,"redacted":0,"head":null,"root":null,"findings":[{"kind":"seal","line":4,"offset":1731,"sequence_number":4,"message":"the payload\u001b does not match its seal"}]},{"session_id":"old","verdict":"unsealed","events":10,"unsealed":10,"redacted":0,"head":null,"root":null,"findings":[]}],"not_sealed":["name","labels","created_at"],"rules":null}
)");
}

TEST_CASE("torn, damaged, lost and any finding are something to tell") {
  Verification verification;
  CHECK_FALSE(has_findings(verification));
  verification.verdict = Verdict::in_flight;
  CHECK_FALSE(has_findings(verification));
  verification.finding_count = 1;
  CHECK(has_findings(verification));
  verification = {};
  verification.verdict = Verdict::torn;
  CHECK(has_findings(verification));
}

TEST_SUITE_END();
