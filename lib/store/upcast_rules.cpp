// Rules of upcasts as data. A rule does what it says in this order: rename, move, remove, defaults,
// rename_type.

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "agentstore/internal/foreign_json.hpp"
#include "agentstore/upcast.hpp"
#include "base/ids.hpp"
#include "base/json_edit.hpp"

namespace agentstore {
namespace {

constexpr std::int64_t version_max = 1'000'000'000;

using Tokens = std::vector<std::string>;

struct Step {
  std::string pointer;  // as it was written, for messages
  Tokens from;
  Tokens to;         // of a move
  std::string text;  // the new name, or the default value
};

struct WrittenRule {
  std::string type;
  std::int64_t from_version = 1;
  std::optional<std::int64_t> to_version;
  bool optional = false;
  std::vector<Step> renames, moves, removals, defaults;
  std::string new_type;
};

std::unexpected<Error> misfit(const std::string& pointer, const char* what) {
  return fail(Code::invalid, pointer + " " + what);
}

Tokens sibling(const Tokens& tokens, const std::string& name) {
  Tokens other = tokens;
  other.back() = name;
  return other;
}

class Change {
 public:
  Change(const WrittenRule& rule, std::string& payload) : rule_{rule}, payload_{payload} {}

  Result<void> run() {
    for (const Step& step : rule_.renames)
      if (auto done = rename(step); !done) return done;
    for (const Step& step : rule_.moves)
      if (auto done = move(step); !done) return done;
    for (const Step& step : rule_.removals)
      if (auto done = remove(step); !done) return done;
    for (const Step& step : rule_.defaults)
      if (auto done = set_default(step); !done) return done;
    return {};
  }

 private:
  bool has(const Tokens& tokens) const { return json::find_at(payload_, tokens).has_value(); }

  Result<void> missing(const Step& step) const {
    if (rule_.optional) return {};
    return misfit(step.pointer, "is not there");
  }

  Result<void> rename(const Step& step) {
    if (!has(step.from)) return missing(step);
    if (has(sibling(step.from, step.text)))
      return misfit(step.pointer, "would take the name of another member");
    return take(json::with_renamed_member(payload_, step.from, step.text), step);
  }

  Result<void> move(const Step& step) {
    const auto value = json::find_at(payload_, step.from);
    if (!value) return missing(step);
    if (has(step.to)) return misfit(step.pointer, "would take the place of another member");
    const std::string moved{*value};
    auto rest = json::without_member(payload_, step.from);
    return take(rest ? json::with_member(*rest, step.to, moved) : std::nullopt, step);
  }

  Result<void> remove(const Step& step) {
    if (!has(step.from)) return missing(step);
    return take(json::without_member(payload_, step.from), step);
  }

  Result<void> set_default(const Step& step) {
    if (has(step.from)) return {};
    return take(json::with_member(payload_, step.from, step.text), step);
  }

  Result<void> take(std::optional<std::string> changed, const Step& step) {
    if (!changed) return misfit(step.pointer, "leads through something that is not an object");
    payload_ = std::move(*changed);
    return {};
  }

