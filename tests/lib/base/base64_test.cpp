#include "agentstore/internal/base64.hpp"

#include <doctest/doctest.h>

#include <utility>

namespace agentstore {

TEST_SUITE("base64") {
  // RFC 4648's own examples.
  TEST_CASE("it is that of RFC 4648, there and back") {
    const std::pair<std::string_view, std::string_view> known[] = {{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"},
                                                                   {"\xff\xfe\xfd", "//79"}};
    for (const auto& [bytes, text] : known) {
      CAPTURE(text);
      CHECK(to_base64(bytes) == text);
      CHECK(from_base64(text) == std::string{bytes});
    }
  }

  TEST_CASE("one text alone stands for the bytes") {
    for (const std::string_view text :
         {"Z", "Zg", "Zg=", "====", "Z===", "Zh==", "Zm9=", "Zg==Zg==", "Zm=v", " Zg=", " Zm9v   ",
          "Zm9v\n\n\n\n", "Zm-v", "Zm_v", "Zm9v====", "Z\xc3\xa4v", "Zm9vZ=9v"}) {
      CAPTURE(text);
      CHECK_FALSE(from_base64(text));
    }
  }
}

}  // namespace agentstore
