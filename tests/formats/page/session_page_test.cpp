#include "formats/page/session_page.hpp"

#include <doctest/doctest.h>

#include "../event.hpp"
#include "formats/page/html.hpp"
#include "formats/page/packed.hpp"

namespace agentstore::formats {
namespace {

EventView numbered(std::uint64_t number, std::string_view type, std::string_view payload,
                   std::string_view metadata = "{}") {
  EventView event = event_of(type, payload, metadata);
  event.sequence_number = number;
  event.timestamp = {1'772'884'800 + static_cast<std::int64_t>(number), 0};
  event.line = payload;
  return event;
}

std::string page_of(const std::vector<EventView>& events, PageKind kind = PageKind::whole,
                    PageOptions options = {}) {
  SessionFacts facts{casino_ledger(), options.mask_again};
  for (const EventView& event : events) REQUIRE(facts.take(event));
  facts.finish();
  StringSink sink;
  SessionPage page{sink, facts, std::move(options)};
  PageHead head;
  head.session.id = "s";
  head.title = "a title";
  head.kind = kind;
  head.fingerprint = "f00d";
  head.generator = "agentstore test";
  page.begin(std::move(head));
  for (const EventView& event : events) page.event(event);
  page.end("");
  return sink.text;
}

std::size_t count_of(std::string_view text, std::string_view wanted) {
  std::size_t count = 0;
  for (std::size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_SUITE("page") {
  TEST_CASE("gzip gives the same bytes each time, and less of them") {
    const std::string text(10'000, 'x');
    CHECK(gzip(text) == gzip(text));
    CHECK(gzip(text).size() < 100);
    CHECK(gzip(text).starts_with("\x1f\x8b"));
  }

  TEST_CASE("what a log says cannot become HTML") {
    CHECK(html_line("</script>\x1b[31m", 80) == "&lt;/script&gt;\\u{1b}[31m");
    CHECK(html_prose("one\n\n<two>") == "one\n\n&lt;two&gt;");
  }

  TEST_CASE("a template is filled, and what has no value is empty") {
    StringSink sink;
    write_template(sink, "a {{one}} b {{two}} c", {{"one", "{{two}}"}});
    CHECK(sink.text == "a {{two}} b  c");
  }

  TEST_CASE("a page lets in its own style and script, by their hashes, and nothing else") {
    const std::string page = page_of({});
    const std::string policy = content_policy(page_text("page.css"), page_text("session.js"));
    CHECK(policy.starts_with("default-src 'none'; style-src 'sha256-"));
    CHECK(page.contains("content=\"" + policy + "\""));
    CHECK(page.contains("<style>" + std::string{page_text("page.css")} + "</style>"));
    CHECK(page.contains("<script>" + std::string{page_text("session.js")} + "</script>"));
    CHECK(count_of(page_text("session.js"), "</script") == 0);
    CHECK(count_of(page, " style=") == 0);
  }

  TEST_CASE("a page says by its head what it is and what it was made of") {
    CHECK(page_of({}).contains("\n<meta name=\"agentstore-page\" content=\"whole f00d\">\n"));
    CHECK(page_of({}, PageKind::masked).contains("content=\"masked f00d\">"));
    CHECK(page_of({}, PageKind::extract).contains("<a class=\"badge\" href=\"#check\">"));
  }

  TEST_CASE("each event has a row of its own, whatever it holds") {
    const std::string page = page_of(
        {numbered(1, "user_message", R"({"content":"<img src=x onerror=alert(1)>"})"),
         numbered(2, "tool_called", R"({"tool":"Bash","args":{"command":"make </script>"}})"),
         numbered(3, "tool_result", R"({"tool":"Bash","error":"exit 2","result":"no rule"})"),
         numbered(4, "error", R"({"message":"<b>bad</b>"})"), numbered(5, "made.up", R"({"x":1})"),
         numbered(6, "llm_response", "{}")});
    for (int number = 1; number <= 6; ++number) {
      CAPTURE(number);
      CHECK(count_of(page, "<article id=\"e" + std::to_string(number) + "\"") == 1);
    }
    CHECK(page.contains("&lt;img src=x onerror=alert(1)&gt;"));
    CHECK(page.contains("make &lt;/script&gt;"));
    CHECK(page.contains("class=\"call failed\" data-tool=\"Bash\""));
    CHECK(page.contains("result of <a href=\"#e2\">#2</a>"));
    CHECK(page.contains("&lt;b&gt;bad&lt;/b&gt;"));
    CHECK(count_of(page, "<img") == 0);
    CHECK(count_of(page, "<b>bad") == 0);
  }

  TEST_CASE("a long message is cut in its row, and whole among what is unfolded") {
    const std::string text(20'000, 'w');
    const std::string page =
        page_of({numbered(1, "user_message", R"({"content":")" + text + "\"}")});
    CHECK(page.contains("show all of it, 20.0 kB"));
    CHECK_FALSE(page.contains(std::string(5000, 'w')));
    CHECK(count_of(page, "class=\"details\" data-first=\"1\"") == 1);
  }

  TEST_CASE("a masked page holds no stored line, and shows no secret") {
    PageOptions options;
    options.mask = options.mask_again = [](std::string_view text) {
      std::string masked{text};
      for (std::size_t at = masked.find("SECRET"); at != masked.npos; at = masked.find("SECRET"))
        masked.replace(at, 6, "[masked]");
      return masked;
    };
    const std::vector<EventView> events{
        numbered(1, "user_message", R"({"content":"my SECRET"})"),
        numbered(2, "tool_called", R"({"tool":"Bash","args":{"command":"echo SECRET"}})"),
        numbered(3, "error", R"({"message":"SECRET is wrong"})")};
    const std::string page = page_of(events, PageKind::masked, options);
    CHECK(count_of(page, "SECRET") == 0);
    CHECK(count_of(page, stored_mark) == 0);
    CHECK(count_of(page_of(events), stored_mark) == 1);
  }

  TEST_CASE("a redacted event says by whom and why") {
    EventView gone = numbered(1, "user_message", "null");
    gone.redacted_by = 2;
    const std::string page = page_of(
        {gone,
         numbered(2, "agentstore.redacted",
                  R"({"sequence_number":1,"reason":"a home address","requested_by":"dpo"})")});
    CHECK(page.contains("redacted by #2: a home address (asked for by dpo)"));
  }

  TEST_CASE("without times nothing is shown over time, and the page says so") {
    EventView event = numbered(1, "tool_called", R"({"tool":"Bash"})");
    event.timestamp = zero_time;
    const std::string page = page_of({event});
    CHECK(page.contains("do not say when they happened"));
    CHECK_FALSE(page.contains("class=\"waterfall\""));
  }

  TEST_CASE("times that run backwards are said, and drawn") {
    EventView first = numbered(1, "tool_called", R"({"tool":"Bash"})");
    EventView second = numbered(2, "tool_result", R"({"tool":"Bash"})");
    first.timestamp.seconds += 3600;
    const std::string page = page_of({first, second});
    CHECK(page.contains("Time runs backwards at 1 event"));
    CHECK(page.contains("class=\"waterfall\""));
  }

  TEST_CASE("the details of an edit are its difference, those of a call its command") {
    const auto edit = details_of(
        event_of(
            "tool_called",
            R"({"tool":"Edit","args":{"file_path":"a.js","old_string":"x","new_string":"y"}})"),
        nullptr);
    REQUIRE(edit.size() == 1);
    CHECK(edit[0].kind == DetailPart::Kind::difference);
    CHECK(edit[0].title == "a.js");
    CHECK(edit[0].text == "-x\n+y");
    const auto call = details_of(
        event_of("tool_called", R"({"tool":"Bash","args":{"command":"make\u001b[2J"}})"), nullptr);
    REQUIRE(call.size() == 1);
    CHECK(call[0].title == "command");
    CHECK(call[0].text == "make\\u{1b}[2J");
    CHECK(details_json(7, {{DetailPart::Kind::text, "result", "a\nb"}}) ==
          "[7,[[\"text\",\"result\",\"a\\nb\"]]]");
  }
}

}  // namespace agentstore::formats
