// Writing a line, sealed, byte for byte as agentstore-log(5) says.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/timestamp.hpp"
#include "base/sha256.hpp"
#include "log/line.hpp"

namespace agentstore::log {

/// An event with its number, ready to be sealed. Payload and metadata are compact JSON.
struct NumberedEvent {
  std::string_view session_id;
  std::uint64_t sequence_number = 0;
  std::string_view type;
  Timestamp timestamp = {};
  std::optional<Timestamp> recorded_at = std::nullopt;
  std::string_view metadata = "{}";
  std::string_view event_id;
  Batch batch = {};
  std::string_view payload = "{}";
  Salt salt{};
};

/// The hash that stands for a payload in its line's entry.
Hash payload_hash_of(const Salt& salt, std::string_view payload);

/// Appends the line and its newline to `out`; returns its hash, h(N). `prev` is h(N-1).
Hash encode_line(std::string& out, const NumberedEvent& event, const Hash& prev);
/// The same where the payload has been hashed before.
Hash encode_line(std::string& out, const NumberedEvent& event, const Hash& payload_hash,
                 const Hash& prev);

/// The bytes of a line beside session id, payload, metadata and event id, at the most; an escape
/// in one of them takes up to six bytes a character.
inline constexpr std::size_t line_frame_bytes = 640;

/// The same for an event whose payload is gone: `payload_hash_hex` stands for it, and `redacted_by`
/// says why.
Hash encode_redacted_line(std::string& out, const NumberedEvent& event,
                          std::string_view payload_hash_hex, std::uint64_t redacted_by,
                          const Hash& prev);

/// The line that a redaction leaves of a sealed one: its place in the chain stays. No newline.
std::string redacted_text(const Line& line, std::uint64_t redacted_by);

/// The hash of a sealed line's payload, hex.
std::string payload_hash_of(const Line& line);

/// The bytes of a seal, from `,"salt"` to the brace.
inline constexpr std::size_t seal_bytes = 191;

}  // namespace agentstore::log
