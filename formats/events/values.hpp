// JSON values as they are in a line for people, read as far as they are shown.

#pragma once

#include <cstddef>
#include <string_view>

#include "agentstore/json.hpp"
#include "formats/text/line.hpp"

namespace agentstore::formats {

/// The words in a message's content: a string, an array of strings or text blocks, an object with
/// either. In quotes, cut so that the quotes fit too. False where there are none.
bool add_words(Line& line, const json::Value& content, std::size_t columns);

/// A JSON value: strings without quotes unless they hold blanks or nothing.
void add_value(Line& line, std::string_view value, std::size_t columns);

/// The text of a string in quotes, cut so that they fit too.
void add_quoted(Line& line, std::string_view value, std::size_t columns);

/// Money in the digits that the JSON has; exponents are written out.
void add_money(Line& line, std::string_view number_or_string, std::size_t columns);

}  // namespace agentstore::formats
