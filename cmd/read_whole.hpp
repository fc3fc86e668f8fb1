// Files and standard input, read as one text.

#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"

namespace agentstore::cmd {

/// Reads once, and waits where a descriptor does not block. Returns the bytes read, 0 at the end,
/// -1 with errno.
ssize_t read_some(int descriptor, char* into, std::size_t size);

/// All of a descriptor's bytes. Errors: invalid (more than `bytes_max`), io.
Result<std::string> read_whole(int descriptor, std::size_t bytes_max, std::string_view name);
/// The same of the file at a path; "-" is standard input.
Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max);
/// The same of a file that has to be a regular one: a pipe that nobody writes to would hold
/// everything up. Errors: invalid, too, where it is none.
Result<std::string> read_regular_file(const std::string& path, std::size_t bytes_max);
/// The same of a file that has to be a regular one: a pipe that nobody writes to would hold
/// everything up. Errors: invalid, too, where it is none.
Result<std::string> read_regular_file(const std::string& path, std::size_t bytes_max);

/// A word of the command line: JSON, or @FILE. Errors: as read_whole_file.
Result<std::string> read_payload(const std::string& text);

}  // namespace agentstore::cmd
