// A row of the table events as a line of a log: byte for byte the one that was sealed.

#pragma once

#include <string>
#include <string_view>

#include "backends/postgres_connection.hpp"

namespace agentstore {

/// The columns that `append_row_line` reads, which are the first ones.
inline constexpr int postgres_line_column_count = 16;
inline constexpr const char* postgres_line_columns =
    "sequence_number, end_bytes, event_type, event_time, recorded_at, metadata, event_id, "
    "batch_first, batch_last, payload, redacted, salt, payload_hash, prev, hash, line";

/// Adds the line of a row, with its newline.
void append_row_line(std::string& out, std::string_view session_id, const PostgresRows& rows,
                     int row);

}  // namespace agentstore
