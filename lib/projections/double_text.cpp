#include "projections/double_text.hpp"

#include <charconv>

namespace agentstore {

std::string text_of_double(double value) {
  char buffer[400];
  const double size = value < 0 ? -value : value;
  const bool plain = value == 0 || (size >= 1e-6 && size < 1e21);
  const auto [end, status] =
      std::to_chars(buffer, buffer + sizeof buffer, value,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  return {buffer, end};
}

}  // namespace agentstore
