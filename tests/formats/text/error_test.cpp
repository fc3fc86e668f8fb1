#include "formats/text/error.hpp"

#include <doctest/doctest.h>

using namespace agentstore::formats;

TEST_SUITE_BEGIN("error");

TEST_CASE("an error as JSON is one line, safe on a terminal") {
  StringSink sink;
  write_error_json(sink,
                   {.code = 6, .kind = "busy", .message = "a \"b\"\n\xC2\x9B", .retryable = true});
  CHECK(
      sink.text ==
      R"({"error":{"code":6,"kind":"busy","message":"a \"b\"\n\u009b","hint":null,"retryable":true}})"
      "\n");
  sink.text.clear();
  write_error_json(sink, {.code = 3, .kind = "not_found", .message = "m", .hint = "h"});
  CHECK(sink.text.contains(R"("hint":"h","retryable":false)"));
}

TEST_SUITE_END();
