#include "formats/text/figures.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "formats/text/escape.hpp"
#include "formats/text/units.hpp"
#include "formats/text/wrap.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t name_columns = 14;

}  // namespace

void Figures::add(std::string_view name, std::string_view value, Paint paint) {
  const std::size_t used = std::max(name.size(), name_columns);
  const bool whole = screen_.columns == 0 || screen_.wide;
  const std::string shown =
      whole ? printable(value)
            : printable_cut(value, screen_.columns - std::min(screen_.columns - 1, used));
  sink_.write(fmt::format("{:<{}}{}\n", name, name_columns, painted(shown, paint, screen_.color)));
}

void Figures::note(std::string_view name, std::string_view text) {
  // Where hardly a word fits beside the names, the text may go on below them.
  const std::size_t indent = screen_.columns < 2 * name_columns ? 2 : name_columns;
  sink_.write(fmt::format("{:<{}}{}\n", name, name_columns,
                          wrapped(printable(text), screen_, indent, name_columns)));
}

void Figures::add(std::string_view name, const std::optional<std::int64_t>& number) {
  if (number) add(name, thousands(*number));
}

}  // namespace agentstore::formats
