// The two ends of a log, read without what lies between.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"
#include "log/scan.hpp"
#include "log/source.hpp"

namespace agentstore::log {

/// The line whose newline ends at `end_bytes`, in `buffer`; nothing where no newline does, or where
/// it is longer than a line may be.
Result<std::optional<std::string_view>> line_ending_at(ByteSource& source, std::uint64_t end_bytes,
                                                       std::string& buffer);

/// The payload of the log's last event, where its line is whole, sealed and of that type.
/// Errors: io.
Result<std::optional<std::string>> last_payload_of(ByteSource& source, std::string_view type);

/// The time of the first event that can be read.
std::optional<Timestamp> first_event_time(ByteSource& source);

/// The place behind the sealed line that ends at `end_bytes`; nothing where none does.
Result<std::optional<Position>> position_at(ByteSource& source, std::uint64_t end_bytes,
                                            const std::string& session_id);

/// The session that the first line names; nothing where that cannot be seen. Errors: io.
Result<std::optional<std::string>> first_session(ByteSource& source);

/// The number of the log's last event; 0 where its end is not a whole write. Errors: io.
Result<std::uint64_t> last_number(ByteSource& source, const std::string& session_id);

/// The last place between two writes up to the end of a line at `end_bytes`, behind an event
/// before `before_seq`; the beginning, where none is near. Errors: io.
Result<Position> place_up_to(ByteSource& source, std::uint64_t end_bytes,
                             const std::string& session_id, std::uint64_t before_seq);

/// A place before the last write, which alone may be torn; the beginning, where none is found.
/// Errors: io.
Result<Position> place_before_last_write(ByteSource& source, const std::string& session_id,
                                         std::uint64_t tail_bytes);

/// A place shortly before event `sequence_number`, found by bisecting the log's bytes: what stands
/// before it is not looked at. The beginning, where nothing nearer is found. Errors: io.
Result<Position> seek(ByteSource& source, std::uint64_t sequence_number,
                      const std::string& session_id);

}  // namespace agentstore::log
