// What a line may hold that our writer makes: what an append accepts, in exactly the form in which
// it is stored. parse_line holds every sealed line to it, FastParser every sealed line that it
// reads.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/json.hpp"
#include "agentstore/timestamp.hpp"
#include "agentstore/verification.hpp"

namespace agentstore::log {

/// Why a value is not in the form in which one is stored.
struct Misfit {
  FindingKind kind = FindingKind::syntax;
  std::size_t offset_bytes = 0;  ///< in the value
  std::string what;              ///< goes on after the value's name
};

/// Of a payload or metadata: JSON by `rules_to_store`, without white space between its tokens.
std::optional<Misfit> misfit_in_json(std::string_view value);

/// Of a metadata object: a key with a meaning whose value has another type.
std::optional<std::string> misfit_in_metadata(const json::Value& metadata);

/// Whether a value that is known to be JSON and UTF-8 has no misfit_in_json. False, too, where that
/// cannot be seen at once. Fast where the value has notes.
bool is_stored_json(const json::Value& value);

/// Whether a string token is spelled as our writer spells `text`.
bool is_spelled_as_stored(std::string_view token, std::string_view text);

/// Whether text that was read as a time is in the one form of stored times.
inline bool is_stored_time(std::string_view text) {
  return text.size() == 30 && text[10] == 'T' && text[19] == '.' && text[29] == 'Z';
}

}  // namespace agentstore::log
