#include "base/checksum.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace agentstore {

TEST_SUITE_BEGIN("checksum");

TEST_CASE("the checksum is XXH64") {
  CHECK(checksum("") == 0xEF46DB3751D8E999);
  CHECK(checksum("a") == 0xD24EC4F1A98C6E5B);
  CHECK(checksum("abc") == 0x44BC2CF5AD770999);
  CHECK(checksum("Nobody inspects the spammish repetition") == 0xFBCEA83C8A378BF1);
}

TEST_CASE("every bit, the length and the seed count") {
  std::string text(70, 'x');
  std::set<std::uint64_t> seen{checksum(text), checksum(text, 1), checksum(text + 'x')};
  for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
    std::string changed = text;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    seen.insert(checksum(changed));
  }
  CHECK(seen.size() == 3 + 8 * text.size());
}

TEST_SUITE_END();

}  // namespace agentstore
