#include "formats/events/words.hpp"

#include <doctest/doctest.h>

#include "formats/event.hpp"

using namespace agentstore;
using namespace agentstore::formats;

TEST_SUITE_BEGIN("words");

TEST_CASE("words are found whatever holds them, on one line") {
  CHECK(words_start(R"("a\n\n  b\tc")", 90) == "a b c");
  CHECK(words_start(R"([{"type":"text","text":"a"},{"content":[{"text":"b"}]}])", 90) == "a b");
  CHECK(words_start(R"({"message":{"content":"a \u2192 b"}})", 90) == "a → b");
  CHECK(words_start(R"({"n":1})", 90).empty());
}

TEST_CASE("no more is read than is shown, and no character is cut in two") {
  const std::string text = words_start(R"("日本語日本語")", 7);
  CHECK(text == "日本…");
}

TEST_CASE("an image tells its kind and size") {
  const std::string block = R"({"type":"image","source":{"media_type":"image/png","data":")" +
                            std::string(45'336, 'A') + R"("}})";
  CHECK(attachment_text(block) == "image/png 34.0 kB");
  const std::string blocks = R"([{"type":"text","text":"see"},)" + block + "]";
  CHECK(words_start(blocks, 90) == "see (image/png 34.0 kB)");
}

TEST_CASE("a record shows its words, else its members without what tells records apart") {
  CHECK(record_words(R"({"uuid":"x","data":{"message":{"content":"hi"}}})", 90) == "hi");
  CHECK(record_words(R"({"uuid":"x","type":"progress","data":{"hookName":"Stop","n":2}})", 90) ==
        "hookName=Stop n=2");
  CHECK(record_words(R"({"a":[1,2],"b":"two words","c":{},"d":{"e":{"f":{"g":1}}}})", 90) ==
        R"(a=[1,2] b="two words" f=(1 member))");
  CHECK(record_words(R"([1,2,3])", 90) == "3 items");
  CHECK(record_words("7", 90) == "7");
}

TEST_SUITE_END();
