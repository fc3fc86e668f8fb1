// The words of JSON values, on one line, read no further than they are shown.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "agentstore/json.hpp"

namespace agentstore::formats {

/// The start of what a value says: a text, the texts of a list or of content blocks, those of an
/// object's content, text, message or thinking; of an image its kind and size. Runs of white space
/// are one blank. Not printable yet; ends in `…` where there is more than `bytes_max` of it.
std::string words_start(const json::Value& value, std::size_t bytes_max);

/// The same of what a record of an agent's bookkeeping says: its words, whatever holds them, else
/// its members, "hookName=Stop command=callback", without ids and what each record repeats.
std::string record_words(const json::Value& payload, std::size_t bytes_max);

/// A text in which runs of white space are one blank.
std::string on_one_line(std::string_view text);

/// "image/png 34 kB": of a content block that holds an image or a document; else empty.
std::string attachment_text(const json::Value& block);

}  // namespace agentstore::formats
