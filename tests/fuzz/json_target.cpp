// json::check against simdjson's DOM, which parses everything; what it accepts is compacted, walked
// and shown, and must keep its meaning. The DOM refuses what we keep: integers over 64 bits,
// numbers beyond double, a depth over 1024; and it does not look for duplicate keys.

#include <simdjson.h>

#include <string>

#include "agentstore/json.hpp"
#include "base/json_notes.hpp"
#include "formats/text/escape.hpp"
#include "fuzz/require.hpp"
#include "support/random_json.hpp"

namespace agentstore::fuzz {
namespace {

constexpr int dom_depth_max = 1000;
constexpr json::Rules grammar_alone{
    .depth_max = dom_depth_max, .unique_keys = false, .valid_utf8 = true};

// Of what we accept, what simdjson may refuse.
bool is_kept_by_us_alone(simdjson::error_code error, std::string_view text) {
  return error == simdjson::NUMBER_ERROR ||
         (error == simdjson::STRING_ERROR && text.find("\\u") != text.npos);
}

void check_against_dom(std::string_view text, bool accepted) {
  thread_local simdjson::dom::parser parser;
  const auto error = parser.parse(simdjson::padded_string{text}).error();
  if (accepted)
    require(!error || is_kept_by_us_alone(error, text), "what we accept, simdjson does");
  // It skips a byte order mark; and it may be deeper than the DOM can say.
  else if (!text.starts_with("\xEF\xBB\xBF")) require(error, "what we refuse, simdjson does");
}

std::size_t walk(std::string_view value) {
  std::size_t values = 1;
  for (json::Walk inside{value}; inside.next();) {
    require(!inside.value().empty(), "a walk gives values");
    if (json::kind_of(value) == json::Kind::object) {
      const std::string key = json::text_of(inside.key());
      require(inside.key_is(key), "a key is its own text");
      require(!json::check(json::quote(key), json::rules_to_store), "a quoted text is JSON");
      require(json::text_of(json::quote(key)) == key, "and the same text again");
    }
    if (json::kind_of(inside.value()) == json::Kind::number) (void)json::integer_of(inside.value());
    values += walk(inside.value());
  }
  return values;
}

// What notes are taken of is good, and they lead where a walk without them goes.
void check_notes(std::string_view text) {
  static json::Notes notes;
  notes.clear();
  const json::Value value = notes.take(text.data(), text.data() + text.size());
  if (value.empty()) return;
  const char* end = nullptr;
  require(!json::check_value(text.data(), text.data() + text.size(), json::rules_to_read, end),
          "no notes of what is bad");
  require(test::same_walk(value, {text.data(), end}), "notes lead where a walk goes");
}

void check_accepted(std::string_view text) {
  const std::string compact = json::compact(text);
  require(compact.size() <= text.size(), "compact text is not longer");
  require(json::compact(compact) == compact, "compact text is compact");
  require(!json::check(compact, grammar_alone), "and still JSON");
  const std::string shown = formats::printable_json(compact);
  require(!json::check(shown, grammar_alone), "what is shown is JSON");
  const std::string pretty = formats::pretty_json(compact);
  require(json::compact(pretty) == compact, "pretty text is the same");
  require(walk(compact) == walk(shown), "and has as many values");
}

}  // namespace
}  // namespace agentstore::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace agentstore;
  const std::string_view text = fuzz::text_of(data, size);
  const auto error = json::check(text, fuzz::grammar_alone);
  fuzz::require(!error || error->offset_bytes <= size, "an error is in the text");
  fuzz::check_against_dom(text, !error);
  fuzz::check_notes(text);
  const bool to_store = !json::check(text, json::rules_to_store);
  const bool to_read = !json::check(text, json::rules_to_read);
  fuzz::require(!to_store || !error, "what may be stored is JSON");
  fuzz::require(error || to_read, "JSON can be read");
  if (!error) fuzz::check_accepted(text);
  const std::string quoted = json::quote(text);
  fuzz::require(!json::check(quoted, json::rules_to_store), "any bytes can be quoted");
  return 0;
}
