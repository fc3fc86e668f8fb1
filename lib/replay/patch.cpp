#include "agentstore/analysis/patch.hpp"

#include <vector>

#include "agentstore/json.hpp"
#include "base/json_edit.hpp"
#include "base/json_members.hpp"

namespace agentstore {
namespace {

constexpr int levels_max = 64;  // what lies deeper is replaced as a whole

std::vector<std::string_view> elements_of(std::string_view array) {
  std::vector<std::string_view> elements;
  for (json::Walk walk{array}; walk.next();) elements.push_back(walk.value());
  return elements;
}

class Patch {
 public:
  explicit Patch(const WritePatch& write) : write_{write} {}

  void compare(std::string_view from, std::string_view to, int level) {
    if (from == to) return;
    const json::Kind kind = json::kind_of(to);
    const bool inward = json::kind_of(from) == kind && level < levels_max;
    if (inward && kind == json::Kind::object) compare_members(from, to, level);
    else if (!inward || kind != json::Kind::array || !append_elements(from, to))
      add_operation("replace", to);
  }

  void end() { write_(any_ ? "]" : "[]"); }

 private:
  void compare_members(std::string_view from, std::string_view to, int level) {
    const std::size_t parent = pointer_.size();
    const json::Members old_members{from};
    const json::Members members{to};
    for (const json::Members::Member& member : old_members) {
      json::append_pointer(pointer_, json::text_of(member.key()));
      if (const auto found = members.find(member.key())) compare(member.value(), *found, level + 1);
      else add_operation("remove", {});
      pointer_.resize(parent);
    }
    for (const json::Members::Member& member : members) {
      if (old_members.find(member.key())) continue;
      json::append_pointer(pointer_, json::text_of(member.key()));
      add_operation("add", member.value());
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
    write_(any_ ? ",{\"op\":\"" : "[{\"op\":\"");
    any_ = true;
    write_(what);
    write_(R"(","path":)" + json::quote(pointer_));
    if (!value.empty()) {
      write_(R"(,"value":)");
      write_(value);
    }
    write_("}");
  }

  std::string pointer_;
  const WritePatch& write_;
  bool any_ = false;
};

}  // namespace

void write_json_patch(std::string_view from, std::string_view to, const WritePatch& write) {
  Patch patch{write};
  patch.compare(from, to, 0);
  patch.end();
}

std::string json_patch(std::string_view from, std::string_view to) {
  std::string text;
  write_json_patch(from, to, [&](std::string_view part) { text += part; });
  return text;
}

}  // namespace agentstore
