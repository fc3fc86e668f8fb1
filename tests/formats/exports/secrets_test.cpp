#include "formats/exports/secrets.hpp"

#include <doctest/doctest.h>

namespace agentstore::formats {
namespace {

// Put together here, so that no scanner takes this file for a leak.
std::string joined(std::initializer_list<std::string_view> pieces) {
  std::string all;
  for (const std::string_view piece : pieces) all += piece;
  return all;
}

std::string name_in(std::string_view text) {
  const auto found = find_secrets(text);
  return found.empty() ? "" : std::string{found.front().name};
}

}  // namespace

TEST_SUITE("secrets") {
  TEST_CASE("each is found by its name") {
    const std::string mixed = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY2zA4";
    CHECK(name_in("id " + joined({"AK", "IAIOSFODNN7EXAMPLE"}) + ".") == "AWS access key");
    CHECK(name_in("aws_secret_access_key = " +
                  joined({"wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"})) == "AWS secret key");
    CHECK(name_in(joined({"gh", "p_", mixed})) == "GitHub token");
    CHECK(name_in(joined({"github", "_pat_", mixed, mixed})) == "GitHub token");
    CHECK(name_in(joined({"sk", "-ant-api03-", mixed})) == "Anthropic key");
    CHECK(name_in(joined({"sk", "-proj-", mixed})) == "OpenAI key");
    CHECK(name_in(joined({"xo", "xb-1234567890-abcdef"})) == "Slack token");
    CHECK(name_in(joined({"AI", "zaSyA1234567890abcdefghijklmnopqrstuv"})) == "Google API key");
    CHECK(name_in(joined({"sk", "_live_", "4eC39HqLyjWDarjtT1zdp7dc"})) == "Stripe key");
    CHECK(name_in("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92K27u") == "JWT");
    CHECK(name_in("Authorization: Bearer " + mixed) == "bearer token");
    CHECK(name_in("postgres://me:s3cr3t@db/x") == "password in a URL");
    CHECK(name_in("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----") ==
          "private key");
    CHECK(name_in("mail ann.b+c@mail.host.org now") == "e-mail address");
    CHECK(name_in("user@example.com") == "e-mail address");
    CHECK(name_in("DB_PASSWORD=" + mixed) == "secret in an assignment");
    CHECK(name_in("\"apiKey\": \"" + mixed + "\"") == "secret in an assignment");
  }

  TEST_CASE("what only looks like one is left alone") {
    for (const char* const text :
         {"task-manager-configuration-builder-2", "sk-learn-cross-validation-helper",
          "git@github.com:a/b", "image@2x.png", "lodash@4.17.21.tgz", "http://localhost:8080/a@b",
          "https://user:$PASSWORD@host/", "password: 'correct horse'",
          "token = \"next_token_of_list\"", "bearer of bad news and nothing else", "AKIA",
          "const token = \"getAccessToken(user, 1, 2)\"", "-----BEGIN PUBLIC KEY-----",
          "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d"}) {
      CAPTURE(text);
      CHECK(name_in(text) == "");
    }
  }

  TEST_CASE("masking leaves the rest, and counts") {
    SecretMask mask;
    CHECK(mask.mask("to a@b.org and c@d.org, https://u:hunter22@h/") ==
          "to [redacted: e-mail address] and [redacted: e-mail address], "
          "https://u:[redacted: password in a URL]@h/");
    CHECK(mask.mask("nothing") == "nothing");
    CHECK(mask.told() == "1 password in a URL, 2 e-mail addresses");
    SecretMask other;
    CHECK(other.told() == "");
    (void)other.mask("a@b.org again, and x@y.org");
    mask.merge(other);
    CHECK(mask.told() == "1 password in a URL, 3 e-mail addresses, in 5 places");
  }

  TEST_CASE("every name stands once") {
    const auto names = secret_names();
    for (std::size_t i = 0; i < names.size(); ++i)
      for (std::size_t j = i + 1; j < names.size(); ++j) CHECK(names[i] != names[j]);
  }
}

}  // namespace agentstore::formats
