#include "log/stored_form.hpp"

#include <array>
#include <charconv>

#include "base/ascii.hpp"
#include "base/json_check.hpp"
#include "base/json_notes.hpp"

namespace agentstore::log {
namespace {

struct KnownKey {
  std::string_view name;
  enum { text, integer, number, texts } kind;
};
// The keys of the Go library's metadata, and ours. That library drops what follows a wrong type.
constexpr std::array known_keys = {
    KnownKey{"worker_id", KnownKey::text},        KnownKey{"tokens_in", KnownKey::integer},
    KnownKey{"tokens_out", KnownKey::integer},    KnownKey{"model", KnownKey::text},
    KnownKey{"tool_name", KnownKey::text},        KnownKey{"duration_ms", KnownKey::integer},
    KnownKey{"cost_usd", KnownKey::number},       KnownKey{"extra", KnownKey::texts},
    KnownKey{"causation_id", KnownKey::text},     KnownKey{"correlation_id", KnownKey::text},
    KnownKey{"schema_version", KnownKey::integer}};

bool is_double(std::string_view token) {
  double value = 0;
  const auto [at, status] = std::from_chars(token.data(), token.data() + token.size(), value);
  return status == std::errc{};
}

bool all_texts(std::string_view object) {
  for (json::Walk walk{object}; walk.next();) {
    if (json::kind_of(walk.value()) != json::Kind::string) return false;
  }
  return true;
}

// What a value should have been, or nothing where it is that.
const char* mismatch(const KnownKey& key, const json::Value& value) {
  using json::Kind;
  const Kind kind = json::kind_of(value);
  switch (key.kind) {
    case KnownKey::text: return kind == Kind::string ? nullptr : "a string";
    case KnownKey::integer:
      return kind == Kind::number && json::integer_of(value) ? nullptr : "a 64-bit integer";
    case KnownKey::number:
      return kind == Kind::number && is_double(value) ? nullptr
                                                      : "a number in the range of a double";
    case KnownKey::texts:
      return kind == Kind::object && all_texts(value) ? nullptr : "an object of strings";
  }
  return nullptr;
}

// The key that a name is, whatever the case of its letters: Go's decoder matches them so.
const KnownKey* known_key(std::string_view name) {
  for (const KnownKey& key : known_keys)
    if (name.size() == key.name.size() && same_folded(name, key.name)) return &key;
  return nullptr;
}

}  // namespace

std::optional<Misfit> misfit_in_json(std::string_view value) {
  const auto error = json::check_compact(value, json::rules_to_store);
  if (!error) return std::nullopt;
  // The same without the rule for keys tells a double key apart from JSON that is wrong.
  json::Rules syntax = json::rules_to_store;
  syntax.unique_keys = false;
  const bool keys = !json::check_compact(value, syntax);
  return Misfit{keys ? FindingKind::keys : FindingKind::syntax, error->offset_bytes, error->what};
}

std::optional<std::string> misfit_in_metadata(const json::Value& metadata) {
  if (json::kind_of(metadata) != json::Kind::object) return " is no object";
  for (json::Walk walk{metadata}; walk.next();) {
    std::string_view name = walk.key().substr(1, walk.key().size() - 2);
    std::string resolved;
    if (name.find('\\') != name.npos) name = resolved = json::text_of(walk.key());
    const KnownKey* const key = known_key(name);
    const char* const expected = key == nullptr ? nullptr : mismatch(*key, walk.value());
    if (expected != nullptr) return "'s \"" + std::string{name} + "\" has to be " + expected;
  }
  return std::nullopt;
}

bool is_stored_json(const json::Value& value) {
  if (value.size() == 2) return true;  // {}, [], "" or a digit more: nothing can be wrong in it.
  if (value.note() != nullptr && json::keys_differ(value)) return true;
  return !json::check_compact(value, json::rules_to_store);
}

bool is_spelled_as_stored(std::string_view token, std::string_view text) {
  const std::string_view body = token.substr(1, token.size() - 2);
  return body == text || json::quote(text) == token;
}

}  // namespace agentstore::log
