#include "log/encode.hpp"

#include <charconv>

#include "agentstore/json.hpp"

namespace agentstore::log {

namespace {

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

void append_envelope(std::string& out, const NumberedEvent& event) {
  out += R"({"session_id":)";
  json::append_quoted(out, event.session_id);
  out += R"(,"sequence_number":)";
  append_number(out, event.sequence_number);
  out += R"(,"type":)";
  json::append_quoted(out, event.type);
  out += R"(,"timestamp":")";
  append_rfc3339(out, event.timestamp);
  out += '"';
  if (event.recorded_at) {
    out += R"(,"recorded_at":")";
    append_rfc3339(out, *event.recorded_at);
    out += '"';
  }
  out += R"(,"metadata":)";
  out += event.metadata;
  out += R"(,"event_id":)";
  json::append_quoted(out, event.event_id);
  if (event.batch.first != 0) {
    out += R"(,"batch":[)";
    append_number(out, event.batch.first);
    out += ',';
    append_number(out, event.batch.last);
    out += ']';
  }
}

void append_tombstone(std::string& out, std::uint64_t redacted_by,
                      std::string_view payload_hash_hex, std::string_view prev_hex,
                      const Hash& hash) {
  out += R"(,"payload":null,"redacted":)";
  out += std::to_string(redacted_by);
  out += R"(,"payload_hash":")";
  out += payload_hash_hex;
  out += R"(","prev":")";
  out += prev_hex;
  out += R"(","hash":")";
  append_hex(out, bytes_of(hash));
  out += "\"}";
}

}  // namespace

Hash payload_hash_of(const Salt& salt, std::string_view payload) {
  return sha256({bytes_of(salt), payload});
}

Hash encode_line(std::string& out, const NumberedEvent& event, const Hash& prev) {
  return encode_line(out, event, payload_hash_of(event.salt, event.payload), prev);
}

Hash encode_line(std::string& out, const NumberedEvent& event, const Hash& payload_hash,
                 const Hash& prev) {
  const std::size_t start = out.size();
  append_envelope(out, event);
  const HexText payload_hash_hex = hex_of(payload_hash);
  const HexText prev_hex = hex_of(prev);
  const Hash hash = hash_of_entry(std::string_view{out}.substr(start), view_of(payload_hash_hex),
                                  view_of(prev_hex));
  out += R"(,"payload":)";
  out += event.payload;
  out += R"(,"salt":")";
  append_hex(out, bytes_of(event.salt));
  out += R"(","prev":")";
  out += view_of(prev_hex);
  out += R"(","hash":")";
  append_hex(out, bytes_of(hash));
  out += "\"}\n";
  return hash;
}

Hash encode_redacted_line(std::string& out, const NumberedEvent& event,
                          std::string_view payload_hash_hex, std::uint64_t redacted_by,
                          const Hash& prev) {
  const std::size_t start = out.size();
  append_envelope(out, event);
  const std::string prev_hex = to_hex(bytes_of(prev));
  const Hash hash = hash_of_entry(std::string_view{out}.substr(start), payload_hash_hex, prev_hex);
  append_tombstone(out, redacted_by, payload_hash_hex, prev_hex, hash);
  out += '\n';
  return hash;
}

std::string payload_hash_of(const Line& line) {
  if (line.seal == Seal::redacted) return std::string{line.payload_hash};
  Salt salt;
  from_hex(line.salt, salt.data(), salt.size());
  return to_hex(bytes_of(payload_hash_of(salt, line.event.payload)));
}

std::string redacted_text(const Line& line, std::uint64_t redacted_by) {
  std::string out{line.envelope};
  append_tombstone(out, redacted_by, payload_hash_of(line), to_hex(bytes_of(line.prev)), line.hash);
  return out;
}

}  // namespace agentstore::log
