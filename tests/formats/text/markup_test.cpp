#include "formats/text/markup.hpp"

#include <doctest/doctest.h>

namespace agentstore::formats {
namespace {

TEST_SUITE("markup") {
  TEST_CASE("nothing in a text ends an element or an attribute") {
    CHECK(escaped_markup("<b a=\"1\" c='2'>&") == "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;");
  }

  TEST_CASE("characters that XML leaves out are replaced, and their neighbours stay") {
    CHECK(escaped_markup("<a b=\"c\">&\xEF\xBF\xBF.") ==
          "&lt;a b=&quot;c&quot;&gt;&amp;\xEF\xBF\xBD.");
    CHECK(escaped_markup("\xEF\xBF\xBE") == "\xEF\xBF\xBD");
    CHECK(escaped_markup("\xEF\xBF\xBD\xEF\xBB\xBF") == "\xEF\xBF\xBD\xEF\xBB\xBF");
  }
}

}  // namespace
}  // namespace agentstore::formats
