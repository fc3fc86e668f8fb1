#include "base/json_edit.hpp"

#include "agentstore/json.hpp"

namespace agentstore::json {
namespace {

struct Edit {
  enum { set, remove, rename } what;
  std::string_view text;  // the value, or the name
};

void append_member(std::string& out, std::string_view key, std::string_view value) {
  if (out.size() > 1) out += ',';
  out += key;
  out += ':';
  out += value;
}

std::optional<std::string> edited(std::string_view object, std::span<const std::string> tokens,
                                  const Edit& edit) {
  if (kind_of(object) != Kind::object) return std::nullopt;
  const bool here = tokens.size() == 1;
  const auto target = find(object, tokens.front());
  if (!target && edit.what != Edit::set) return std::nullopt;
  std::string out = "{";
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!here) {
      const auto inner = edited(value, tokens.subspan(1), edit);
      if (inner) append_member(out, key, *inner);
      return inner.has_value();
    }
    if (edit.what == Edit::set) append_member(out, key, edit.text);
    else if (edit.what == Edit::rename) append_member(out, quote(edit.text), value);
    return true;
  };
  for (Walk walk{object}; walk.next();) {
    if (!walk.key_is(tokens.front())) {
      append_member(out, walk.key(), walk.value());
    } else if (walk.value().data() == target->data() && !add(walk.key(), walk.value())) {
      return std::nullopt;  // Of members of one name the last counts, and the others go.
    }
  }
  if (!target && !add(quote(tokens.front()), "{}")) return std::nullopt;
  return out + '}';
}

}  // namespace

std::optional<std::string> with_member(std::string_view object, std::span<const std::string> tokens,
                                       std::string_view value) {
  return edited(object, tokens, {Edit::set, value});
}

std::optional<std::string> without_member(std::string_view object,
                                          std::span<const std::string> tokens) {
  return edited(object, tokens, {Edit::remove, {}});
}

std::optional<std::string> with_renamed_member(std::string_view object,
                                               std::span<const std::string> tokens,
                                               std::string_view name) {
  return edited(object, tokens, {Edit::rename, name});
}

}  // namespace agentstore::json
