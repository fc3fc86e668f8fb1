#include "agentstore/patch.hpp"

#include <map>
#include <vector>

#include "agentstore/json.hpp"
#include "base/json_edit.hpp"

namespace agentstore {
namespace {

constexpr int levels_max = 64;  // what lies deeper is replaced as a whole

// By name, as of members of one name the last counts.
std::map<std::string, std::string_view> members_of(std::string_view object) {
  std::map<std::string, std::string_view> members;
  for (json::Walk walk{object}; walk.next();) members[json::text_of(walk.key())] = walk.value();
  return members;
}

std::vector<std::string_view> elements_of(std::string_view array) {
  std::vector<std::string_view> elements;
  for (json::Walk walk{array}; walk.next();) elements.push_back(walk.value());
  return elements;
}

class Patch {
 public:
  void compare(std::string_view from, std::string_view to, int level) {
    if (from == to) return;
    const json::Kind kind = json::kind_of(to);
    const bool inward = json::kind_of(from) == kind && level < levels_max;
    if (inward && kind == json::Kind::object) compare_members(from, to, level);
    else if (!inward || kind != json::Kind::array || !append_elements(from, to))
      add_operation("replace", to);
  }

  std::string text() const { return '[' + operations_ + ']'; }

 private:
  void compare_members(std::string_view from, std::string_view to, int level) {
    const auto old_members = members_of(from);
    const auto members = members_of(to);
    const std::size_t parent = pointer_.size();
    for (const auto& [name, value] : old_members) {
      json::append_pointer(pointer_, name);
      const auto found = members.find(name);
      if (found == members.end()) add_operation("remove", {});
      else compare(value, found->second, level + 1);
      pointer_.resize(parent);
    }
    for (const auto& [name, value] : members) {
      if (old_members.contains(name)) continue;
      json::append_pointer(pointer_, name);
      add_operation("add", value);
      pointer_.resize(parent);
    }
  }

  // False where the new array is no longer one that begins as the old.
  bool append_elements(std::string_view from, std::string_view to) {
    const auto old_elements = elements_of(from);
    const auto elements = elements_of(to);
    if (elements.size() <= old_elements.size()) return false;
    for (std::size_t i = 0; i < old_elements.size(); ++i)
      if (elements[i] != old_elements[i]) return false;
    const std::size_t parent = pointer_.size();
    pointer_ += "/-";
    for (std::size_t i = old_elements.size(); i < elements.size(); ++i)
      add_operation("add", elements[i]);
    pointer_.resize(parent);
    return true;
  }

  void add_operation(std::string_view what, std::string_view value) {
    if (!operations_.empty()) operations_ += ',';
    operations_ += R"({"op":")" + std::string{what} + R"(","path":)" + json::quote(pointer_);
    if (!value.empty()) operations_ += R"(,"value":)" + std::string{value};
    operations_ += '}';
  }

  std::string pointer_;
  std::string operations_;
};

}  // namespace

std::string json_patch(std::string_view from, std::string_view to) {
  Patch patch;
  patch.compare(from, to, 0);
  return patch.text();
}

}  // namespace agentstore
