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

TEST_CASE("PBKDF2 is that of RFC 8018") {
  CHECK(to_hex(bytes_of(pbkdf2_sha256("password", "salt", 4096))) ==
        "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a");
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

TEST_CASE("parts hash as their concatenation wherever they meet") {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += static_cast<char>(i * 31 + i / 256);
  const std::string_view whole = text;
  Sha256 steps;
  steps.update(whole);
  const Hash expected = steps.finish();
  for (std::size_t first = 0; first <= whole.size(); first += 1 + first % 7) {
    for (const std::size_t second :
         {std::size_t{0}, std::size_t{1}, std::size_t{1024} - first % 1024, std::size_t{1025},
          whole.size() - first}) {
      const std::string_view rest = whole.substr(first);
      if (second > rest.size()) continue;
      const Hash hash =
          sha256({whole.substr(0, first), rest.substr(0, second), rest.substr(second)});
      if (hash == expected) continue;
      CAPTURE(first);
      CAPTURE(second);
      CHECK(hash == expected);
    }
  }
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

TEST_CASE("every byte at every place of a hex text is judged and read as by itself") {
  for (const std::size_t size : {1U, 7U, 8U, 9U, 16U, 32U, 33U}) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(i * 37 + 11);
    const std::string text = to_hex(bytes);
    for (std::size_t at = 0; at < text.size(); ++at) {
      for (int c = 0; c < 256; ++c) {
        std::string changed = text;
        changed[at] = static_cast<char>(c);
        const std::string_view digits = "0123456789abcdef";
        const bool digit = digits.find(changed[at]) != digits.npos;
        std::string read(size, '\0');
        const bool taken =
            from_hex(changed, reinterpret_cast<unsigned char*>(read.data()), read.size());
        if (taken == digit && is_hex(changed) == digit && (!digit || to_hex(read) == changed))
          continue;
        CAPTURE(size);
        CAPTURE(at);
        CAPTURE(c);
        CHECK(taken == digit);
        CHECK(is_hex(changed) == digit);
        CHECK(to_hex(read) == changed);
      }
    }
  }
}

TEST_CASE("every byte is written as its two digits") {
  std::string bytes;
  std::string text;
  for (int i = 0; i < 256 + 5; ++i) {
    bytes += static_cast<char>(i);
    text += "0123456789abcdef"[i / 16 % 16];
    text += "0123456789abcdef"[i % 16];
  }
  CHECK(to_hex(bytes) == text);
}

TEST_CASE("a hash as text is its hex") {
  const Hash hash = sha256({"abc"});
  CHECK(view_of(hex_of(hash)) == to_hex(bytes_of(hash)));
}

TEST_SUITE_END();

}  // namespace agentstore
