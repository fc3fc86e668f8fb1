#include "formats/answers/changes.hpp"

#include <fmt/format.h>

#include "agentstore/json.hpp"
#include "formats/text/escape.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t value_columns = 40;

std::string side_text(const std::optional<std::string_view>& value) {
  return value ? printable_value(*value, value_columns) : "(none)";
}

}  // namespace

ChangesJson::ChangesJson(Sink& sink, const EventView& event) : sink_{sink} {
  sink_.write(fmt::format(R"({{"sequence_number":{},"type":{},"timestamp":"{}","changes":[)",
                          event.sequence_number, json::quote(event.type),
                          format_rfc3339(event.timestamp)));
}

void ChangesJson::add(const FieldPair& change) {
  sink_.write(fmt::format(R"({}{{"field":{},"pointer":{},"before":)", first_ ? "" : ",",
                          json::quote(change.name), json::quote(change.pointer)));
  first_ = false;
  sink_.write(change.first.value_or("null"));
  sink_.write(",\"after\":");
  sink_.write(change.second.value_or("null"));
  sink_.write("}");
}

std::string change_text(const FieldPair& change, std::size_t columns) {
  return cut(fmt::format("{} {} -> {}", printable_cut(change.name, 60), side_text(change.first),
                         side_text(change.second)),
             columns);
}

}  // namespace agentstore::formats
