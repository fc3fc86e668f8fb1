// The events of many sessions as one stream, in order of time, session id, sequence number.

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agentstore/reader.hpp"
#include "log/source.hpp"

namespace agentstore {

/// Opens a session's log.
using OpenLog =
    std::function<Result<std::unique_ptr<log::ByteSource>>(const std::string& session_id)>;

/// Memory: a buffer for each session whose times reach around the current instant, and for each
/// event of a session whose times run backwards 40 bytes.
Result<std::unique_ptr<EventReader>> make_merged_reader(std::vector<std::string> session_ids,
                                                        OpenLog open, ReadOptions options);

}  // namespace agentstore
