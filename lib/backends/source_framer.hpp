// Bytes of a source file as frames of whole lines: a line that is not finished waits for the next
// time, unless it is the last one and whole JSON.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"
#include "agentstore/source_file.hpp"

namespace agentstore {

/// A frame holds the lines of about so many bytes. One that is redacted costs as much to rewrite.
inline constexpr std::size_t frame_bytes = std::size_t{1} << 20;
/// The most that a frame may hold: a line of more is cut.
inline constexpr std::size_t frame_bytes_max = line_bytes_max + 2 * frame_bytes;

/// Reads to the end, and gives each frame's lines to `take`. Errors: those of `read` and `take`.
Result<void> frame_lines(const ReadBytes& read, const TakeBytes& take);

}  // namespace agentstore
