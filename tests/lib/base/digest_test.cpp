#include "agentstore/internal/digest.hpp"

#include <doctest/doctest.h>

namespace agentstore {

TEST_SUITE("digest") {
  // FIPS 180-4's own example.
  TEST_CASE("a digest is the SHA-256 of the bytes, raw and as hex digits") {
    CHECK(sha256_hex_of("abc") ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(sha256_of("abc").size() == 32);
    CHECK(sha256_of("abc").substr(0, 2) == "\xba\x78");
    CHECK(sha256_of("") != sha256_of(std::string_view{"\0", 1}));
  }
}

}  // namespace agentstore
