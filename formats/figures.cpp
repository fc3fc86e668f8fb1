#include "formats/figures.hpp"

#include <fmt/format.h>

#include "formats/escape.hpp"
#include "formats/units.hpp"

namespace agentstore::formats {

void Figures::add(std::string_view name, std::string_view value, Paint paint) {
  const std::string shown =
      screen_.columns == 0 ? printable(value) : printable_cut(value, screen_.columns - 1);
  sink_.write(fmt::format("{:<14}{}\n", name, painted(shown, paint, screen_.color)));
}

void Figures::add(std::string_view name, const std::optional<std::int64_t>& number) {
  if (number) add(name, thousands(*number));
}

}  // namespace agentstore::formats
