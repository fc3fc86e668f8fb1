#include "backends/postgres_line.hpp"

#include "agentstore/json.hpp"
#include "backends/row_log.hpp"
#include "base/hex.hpp"

namespace agentstore {
namespace {

enum Column {
  sequence_number,
  end_bytes,
  event_type,
  event_time,
  recorded_at,
  metadata,
  event_id,
  batch_first,
  batch_last,
  payload,
  redacted,
  salt,
  payload_hash,
  prev,
  hash,
  line
};

class Row {
 public:
  Row(std::string& out, const PostgresRows& rows, int row) : out_(out), rows_(rows), row_(row) {}

  void append(std::string_view session_id) {
    out_ += R"({"session_id":)";
    json::append_quoted(out_, session_id);
    add(R"(,"sequence_number":)", std::to_string(rows_.integer(row_, sequence_number)));
    out_ += R"(,"type":)";
    json::append_quoted(out_, text(event_type));
    quoted(R"(,"timestamp":)", text(event_time));
    if (!rows_.is_null(row_, recorded_at)) quoted(R"(,"recorded_at":)", text(recorded_at));
    add(R"(,"metadata":)", text(metadata));
    out_ += R"(,"event_id":)";
    json::append_quoted(out_, text(event_id));
    if (!rows_.is_null(row_, batch_first)) {
      add(R"(,"batch":[)", std::to_string(rows_.integer(row_, batch_first)));
      add(",", std::to_string(rows_.integer(row_, batch_last)));
      out_ += ']';
    }
    if (!rows_.is_null(row_, redacted)) {
      add(R"(,"payload":null,"redacted":)", std::to_string(rows_.integer(row_, redacted)));
      hex(R"(,"payload_hash":")", payload_hash);
    } else {
      add(R"(,"payload":)", text(payload));
      hex(R"(,"salt":")", salt);
    }
    hex(R"(,"prev":")", prev);
    hex(R"(,"hash":")", hash);
    out_ += '}';
  }

 private:
  std::string_view text(Column column) const { return rows_.text(row_, column); }
  void add(std::string_view key, std::string_view value) { out_.append(key).append(value); }
  void quoted(std::string_view key, std::string_view value) {
    out_.append(key).append("\"").append(value).append("\"");
  }
  void hex(std::string_view key, Column column) {
    out_ += key;
    append_hex(out_, text(column));
    out_ += '"';
  }

  std::string& out_;
  const PostgresRows& rows_;
  int row_;
};

}  // namespace

void append_row_line(std::string& out, std::string_view session_id, const PostgresRows& rows,
                     int row) {
  const std::size_t start = out.size();
  if (rows.is_null(row, line)) Row{out, rows, row}.append(session_id);
  else out += rows.text(row, line);
  end_row_line(out, start);
}

}  // namespace agentstore