  const WrittenRule& rule_;
  std::string& payload_;
};

Result<void> run(const WrittenRule& rule, UpcastEvent& event) {
  if (!event.redacted)
    if (auto done = Change{rule, event.payload}.run(); !done) return done;
  if (!rule.new_type.empty()) event.type = rule.new_type;
  return {};
}

// What a rule may hold, and how each member is read. An error's message begins with what is wrong.
Result<Tokens> read_pointer(const std::string& text) {
  auto tokens = json::pointer_tokens(text);
  if (!tokens || tokens->empty()) {
    return fail(Code::invalid,
                "\"" + text + "\" names no member: write a JSON pointer, like \"/game\"");
  }
  return std::move(*tokens);
}

Result<Step> read_step(const std::string& pointer) {
  auto tokens = read_pointer(pointer);
  if (!tokens) return std::unexpected(tokens.error());
  return Step{.pointer = pointer, .from = std::move(*tokens), .to = {}, .text = {}};
}

Result<std::string> read_text(std::string_view value) {
  if (json::kind_of(value) != json::Kind::string) return fail(Code::invalid, "has to be a string");
  return json::text_of(value);
}

// Reads the members of an object as steps; `fill` reads each value.
template <class Fill>
Result<void> read_steps(std::string_view object, std::vector<Step>& steps, Fill fill) {
  if (json::kind_of(object) != json::Kind::object)
    return fail(Code::invalid, "has to be an object by JSON pointers");
  for (json::Walk walk{object}; walk.next();) {
    auto step = read_step(json::text_of(walk.key()));
    if (!step) return std::unexpected(step.error());
    if (auto filled = fill(walk.value(), *step); !filled) return filled;
    steps.push_back(std::move(*step));
  }
  return {};
}

Result<void> read_rename(std::string_view value, Step& step) {
  auto name = read_text(value);
  if (!name) return fail(Code::invalid, "the new name of " + step.pointer + " has to be a string");
  if (name->starts_with('/'))
    return fail(Code::invalid, "the new name of " + step.pointer + " is a pointer: use `move`");
  step.text = std::move(*name);
  return {};
}

Result<void> read_move(std::string_view value, Step& step) {
  const auto text = read_text(value);
  if (!text) return fail(Code::invalid, "the place for " + step.pointer + " has to be a string");
  auto to = read_pointer(*text);
  if (!to) return std::unexpected(to.error());
  step.to = std::move(*to);
  return {};
}

Result<void> read_default(std::string_view value, Step& step) {
  step.text = json::compact(value);
  return {};
}

Result<void> read_removals(std::string_view value, std::vector<Step>& steps) {
  if (json::kind_of(value) != json::Kind::array)
    return fail(Code::invalid, "has to be an array of JSON pointers");
  for (json::Walk walk{value}; walk.next();) {
    const auto text = read_text(walk.value());
    if (!text) return fail(Code::invalid, "has to be an array of JSON pointers");
    auto step = read_step(*text);
    if (!step) return std::unexpected(step.error());
    steps.push_back(std::move(*step));
  }
  return {};
}

Result<std::int64_t> read_version(std::string_view value) {
  const auto version = json::integer_of(value);
  if (!version || *version < 0 || *version > version_max)
    return fail(Code::invalid, "has to be a whole number from 0 to " + std::to_string(version_max));
  return *version;
}

template <class Value, class Into>
Result<void> take(Result<Value> value, Into& into) {
  if (!value) return std::unexpected(value.error());
  into = std::move(*value);
  return {};
}

Result<std::string> read_type(std::string_view value) {
  auto type = read_text(value);
  if (!type) return type;
  if (auto allowed = check_event_type(*type); !allowed) return std::unexpected(allowed.error());
  return type;
}

Result<bool> read_bool(std::string_view value) {
  if (json::kind_of(value) != json::Kind::boolean)
    return fail(Code::invalid, "has to be true or false");
  return value == "true";
}

Result<void> read_member(std::string_view name, std::string_view value, WrittenRule& rule) {
  if (name == "type") return take(read_type(value), rule.type);
  if (name == "from_version") return take(read_version(value), rule.from_version);
  if (name == "to_version") return take(read_version(value), rule.to_version);
  if (name == "optional") return take(read_bool(value), rule.optional);
  if (name == "rename") return read_steps(value, rule.renames, read_rename);
  if (name == "move") return read_steps(value, rule.moves, read_move);
  if (name == "remove") return read_removals(value, rule.removals);
  if (name == "defaults") return read_steps(value, rule.defaults, read_default);
  if (name == "rename_type") return take(read_type(value), rule.new_type);
  return fail(Code::invalid,
              "is unknown: a rule has type, from_version, to_version, rename, move, remove, "
              "defaults, rename_type, optional");
}

Result<WrittenRule> read_rule(std::string_view object) {
  if (json::kind_of(object) != json::Kind::object) return fail(Code::invalid, "is not an object");
  WrittenRule rule;
  for (json::Walk walk{object}; walk.next();) {
    const std::string name = json::text_of(walk.key());
    if (auto read = read_member(name, walk.value(), rule); !read)
      return fail(Code::invalid, "\"" + name + "\": " + read.error().message);
  }
  if (rule.type.empty()) return fail(Code::invalid, "has no \"type\"");
  return rule;
}

Result<std::string_view> find_rules(std::string_view text) {
  json::ForeignParser parser;
  json::Value parsed;
  if (const auto error = parser.check(text, json::rules_to_store, parsed)) {
    return fail(Code::invalid, std::string{"the text "} + error->what + " (byte " +
                                   std::to_string(error->offset_bytes) + ")");
  }
  std::optional<std::string_view> rules;
  for (json::Walk walk{parsed}; walk.next();) {
    if (walk.key_is("rules")) rules = walk.value();
    else if (!walk.key_is("schema") || walk.value() != R"("agentstore/upcasts/1")")
      return fail(Code::invalid, "the member " + std::string{walk.key()} + " is unknown");
  }
  if (!rules || json::kind_of(*rules) != json::Kind::array)
    return fail(Code::invalid, "there is no array \"rules\"");
  return *rules;
}

}  // namespace

Result<Upcasts> Upcasts::parse(std::string_view text) {
  const auto rules = find_rules(text);
  if (!rules) return std::unexpected(rules.error());
  Upcasts upcasts;
  std::size_t number = 0;
  for (json::Walk walk{*rules}; walk.next();) {
    const std::string name = "rule " + std::to_string(++number);
    auto read = read_rule(walk.value());
    if (!read) return fail(Code::invalid, name + ": " + read.error().message);
    const auto rule = std::make_shared<const WrittenRule>(std::move(*read));
    const auto added = upcasts.add(rule->type, rule->from_version,
                                   rule->to_version.value_or(rule->from_version + 1),
                                   [rule](UpcastEvent& event) { return run(*rule, event); });
    if (!added) return fail(Code::invalid, name + ": " + added.error().message);
  }
  return upcasts;
}

}  // namespace agentstore
