#include "agentstore/checkpoint.hpp"

#include <doctest/doctest.h>

#include "support/folder.hpp"
#include "support/lines.hpp"

namespace agentstore {
namespace {

using test::replaced;

// The private key of the first test vector of RFC 8032, and what OpenSSL made with it.
constexpr std::string_view pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view name = "example.com/agents";
const std::string verifier =
    "example.com/agents+adebc80f+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea";
const std::string root = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
const std::string body = "example.com/agents/s\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
const std::string signature =
    "\u2014 example.com/agents "
    "revID5PBpiK/ScN4gUT6jZxrZ//Z+9b66Hg+np3XM+emTvlZcgi3ayf5pdESZsOK47Hdino1/"
    "eLJDNUexMgqS+1Y4AA=\n";
const std::string note = body + "\n" + signature;

constexpr std::string_view encrypted =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiNcTvsjcnniwICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEAXmMiUJS8BAC20FZ/h78J4EQMUO\n"
    "8TfDBaw+Nob8hXo8Szq0THZk3eeuccWHRvaLvXiVtAajfk2ltQDIMlUS/4zG4wCv\n"
    "srEEKgDC3QWs0xpewsw=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";
constexpr std::string_view of_another_kind =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VuBCIEIOibY4t6Ego/nXZMXCZXjRSR8Q51sCPkhkDYfBo9Vox2\n"
    "-----END PRIVATE KEY-----\n";

class KeyFile {
 public:
  explicit KeyFile(std::string_view text) {
    test::write_text(path(), text);
    allow(std::filesystem::perms::owner_read);
  }
  test::Path path() const { return folder_ / "key.pem"; }
  void allow(std::filesystem::perms who) const { std::filesystem::permissions(path(), who); }
  Result<SigningKey> load(std::string_view as = name) const { return SigningKey::load(path(), as); }

 private:
  test::TempFolder folder_;
};

SigningKey key() {
  return KeyFile{pem}.load().value();
}

Code refusal(std::string_view text, std::string_view by = verifier) {
  const auto opened = open_checkpoint(text, by);
  return opened ? Code{} : opened.error().code;
}

}  // namespace

TEST_SUITE_BEGIN("checkpoints");

TEST_CASE("a note is what another program makes of the same key, to the byte") {
  const SigningKey signing = key();
  CHECK(signing.name() == name);
  CHECK(signing.verifier_key() == verifier);
  CHECK(signing.sign({"example.com/agents/s", 7, root}).value() == note);
}

TEST_CASE("a note says what was signed, to whoever has the verifier key") {
  for (const std::string& by : {verifier, verifier + "\n", verifier + "\r\n"}) {
    const auto opened = open_checkpoint(note, by);
    REQUIRE(opened);
    CHECK(opened->origin == "example.com/agents/s");
    CHECK(opened->size == 7);
    CHECK(opened->root == root);
  }
  const auto read = read_checkpoint(note);
  REQUIRE(read);
  CHECK(read->size == 7);
}

TEST_CASE("a checkpoint of any size and origin comes back as it was signed") {
  const SigningKey signing = key();
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    for (const std::string origin :
         {"a", "example.com/agents/a session of é", "x/2026:01.02-3_4"}) {
      const auto signed_note = signing.sign({origin, size, root});
      REQUIRE(signed_note);
      const auto opened = open_checkpoint(*signed_note, signing.verifier_key());
      REQUIRE(opened);
      CHECK(opened->origin == origin);
      CHECK(opened->size == size);
      CHECK(opened->root == root);
    }
  }
}

TEST_CASE("the signatures of others are passed over, ours counts wherever it is") {
  const std::string other = "\u2014 somebody.else AAAAAAAA\n";
  CHECK(open_checkpoint(body + "\n" + other + signature + other, verifier));
  // One of our name by another key.
  const std::string namesake = "\u2014 example.com/agents AAAAAAAA\n";
  CHECK(open_checkpoint(body + "\n" + namesake + signature, verifier));
  CHECK(refusal(body + "\n" + other) == Code::corrupt);
  CHECK(refusal(body + "\n" + namesake) == Code::corrupt);
}

