#include "base/sha256.hpp"

#include <doctest/doctest.h>

namespace agentstore {

TEST_SUITE_BEGIN("sha256");

TEST_CASE("the hashes are those of FIPS 180-4") {
  const auto hex = [](std::string_view text) { return to_hex(bytes_of(sha256({text}))); };
  CHECK(hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hex(std::string(1'000'000, 'a')) ==
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("parts hash as their concatenation, and so do steps") {
  Sha256 steps;
  steps.update("a");
  steps.update("");
  steps.update("bc");
  const Hash whole = sha256({"abc"});
  CHECK(steps.finish() == whole);
  CHECK(sha256({"a", "bc", ""}) == whole);
}

TEST_CASE("hex is lower case, and exactly as long as it has to be") {
  CHECK(to_hex(std::string_view{"\x00\xFF\x1A", 3}) == "00ff1a");
  unsigned char bytes[2] = {};
  CHECK(from_hex("0aff", bytes, 2));
  CHECK(bytes[0] == 0x0A);
  CHECK(bytes[1] == 0xFF);
  for (const char* const text : {"", "0af", "0aff0", "0aFf", "0ag0", "0a f"}) {
    CAPTURE(text);
    CHECK_FALSE(from_hex(text, bytes, 2));
  }
}

TEST_SUITE_END();

}  // namespace agentstore
