// Parts of a line, with blanks between them, none longer than what is left of the line.

#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "formats/escape.hpp"

namespace agentstore::formats {

class Parts {
 public:
  explicit Parts(std::size_t columns, std::size_t gap_columns = 2)
      : columns_{columns}, gap_columns_{gap_columns} {}

  /// Columns for the next part.
  std::size_t left() const {
    const std::size_t used = text_.empty() ? 0 : used_columns_ + gap_columns_;
    return columns_ - std::min(columns_, used);
  }
  bool empty() const { return text_.empty(); }

  /// Adds a printable text, unless it is empty.
  void add(std::string_view printable_text) {
    if (printable_text.empty()) return;
    if (!text_.empty()) {
      text_.append(gap_columns_, ' ');
      used_columns_ += gap_columns_;
    }
    text_ += printable_text;
    used_columns_ += display_width(printable_text);
  }

  std::string text() const { return used_columns_ <= columns_ ? text_ : cut(text_, columns_); }

 private:
  std::size_t columns_;
  std::size_t gap_columns_;
  std::string text_;
  std::size_t used_columns_ = 0;
};

}  // namespace agentstore::formats
