// A stream of a database as the bytes of a log: its lines, made of its rows when they are asked
// for. Of a long stream a block at a time is kept, and where each begins.

#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "backends/sqlite_store.hpp"
#include "log/source.hpp"

namespace agentstore {

/// The log of a stream that is there, as far as it reaches now. Thread-safe. Errors: those of
/// reading.
Result<std::unique_ptr<log::ByteSource>> open_sqlite_log(std::shared_ptr<SqliteStore> store,
                                                         std::string_view id);

}  // namespace agentstore