TEST_CASE("a note with any byte changed is refused") {
  for (std::size_t at = 0; at < note.size(); ++at) {
    CAPTURE(at);
    std::string changed = note;
    changed[at] = changed[at] == 'x' ? 'y' : 'x';
    CHECK(refusal(changed) != Code{});
  }
  CHECK(refusal(replaced(note, "\n7\n", "\n8\n")) == Code::corrupt);
  CHECK(refusal(replaced(note, "/s\n", "/t\n")) == Code::corrupt);
}

TEST_CASE("a note cut at any byte is refused") {
  for (std::size_t size = 0; size < note.size(); ++size) {
    CAPTURE(size);
    CHECK(refusal(note.substr(0, size)) == Code::invalid);
  }
}

TEST_CASE("a key that was moved from still signs, and so do its copies") {
  SigningKey first = key();
  const SigningKey copy = first;
  const SigningKey second = std::move(first);
  const Checkpoint checkpoint{
      .origin = std::string{name} + "/s", .size = 1, .root = std::string(64, '0')};
  for (const SigningKey* each : {&copy, &second, &std::as_const(first)})
    CHECK(open_checkpoint(each->sign(checkpoint).value(), each->verifier_key()).has_value());
}

TEST_CASE("what is no checkpoint is invalid, and says what it is not") {
  for (const std::string& text :
       {std::string{}, std::string{"\n\n"}, body, body + "\n", body + signature,
        replaced(note, "\n7\n", "\n07\n"), replaced(note, "\n7\n", "\n+7\n"),
        replaced(note, "\n7\n", "\n\n"), replaced(note, "\n7\n", "\n18446744073709551616\n"),
        replaced(note, "AAEC", "AAE"), replaced(note, "AAEC", "AA=C"), "\n7\n" + note.substr(23),
        replaced(note, "\u2014", "-"), std::string(2 << 20, 'x') + note}) {
    CAPTURE(text.substr(0, 100));
    const auto read = read_checkpoint(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::invalid);
    CHECK(read.error().message.starts_with("the note is not a checkpoint: "));
  }
}

TEST_CASE("a verifier key that is malformed, or is not its name's, is invalid") {
  for (const std::string& by :
       {std::string{}, std::string{"example.com/agents"}, verifier.substr(0, verifier.size() - 4),
        replaced(verifier, "example", "exanple"), replaced(verifier, "+", " "), verifier + "AAAA",
        replaced(verifier, "+adebc80f", "+00000000"),
        replaced(verifier, "+adebc80f", "+xyzxyzxy")}) {
    CAPTURE(by);
    const auto opened = open_checkpoint(note, by);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Code::invalid);
    CHECK(opened.error().message == "the verifier key is malformed");
  }
}

TEST_CASE("a key that others can read, or that is none, is refused") {
  using std::filesystem::perms;
  const KeyFile readable{pem};
  for (const perms who : {perms::group_read, perms::others_read, perms::group_write}) {
    readable.allow(perms::owner_read | who);
    const auto refused = readable.load();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::invalid);
    CHECK(refused.error().message.starts_with("others can read the key "));
  }
  for (const std::string_view text : {std::string_view{}, pem.substr(0, 60), of_another_kind}) {
    const auto refused = KeyFile{text}.load();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::invalid);
    CHECK(refused.error().message.ends_with(" is not an Ed25519 private key in PEM"));
  }
  const auto locked = KeyFile{encrypted}.load();
  REQUIRE_FALSE(locked);
  CHECK(locked.error().message.ends_with(" is an encrypted key"));
  const test::TempFolder folder;
  CHECK(SigningKey::load(folder / "none.pem", name).error().code == Code::not_found);
}

TEST_CASE("a key's name is a word, for it stands between a space and a plus") {
  const KeyFile file{pem};
  for (const std::string& bad : {std::string{}, std::string{"a b"}, std::string{"a+b"},
                                 std::string{"a\n"}, std::string{"a\x7F"}, std::string(256, 'a')}) {
    CAPTURE(bad);
    const auto refused = file.load(bad);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::invalid);
  }
  CHECK(file.load(std::string(255, 'a')));
}

TEST_SUITE_END();

}  // namespace agentstore
