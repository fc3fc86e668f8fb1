// A pattern of --grep or find, and the text in which it is looked for.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"

namespace re2 {
class RE2;
}

namespace agentstore::cmd {

/// `whose` it is, for the message. Errors: invalid, saying what is wrong with the pattern.
Result<std::shared_ptr<const re2::RE2>> read_pattern(std::string_view pattern,
                                                     const char* whose = "--grep");

/// Texts of which one is in whatever matches, in either case; none where that is not known.
std::vector<std::string> required_texts(const re2::RE2& expression);

/// JSON text with the escapes of its strings resolved: for looking at, no longer JSON.
std::string resolved(std::string_view json);

}  // namespace agentstore::cmd
