#include "query/tokens.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace agentstore {
namespace {

using Kind = Token::Kind;

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  for (std::size_t at = 0;;) {
    const auto token = next_token(text, at);
    REQUIRE(token);
    if (token->kind == Kind::end) return tokens;
    tokens.push_back(*token);
  }
}

std::string refusal(std::string_view text) {
  for (std::size_t at = 0;;) {
    const auto token = next_token(text, at);
    if (!token) return token.error().message;
    if (token->kind == Kind::end) return {};
  }
}

}  // namespace

TEST_SUITE("tokens") {
  TEST_CASE("names, numbers, texts and signs are told apart, with their places") {
    const auto tokens = tokens_of(R"( errors>=1.5e-3 AND "a ""b""" <> 'it''s' || Käse_1)");
    const std::vector<std::pair<Kind, std::string>> expected{{Kind::name, "errors"},
                                                             {Kind::sign, ">="},
                                                             {Kind::number, "1.5e-3"},
                                                             {Kind::name, "AND"},
                                                             {Kind::quoted_name, R"(a "b")"},
                                                             {Kind::sign, "<>"},
                                                             {Kind::text, "it's"},
                                                             {Kind::sign, "||"},
                                                             {Kind::name, "Käse_1"}};
    REQUIRE(tokens.size() == expected.size());
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      CHECK(tokens[i].kind == expected[i].first);
      CHECK(tokens[i].value == expected[i].second);
    }
    CHECK(tokens[0].offset_bytes == 1);
    CHECK(tokens[1].offset_bytes == 7);
    CHECK(tokens[3].is_word("and"));
    CHECK(tokens[1].is_sign(">="));
  }

  TEST_CASE("a refusal counts characters, not bytes, and advises") {
    CHECK(refusal("é = 'x").contains("at character 5, \"'x\": this text is not closed"));
    CHECK(refusal("\"x").contains("this name is not closed"));
    CHECK(refusal("1x").contains("this is not a number"));
    CHECK(refusal("1.2.3").contains("this is not a number"));
    CHECK(refusal("a && b").contains("write AND"));
    CHECK(refusal("a | b").contains("write OR"));
    CHECK(refusal("!a").contains("write NOT"));
    CHECK(refusal("a;").contains("without a semicolon"));
    CHECK(refusal("a -- b").contains("comments are not read"));
    CHECK(refusal("?1").contains("there are no parameters"));
  }

  TEST_CASE("what is shown of a long text is cut between characters") {
    std::string text = "'";
    for (int i = 0; i < 60; ++i) text += "é";
    const std::string said = refusal(text);
    CHECK(said.contains("é…\""));
    CHECK_FALSE(said.contains(text));
  }
}

}  // namespace agentstore
