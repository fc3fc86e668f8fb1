#include "log/draft.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "agentstore/json.hpp"
#include "base/ascii.hpp"
#include "base/ids.hpp"
#include "base/json_check.hpp"

namespace agentstore::log {
namespace {

// What a line holds beside payload, metadata and event id, at the most.
constexpr std::size_t line_overhead_bytes = 1024;

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
const char* mismatch(const KnownKey& key, std::string_view value) {
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

Result<void> check_json(std::string_view what, std::string_view text, std::string& out) {
  if (text.empty()) {
    out = "{}";
    return {};
  }
  if (text.size() >= line_bytes_max)
    return fail(Code::invalid, "the " + std::string{what} + " is over 64 MiB");
  if (const auto error = json::check_and_compact(text, json::rules_to_store, out)) {
    return fail(Code::invalid, "the " + std::string{what} + " " + error->what + " (byte " +
                                   std::to_string(error->offset_bytes) + ")");
  }
  return {};
}

Result<void> check_metadata(std::string_view metadata) {
  if (json::kind_of(metadata) != json::Kind::object) {
    return fail(Code::invalid, "the metadata is no object");
  }
  for (json::Walk walk{metadata}; walk.next();) {
    const std::string name = json::text_of(walk.key());
    for (const KnownKey& key : known_keys) {
      if (name.size() != key.name.size() || !same_folded(name, key.name)) continue;
      if (const char* const expected = mismatch(key, walk.value())) {
        return fail(Code::invalid, "the metadata's \"" + name + "\" has to be " + expected);
      }
    }
  }
  return {};
}

}  // namespace

Result<CheckedDraft> check_draft(const Draft& draft) {
  CheckedDraft checked;
  if (auto done = check_draft(draft, checked); !done) return std::unexpected(done.error());
  return checked;
}

Result<void> check_draft(const Draft& draft, CheckedDraft& into) {
  if (auto allowed = check_event_type(draft.type); !allowed) return allowed;
  if (!draft.event_id.empty()) {
    if (auto allowed = check_event_id(draft.event_id); !allowed) return allowed;
  }
  if (draft.timestamp && !is_writable(*draft.timestamp)) {
    return fail(Code::invalid, "the timestamp is outside the years 0000 to 9999");
  }
  if (auto checked = check_json("payload", draft.payload, into.payload); !checked) return checked;
  if (auto checked = check_json("metadata", draft.metadata, into.metadata); !checked)
    return checked;
  if (!draft.metadata.empty()) {
    if (auto allowed = check_metadata(into.metadata); !allowed) return allowed;
  }
  const std::size_t size = into.payload.size() + into.metadata.size() + draft.event_id.size() * 6;
  if (size + line_overhead_bytes > line_bytes_max) {
    return fail(Code::invalid, "the event would be longer than 64 MiB");
  }
  into.type = draft.type;
  into.event_id = draft.event_id;
  into.timestamp = draft.timestamp;
  return {};
}

}  // namespace agentstore::log
