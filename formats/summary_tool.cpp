#include "agentstore/json.hpp"
#include "agentstore/stats.hpp"
#include "formats/fields.hpp"
#include "formats/parts.hpp"
#include "formats/summaries.hpp"
#include "formats/units.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t json_text_bytes_max = std::size_t{1} << 20;

std::string tool_name(const Fields& payload, const Fields& metadata, std::size_t columns) {
  auto name = payload.find({"tool", "tool_name", "name", "function"});
  if (name && json::kind_of(*name) == json::Kind::object) name = Fields{*name}.find({"name"});
  if (!name) name = metadata.find({"tool_name"});
  return name ? printable_cut(text_head(*name, columns), columns) : "";
}

std::string members_text(std::string_view object, std::size_t columns) {
  constexpr std::size_t value_columns_max = 48;
  Parts parts{columns, 1};
  for (json::Walk walk{object}; parts.left() > 0 && walk.next();) {
    const std::string key = text_head(walk.key(), columns);
    const std::string value = value_text(walk.value(), value_columns_max);
    parts.add(printable_cut(key, columns) + "=" + value);
  }
  return parts.text();
}

std::string arguments_text(std::string_view arguments, std::size_t columns) {
  if (json::kind_of(arguments) == json::Kind::object) return members_text(arguments, columns);
  // OpenAI's tools give the arguments as JSON in a string.
  if (json::kind_of(arguments) == json::Kind::string && arguments.size() < json_text_bytes_max) {
    const std::string text = json::text_of(arguments);
    const bool object = text.starts_with('{') && !json::check(text, json::rules_to_read);
    if (object) return members_text(text, columns);
  }
  return value_text(arguments, columns);
}

std::string count_text(std::string_view array) {
  std::size_t count = 0;
  for (json::Walk walk{array}; walk.next();) ++count;
  return counted(count, "result");
}

std::string result_text(std::string_view result, std::size_t columns) {
  if (json::kind_of(result) == json::Kind::array) {
    json::Walk first{result};
    const bool blocks =
        first.next() && Fields{first.value()}.find({"type"}).value_or("") == R"("text")";
    if (!blocks) return count_text(result);
    return quoted_text(words_of(result, columns), columns);
  }
  if (json::kind_of(result) == json::Kind::object) {
    const auto list = Fields{result}.find({"results", "items"});
    if (list && json::kind_of(*list) == json::Kind::array) return count_text(*list);
  }
  return value_text(result, columns);
}

}  // namespace

std::string tool_call_summary(const EventView& event, std::size_t columns) {
  const Fields payload{event.payload};
  Parts parts{columns};
  parts.add(tool_name(payload, Fields{event.metadata}, columns));
  if (parts.empty()) return {};
  const auto arguments =
      payload.find({"args", "arguments", "input", "parameters", "params", "tool_input"});
  if (arguments) parts.add(arguments_text(*arguments, parts.left()));
  return parts.text();
}

std::string tool_result_summary(const EventView& event, std::size_t columns) {
  const Fields payload{event.payload};
  const Fields metadata{event.metadata};
  Parts parts{columns};
  parts.add(tool_name(payload, metadata, columns));
  auto duration = metadata.find({"duration_ms"});
  if (!duration) duration = payload.find({"duration_ms"});
  if (duration) parts.add(money_text(*duration, 20) + " ms");

  const auto result = payload.find({"result", "results", "output", "content", "tool_response"});
  if (is_tool_error(event)) {
    const auto failure = payload.find({"error"});
    const bool says = failure && json::kind_of(*failure) != json::Kind::boolean;
    const std::string why = says     ? failure_text(*failure, parts.left())
                            : result ? result_text(*result, parts.left())
                                     : failure_text(event.payload, parts.left());
    parts.add("failed: " + why);
  } else if (result) {
    parts.add(result_text(*result, parts.left()));
  }
  return parts.text();
}

}  // namespace agentstore::formats
