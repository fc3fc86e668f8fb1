#include "agentstore/analysis/fields.hpp"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <utility>

#include "agentstore/json.hpp"
#include "base/json_edit.hpp"
#include "replay/field_levels.hpp"

namespace agentstore {
namespace {

void add_fields(std::vector<Field>& fields, const Field& parent, int level) {
  if (!has_fields(parent.value, level)) {
    if (!parent.pointer.empty()) fields.push_back(parent);
    return;
  }
  for (json::Walk walk{parent.value}; walk.next();) {
    const std::string key = json::text_of(walk.key());
    Field field{.name = parent.name.empty() ? key : parent.name + '_' + key,
                .value = walk.value(),
                .pointer = parent.pointer};
    json::append_pointer(field.pointer, key);
    add_fields(fields, field, level + 1);
  }
}

std::optional<std::string_view> find_below(std::string_view value, std::string_view name,
                                           int level) {
  std::optional<std::string_view> found;
  if (level >= field_levels_max || json::kind_of(value) != json::Kind::object) return found;
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

// An empty object, on one side alone.
bool is_lone_empty(const FieldPair& pair) {
  return (pair.first == "{}" && !pair.second) || (pair.second == "{}" && !pair.first);
}

bool has_members(const std::vector<FieldPair>& pairs, const std::string& pointer) {
  return std::any_of(pairs.begin(), pairs.end(), [&](const FieldPair& pair) {
    return pair.pointer.starts_with(pointer + '/');
  });
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

std::vector<FieldPair> paired_fields(std::string_view first, std::string_view second) {
  std::vector<FieldPair> pairs;
  std::unordered_map<std::string, std::size_t> places;
  for (Field& field : fields_of(first)) {
    places.emplace(field.pointer, pairs.size());
    pairs.push_back({std::move(field.name), std::move(field.pointer), field.value, std::nullopt});
  }
  for (Field& field : fields_of(second)) {
    const auto place = places.find(field.pointer);
    if (place != places.end()) pairs[place->second].second = field.value;
    else
      pairs.push_back({std::move(field.name), std::move(field.pointer), std::nullopt, field.value});
  }
  std::set<std::string> filled;
  for (const FieldPair& pair : pairs)
    if (is_lone_empty(pair) && has_members(pairs, pair.pointer)) filled.insert(pair.pointer);
  std::erase_if(pairs, [&](const FieldPair& pair) { return filled.contains(pair.pointer); });
  return pairs;
}

}  // namespace agentstore
