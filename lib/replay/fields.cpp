#include "agentstore/fields.hpp"

#include <utility>

#include "agentstore/json.hpp"
#include "base/json_edit.hpp"

namespace agentstore {
namespace {

constexpr int levels_max = 32;  // what lies deeper is one value

void add_fields(std::vector<Field>& fields, const Field& parent, int level) {
  json::Walk walk{parent.value};
  const bool nested = json::kind_of(parent.value) == json::Kind::object && level < levels_max;
  if (!nested || !walk.next()) {
    if (!parent.pointer.empty()) fields.push_back(parent);
    return;
  }
  do {
    const std::string key = json::text_of(walk.key());
    Field field{.name = parent.name.empty() ? key : parent.name + '_' + key,
                .value = walk.value(),
                .pointer = parent.pointer};
    json::append_pointer(field.pointer, key);
    add_fields(fields, field, level + 1);
  } while (walk.next());
}

std::optional<std::string_view> find_below(std::string_view value, std::string_view name,
                                           int level) {
  std::optional<std::string_view> found;
  if (level >= levels_max || json::kind_of(value) != json::Kind::object) return found;
  for (json::Walk walk{value}; walk.next();) {
    if (walk.key_is(name)) {
      found = walk.value();
      continue;
    }
    if (json::kind_of(walk.value()) != json::Kind::object) continue;
    const std::string key = json::text_of(walk.key()) + '_';
    if (!name.starts_with(key)) continue;
    if (const auto below = find_below(walk.value(), name.substr(key.size()), level + 1))
      found = below;
  }
  return found;
}

}  // namespace

std::optional<std::string_view> find_field(std::string_view object, std::string_view name) {
  return find_below(object, name, 0);
}

std::vector<Field> fields_of(std::string_view object) {
  std::vector<Field> fields;
  add_fields(fields, {.name = {}, .value = object, .pointer = {}}, 0);
  return fields;
}

}  // namespace agentstore
