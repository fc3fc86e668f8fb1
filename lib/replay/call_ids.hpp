// The ids by which a call of a tool and its result name each other.

#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/analysis/kinds.hpp"
#include "agentstore/event.hpp"
#include "agentstore/json.hpp"

namespace agentstore {

/// Gives each id of a call that an event names, in its payload, its metadata or their `extra`, to
/// `use`, until it says true; whether it did. A plain `id` is a call's only in a tool's event.
template <class Use>
bool any_call_id(const EventView& event, Use use) {
  constexpr std::array<std::string_view, 5> names = {"tool_call_id", "tool_use_id", "call_id",
                                                     "toolCallId", "id"};
  const EventKind kind = kind_of_type(event.type);
  const bool of_tool =
      kind == EventKind::call || kind == EventKind::result || event.type.starts_with("tool.");
  const std::size_t count = of_tool ? names.size() : names.size() - 1;
  const auto extra = json::find(event.metadata, "extra").value_or(std::string_view{});
  for (const json::Value& object : {event.payload, event.metadata, json::Value{extra}})
    for (std::size_t i = 0; i < count; ++i) {
      const auto id = json::find_id(object, names[i]);
      if (id && use(*id)) return true;
    }
  return false;
}

}  // namespace agentstore
