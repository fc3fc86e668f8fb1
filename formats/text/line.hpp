// A line in the making: printable text, and the columns that it takes. Log content is escaped and
// cut on its way into the line, and goes through no other string.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "formats/text/escape.hpp"
#include "formats/text/paint.hpp"

namespace agentstore::formats {

class Line {
 public:
  /// An end of the text, before more was added.
  struct Place {
    std::size_t bytes = 0;
    std::size_t columns = 0;
    friend bool operator==(const Place&, const Place&) = default;
  };

  std::string_view text() const { return {room_.data(), bytes_}; }
  Place end() const { return {bytes_, columns_}; }
  bool is_at(Place place) const { return bytes_ == place.bytes; }
  std::size_t columns_since(Place place) const { return columns_ - place.columns; }

  void clear() { go_back({}); }
  /// Drops all after a place.
  void go_back(Place place) {
    bytes_ = place.bytes;
    columns_ = place.columns;
  }

  /// Adds ASCII of our own.
  void add(std::string_view text) {
    std::memcpy(room(text.size()), text.data(), text.size());
    added(text.size());
  }
  void add_number(std::uint64_t number);
  /// Adds what another line holds.
  void add(const Line& other) {
    add_as_it_is(other.text());
    columns_ += other.columns_;
  }
  void add_blanks(std::size_t columns) {
    std::memset(room(columns), ' ', columns);
    added(columns);
  }

  /// Adds `text`, escaped and cut, as printable_cut gives it; false where it was cut.
  bool add_printable(std::string_view text, std::size_t columns) {
    return added(write_printable(room(printable_bytes_max(text, columns)), text, columns));
  }
  /// The same of the text of a JSON string; of any other JSON value as it is written.
  bool add_text_of(std::string_view json, std::size_t columns);

  /// Cuts all after a place where it is wider than that, as `cut` does; false where it is not.
  bool cut(Place from, std::size_t columns);
  /// Colours so many bytes from a place on.
  void paint(Place from, std::size_t bytes, Paint paint);
  /// Drops the blanks at its end.
  void trim() { bytes_ = text().find_last_not_of(' ') + 1; }

 private:
  /// Where so many bytes more can be written.
  char* room(std::size_t bytes) {
    if (room_.size() - bytes_ < bytes) room_.resize(2 * room_.size() + bytes);
    return room_.data() + bytes_;
  }
  void added(std::size_t ascii_bytes) {
    bytes_ += ascii_bytes;
    columns_ += ascii_bytes;
  }
  bool added(const Written& written) {
    bytes_ += written.bytes;
    columns_ += written.columns;
    return written.whole;
  }
  void add_as_it_is(std::string_view text) {
    std::memcpy(room(text.size()), text.data(), text.size());
    bytes_ += text.size();
  }

  std::string room_;  // the text, and room for more
  std::size_t bytes_ = 0;
  std::size_t columns_ = 0;
};

}  // namespace agentstore::formats
