#include <doctest/doctest.h>

#include "convert.hpp"

namespace agentstore::formats {
namespace {

const std::string thread = R"({"type":"thread.started","thread_id":"t-1"})"
                           "\n"
                           R"({"type":"turn.started"})"
                           "\n";

std::string item(std::string_view when, const std::string& members) {
  return R"({"type":"item.)" + std::string{when} + R"(","item":{)" + members + "}}\n";
}

std::string command(std::string_view when, const std::string& end) {
  return item(when, R"("id":"i1","type":"command_execution","command":"make test",)" + end);
}

std::string completed(int in, int cached, int out) {
  return R"({"type":"turn.completed","usage":{"input_tokens":)" + std::to_string(in) +
         R"(,"cached_input_tokens":)" + std::to_string(cached) + R"(,"output_tokens":)" +
         std::to_string(out) + "}}\n";
}

TEST_SUITE("codex exec") {
  TEST_CASE("a command is a call and its result, begun or not") {
    const std::string done =
        command("completed", R"("aggregated_output":"2 failed","exit_code":2,"status":"failed")");
    const std::string begun =
        command("started", R"("aggregated_output":"","exit_code":null,"status":"in_progress")");
    for (const std::string& lines : {done, begun + done}) {
      CAPTURE(lines);
      const Conversion got = convert(thread + lines + completed(9, 4, 3));
      REQUIRE(got.result);
      CHECK(got.format == &codex_exec_source);
      CHECK(got.sessions[0].id == "t-1");
      CHECK(got.totals().tool_calls == 1);
      CHECK(got.totals().tool_errors == 1);
      CHECK(got.of_type("tool_result") == 1);
      CHECK(got.totals().tokens_in == 9);
      CHECK(got.totals().tokens_cache_read == 4);
    }
  }

  TEST_CASE("turns that tell the thread's use are told apart from those that tell their own") {
    const Conversion of_thread = convert(thread + completed(100, 40, 10) + completed(250, 90, 30));
    CHECK(of_thread.totals().tokens_in == 250);
    CHECK(of_thread.totals().tokens_out == 30);
    const Conversion of_turn = convert(thread + completed(100, 40, 10) + completed(30, 20, 5));
    CHECK(of_turn.totals().tokens_in == 130);
    CHECK(of_turn.totals().tokens_out == 15);
  }

  TEST_CASE("a thread that is resumed goes on with its sums") {
    const Conversion of_turn = convert(thread + completed(1000, 0, 100) + thread +
                                       completed(600, 0, 60) + thread + completed(2000, 0, 1));
    CHECK(of_turn.totals().tokens_in == 3600);
    CHECK(of_turn.totals().tokens_out == 161);
    const std::string other = R"({"type":"thread.started","thread_id":"t-2"})"
                              "\n";
    const Conversion of_thread =
        convert(thread + completed(1000, 0, 100) + completed(1500, 0, 150) + other +
                completed(7, 0, 3) + thread + completed(1700, 0, 170));
    CHECK(of_thread.totals(0).tokens_in == 1700);
    CHECK(of_thread.totals(0).tokens_out == 170);
    CHECK(of_thread.totals(1).tokens_in == 7);
  }

  TEST_CASE("each process numbers its items anew") {
    const std::string begun = command("started", R"("status":"in_progress")");
    const Conversion got = convert(thread + begun + thread +
                                   command("completed", R"("exit_code":0,"status":"completed")"));
    CHECK(got.of_type("tool_called") == 2);
  }

  TEST_CASE("what failed is an error, a plan is a plan") {
    const Conversion got =
        convert(thread + item("completed", R"("id":"a","type":"error","message":"slow")") +
                item("completed", R"("id":"b","type":"todo_list","items":[])") +
                item("updated", R"("id":"b","type":"todo_list","items":[])") +
                R"({"type":"turn.failed","error":{"message":"no"}})"
                "\n");
    CHECK(got.of_type("error") == 2);
    CHECK(got.of_type("plan_created") == 1);
    CHECK(got.tally.left_out.at("item.updated") == 1);
  }
}

}  // namespace
}  // namespace agentstore::formats
