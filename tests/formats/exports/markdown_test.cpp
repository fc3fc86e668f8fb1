#include "formats/exports/markdown.hpp"

#include <doctest/doctest.h>

#include "formats/event.hpp"

namespace agentstore::formats {

TEST_SUITE("markdown") {
  TEST_CASE("a fence is longer than any in it") {
    CHECK(markdown_code("x") == "```\nx\n```\n");
    CHECK(markdown_code("a\n````\nb", "diff") == "`````diff\na\n````\nb\n`````\n");
  }

  TEST_CASE("text is text: no HTML, no links, no mentions, no headings") {
    CHECK(markdown_text("<img src=x onerror=alert(1)>") == "&lt;img src=x onerror=alert(1)&gt;\n");
    CHECK(markdown_text("[a](javascript:b) ![i](http://t/x)") ==
          "\\[a\\](javascript:b) \\!\\[i\\](http:<!-- -->//t/x)\n");
    CHECK(markdown_text("# no, @admin #12") == "\\# no, @<!-- -->admin \\#<!-- -->12\n");
    CHECK(markdown_text("- a\n1. b\n    c") == "\\- a\\\n1\\. b\\\n&nbsp;&nbsp;&nbsp;&nbsp;c\n");
    CHECK(markdown_text("\u202eevil \x1b[31m") == "\\\\u\\{202e\\}evil \\\\u\\{1b\\}\\[31m\n");
    CHECK(markdown_text("a `b<c>` d") == "a `b<c>` d\n");
    CHECK(markdown_text("<!-- --> www.x.org") == "&lt;\\!-- --&gt; w<!-- -->ww.x.org\n");
  }

  TEST_CASE("blocks of code stay blocks, also where they do not end") {
    CHECK(markdown_text("see\n```go\nx < y\n```\nend") == "see\n\n```\nx < y\n```\n\nend\n");
    CHECK(markdown_text("```\na\nb") == "```\na\nb\n```\n\n");
    CHECK(markdown_text("````\n```\n````") == "````\n```\n````\n\n");
  }

  TEST_CASE("calls are folded with their results, failures are named") {
    CallPairs pairs;
    EventView call =
        event_of("tool_called", R"({"tool":"sh","args":{"command":"</details>"},"id":"1"})");
    EventView result = event_of("tool_result", R"({"id":"1","error":"no <b>"})");
    result.sequence_number = 2;
    pairs.take(call);
    pairs.take(result);
    StringSink sink;
    Markdown markdown{sink, pairs, {}};
    Session session;
    session.id = "s";
    markdown.begin(session, "A <title>");
    markdown.event(call);
    markdown.event(result);
    markdown.end({}, "");
    CHECK(sink.text.starts_with("# \"A &lt;title&gt;\"\n"));
    CHECK(sink.text.contains(
        "<details><summary>sh  &lt;/details&gt;<b>  0 ms  failed: no "
        "&lt;b&gt;</b></summary>\n\n```\n</details>\n```\n\n```\nno <b>\n```\n"));
    CHECK(sink.text.contains("\n- event 1: sh  &lt;/details&gt;  0 ms  failed: no &lt;b&gt;\n"));
  }
}

}  // namespace agentstore::formats
