// Files of other tools that can be named and cannot be read: a name in the refusal says more than
// "not known".

#pragma once

#include <string_view>

#include "agentstore/json.hpp"

namespace agentstore::formats {

struct OtherFormat {
  std::string_view title;  ///< as in "it is …"; empty: none that is known
  bool alike = false;      ///< its records look like those of a source, too
};

/// By a record of a file of lines.
OtherFormat other_format_of_record(const json::Value& record);
/// By a file that is one JSON value.
OtherFormat other_format_of_document(const json::Value& document);
/// By the first bytes of a file that is no JSON.
OtherFormat other_format_of_bytes(std::string_view head);

}  // namespace agentstore::formats
