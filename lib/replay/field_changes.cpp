// What differs between two objects, found by walking both: nothing is kept of what is equal.

#include "agentstore/analysis/fields.hpp"
#include "agentstore/json.hpp"
#include "base/json_edit.hpp"
#include "base/json_members.hpp"
#include "replay/field_levels.hpp"

namespace agentstore {
namespace {

class Comparison {
 public:
  explicit Comparison(const UseFieldPair& use) : use_{use} {}

  void run(std::string_view first, std::string_view second) {
    if (!has_fields(first, 0) || !has_fields(second, 0)) {
      each_field(first, true, 0);
      each_field(second, false, 0);
      return;
    }
    members_of_first(first, second, 0);
    members_of_second(first, second, 0);
  }

 private:
  using Value = std::optional<std::string_view>;

  // Takes a step to a member for as long as it lives.
  class Step {
   public:
    Step(FieldPair& at, std::string_view key)
        : at_{at}, name_bytes_{at.name.size()}, pointer_bytes_{at.pointer.size()} {
      const std::string text = json::text_of(key);
      if (!at.pointer.empty()) at.name += '_';
      at.name += text;
      json::append_pointer(at.pointer, text);
    }
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step() {
      at_.name.resize(name_bytes_);
      at_.pointer.resize(pointer_bytes_);
    }

   private:
    FieldPair& at_;
    std::size_t name_bytes_;
    std::size_t pointer_bytes_;
  };

  void members_of_first(std::string_view first, std::string_view second, int level) {
    json::MemberLookup others{second};
    for (json::Walk walk{first}; going_ && walk.next();) {
      const Step step{at_, walk.key()};
      member_of_first(walk.value(), others.find(walk.key()), level + 1);
    }
  }

  void member_of_first(std::string_view value, Value other, int level) {
    const bool other_is_field = other && !has_fields(*other, level);
    if (has_fields(value, level)) {
      if (other && !other_is_field) members_of_first(value, *other, level);
      else each_field(value, true, level);
    } else if (other_is_field) {
      if (value != *other) give(value, other);
    } else if (!other || value != "{}") {
      give(value, std::nullopt);
    }
  }

  // Those that the first lacks.
  void members_of_second(std::string_view first, std::string_view second, int level) {
    json::MemberLookup others{first};
    for (json::Walk walk{second}; going_ && walk.next();) {
      const Step step{at_, walk.key()};
      member_of_second(walk.value(), others.find(walk.key()), level + 1);
    }
  }

  void member_of_second(std::string_view value, Value other, int level) {
    const bool other_has_fields = other && has_fields(*other, level);
    if (has_fields(value, level)) {
      if (other_has_fields) members_of_second(*other, value, level);
      else each_field(value, false, level);
    } else if (!other || (other_has_fields && value != "{}")) {
      give(std::nullopt, value);
    }
  }

  // All fields of a value that the other object has nothing like.
  void each_field(std::string_view value, bool of_first, int level) {
    if (!has_fields(value, level)) {
      if (!at_.pointer.empty()) give(of_first ? Value{value} : Value{}, of_first ? Value{} : value);
      return;
    }
    for (json::Walk walk{value}; going_ && walk.next();) {
      const Step step{at_, walk.key()};
      each_field(walk.value(), of_first, level + 1);
    }
  }

  void give(Value first, Value second) {
    at_.first = first;
    at_.second = second;
    going_ = going_ && use_(at_);
  }

  const UseFieldPair& use_;
  FieldPair at_;
  bool going_ = true;
};

}  // namespace

void for_each_changed_field(std::string_view first, std::string_view second,
                            const UseFieldPair& use) {
  Comparison{use}.run(first, second);
}

}  // namespace agentstore
