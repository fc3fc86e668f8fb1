#include "log/encode.hpp"

#include "agentstore/json.hpp"

namespace agentstore::log {

Hash encode_line(std::string& out, const NumberedEvent& event, const Hash& prev) {
  const std::size_t start = out.size();
  out += R"({"session_id":)";
  json::append_quoted(out, event.session_id);
  out += R"(,"sequence_number":)";
  out += std::to_string(event.sequence_number);
  out += R"(,"type":)";
  json::append_quoted(out, event.type);
  out += R"(,"timestamp":")";
  out += format_rfc3339(event.timestamp);
  out += '"';
  if (event.recorded_at) {
    out += R"(,"recorded_at":")";
    out += format_rfc3339(*event.recorded_at);
    out += '"';
  }
  out += R"(,"metadata":)";
  out += event.metadata;
  out += R"(,"event_id":)";
  json::append_quoted(out, event.event_id);
  if (event.batch.first != 0) {
    out += R"(,"batch":[)";
    out += std::to_string(event.batch.first);
    out += ',';
    out += std::to_string(event.batch.last);
    out += ']';
  }

  const Hash payload_hash = sha256({bytes_of(event.salt), event.payload});
  const std::string prev_hex = to_hex(bytes_of(prev));
  const Hash hash =
      hash_of_entry(std::string_view{out}.substr(start), to_hex(bytes_of(payload_hash)), prev_hex);
  out += R"(,"payload":)";
  out += event.payload;
  out += R"(,"salt":")";
  append_hex(out, bytes_of(event.salt));
  out += R"(","prev":")";
  out += prev_hex;
  out += R"(","hash":")";
  append_hex(out, bytes_of(hash));
  out += "\"}\n";
  return hash;
}

}  // namespace agentstore::log
