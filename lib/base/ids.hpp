// Names: UUIDs, and what may be a session id or an event type.

#pragma once

#include <array>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore {

/// RFC 9562, version 4: random.
std::string uuid4();
/// RFC 9562, version 7: begins with the milliseconds of `at`, so that ids sort by time.
std::string uuid7(Timestamp at);
/// The same of random bytes that are at hand.
using UuidBytes = std::array<unsigned char, 16>;
std::string uuid7(Timestamp at, UuidBytes random);
std::string random_hex(std::size_t bytes);

/// Whether a session of this id may be written: [A-Za-z0-9][A-Za-z0-9._:-]{0,127}, and not ours.
Result<void> check_session_id(std::string_view id);
/// Whether a session may be called so: up to 1024 bytes of UTF-8, not beginning with `@`, nor
/// ending in `@` and digits.
Result<void> check_session_name(std::string_view name);
/// Whether a caller may write this type: [A-Za-z][A-Za-z0-9_.:-]{0,127}, and not ours.
Result<void> check_event_type(std::string_view type);
/// Whether a caller may give an event this id: 1 to 256 bytes of UTF-8 without control characters.
Result<void> check_event_id(std::string_view id);

/// Whether an id or a type has the form of one, whoever may write it.
bool is_session_id(std::string_view id);
bool is_event_type(std::string_view type);

/// Names that begin so are the library's own, as session ids and as types.
inline constexpr std::string_view reserved_prefix = "agentstore.";

}  // namespace agentstore
