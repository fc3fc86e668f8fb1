// A payload's members, found in one walk, and their texts, read as far as they will be shown.

#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agentstore::formats {

/// Views into the JSON text that it was made from.
class Fields {
 public:
  explicit Fields(std::string_view object);

  /// The value of the first of `names` that is there and not null.
  std::optional<std::string_view> find(std::initializer_list<std::string_view> names) const;

 private:
  std::vector<std::pair<std::string_view, std::string_view>> members_;
};

/// Bytes of JSON text that are enough for `columns`, whatever its escapes.
std::size_t bytes_for(std::size_t columns);

/// The text of a string token, as far as `columns` of it can be shown; other values as JSON.
/// Not escaped.
std::string text_head(std::string_view value, std::size_t columns);

/// The words in a message's content: a string, an array of strings or text blocks, an object with
/// either. Not escaped; empty where there are none.
std::string words_of(std::string_view content, std::size_t columns);

/// A JSON value, printable: strings without quotes unless they hold blanks or nothing.
std::string value_text(std::string_view value, std::size_t columns);

/// In quotes, printable, cut so that the quotes fit too.
std::string quoted_text(std::string_view text, std::size_t columns);

/// Money in the digits that the JSON has; exponents are written out.
std::string money_text(std::string_view number_or_string, std::size_t columns);

}  // namespace agentstore::formats
