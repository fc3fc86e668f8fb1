// An answer of figures: a line each, its name in front.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "formats/text/paint.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

class Figures {
 public:
  Figures(Sink& sink, const Screen& screen) : sink_{sink}, screen_{screen} {}

  /// `value` may be log content; it is cut where a terminal is too narrow. Without a name it
  /// belongs to the line above.
  void add(std::string_view name, std::string_view value, Paint paint = Paint::none);
  /// A sentence, which goes on in the next line instead.
  void note(std::string_view name, std::string_view text);
  /// Nothing where there is no number.
  void add(std::string_view name, const std::optional<std::int64_t>& number);

 private:
  Sink& sink_;
  Screen screen_;
};

}  // namespace agentstore::formats
