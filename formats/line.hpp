// A line in the making: printable text, and the columns that it takes. Log content is escaped and
// cut on its way into the line, and goes through no other string.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "formats/escape.hpp"
#include "formats/paint.hpp"

namespace agentstore::formats {

class Line {
 public:
  /// An end of the text, before more was added.
  struct Place {
    std::size_t bytes = 0;
    std::size_t columns = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };

  const std::string& text() const { return text_; }
  Place end() const { return {text_.size(), columns_}; }
  bool is_at(Place place) const { return text_.size() == place.bytes; }
  std::size_t columns_since(Place place) const { return columns_ - place.columns; }

  void clear() { go_back({}); }
  /// Drops all behind a place.
  void go_back(Place place) {
    text_.resize(place.bytes);
    columns_ = place.columns;
  }

  /// Adds ASCII of our own.
  void add(std::string_view text) {
    text_ += text;
    columns_ += text.size();
  }
  void add_number(std::uint64_t number);
  void add_blanks(std::size_t columns) {
    text_.append(columns, ' ');
    columns_ += columns;
  }

  /// Adds `text`, escaped and cut, as printable_cut gives it; false where it was cut.
  bool add_printable(std::string_view text, std::size_t columns) {
    return add(append_printable(text_, text, columns));
  }
  /// The same of the text of a JSON string; of any other JSON value as it is written.
  bool add_text_of(std::string_view json, std::size_t columns);

  /// Cuts all behind a place where it is wider than that, as `cut` does; false where it is not.
  bool cut(Place from, std::size_t columns);
  /// Colours so many bytes from a place on.
  void paint(Place from, std::size_t bytes, Paint paint);
  /// Drops the blanks at its end.
  void trim() { text_.resize(text_.find_last_not_of(' ') + 1); }

 private:
  bool add(const Appended& appended) {
    columns_ += appended.columns;
    return appended.whole;
  }

  std::string text_;
  std::size_t columns_ = 0;
};

}  // namespace agentstore::formats
