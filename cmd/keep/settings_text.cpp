#include "cmd/keep/settings_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "agentstore/json.hpp"
#include "formats/text/escape.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::string_view event_name = "SessionEnd";
/// Of the agent's budget for hooks at the end of a session, which is 1.5 s otherwise.
constexpr int timeout_s = 60;

constexpr std::string_view mark_begin = " # by agentstore keep --install (new: ";
constexpr std::string_view mark_opened = ", opened";
/// What is new with the hook: each holds the next one.
constexpr std::string_view new_things[] = {"file", "hooks", "SessionEnd", "entry"};
enum class New { file, hooks, session_end, entry };

/// What the comment of a hook says.
struct Mark {
  New made = New::entry;
  /// What it is in was empty and is open for it now, over several lines.
  bool opened = false;

  std::string text() const {
    return std::string{mark_begin} + std::string{new_things[static_cast<std::size_t>(made)]} +
           std::string{opened ? mark_opened : ""} + ")";
  }
};

/// The mark at the end of a command of ours.
std::optional<Mark> mark_of(std::string_view command) {
  for (std::size_t made = 0; made < std::size(new_things); ++made)
    for (const bool opened : {false, true}) {
      const Mark mark{static_cast<New>(made), opened};
      if (command.ends_with(mark.text())) return mark;
    }
  return std::nullopt;
}

/// An object or array in a text, by offsets.
struct Container {
  struct Item {
    std::size_t begin = 0;  // of its key, in an object
    std::size_t end = 0;
  };
  std::size_t open = 0;  // of its bracket
  std::vector<Item> items;
};

Container container_of(std::string_view text, std::string_view value) {
  const auto at = [&](const char* byte) { return static_cast<std::size_t>(byte - text.data()); };
  Container container{.open = at(value.data()), .items = {}};
  for (json::Walk walk{value}; walk.next();) {
    const char* const begin = walk.key().empty() ? walk.value().data() : walk.key().data();
    container.items.push_back({at(begin), at(walk.value().data() + walk.value().size())});
  }
  return container;
}

bool is(const json::Value& value, json::Kind kind) {
  return json::kind_of(value) == kind;
}

std::optional<json::Value> member(const json::Value& object, std::string_view key) {
  return is(object, json::Kind::object) ? json::find(object, key) : std::nullopt;
}

/// The settings, and what of them a hook goes into.
struct Settings {
  json::Value root;
  std::optional<json::Value> hooks;
  std::optional<json::Value> session_end;
};

Result<Settings> read_settings(std::string_view text) {
  std::string_view rest = text;
  if (rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
  // What has a key twice means different things to different readers.
  if (const auto wrong = json::check(rest, json::rules_to_store))
    return fail(Code::invalid, fmt::format("it is not JSON: {} at byte {}", wrong->what,
                                           wrong->offset_bytes + (text.size() - rest.size())));
  Settings settings{.root = json::trimmed(rest), .hooks = {}, .session_end = {}};
  if (!is(settings.root, json::Kind::object)) return fail(Code::invalid, "it is not a JSON object");
  settings.hooks = member(settings.root, "hooks");
  if (settings.hooks && !is(*settings.hooks, json::Kind::object))
    return fail(Code::invalid, "its \"hooks\" is not an object");
  if (settings.hooks) settings.session_end = member(*settings.hooks, event_name);
  if (settings.session_end && !is(*settings.session_end, json::Kind::array))
    return fail(Code::invalid, "its \"SessionEnd\" is not an array");
  return settings;
}

/// A hook of ours.
struct OwnHook {
  std::size_t element = 0;  // of SessionEnd
  std::size_t hook = 0;     // of that one's hooks
  std::size_t hooks_there = 0;
  std::string_view command;  // its token
  json::Value hooks;         // it is in
  Mark mark;
};

std::optional<OwnHook> find_own(const Settings& settings) {
  if (!settings.session_end) return std::nullopt;
  OwnHook own;
  bool found = false;
  for (json::Walk element{*settings.session_end}; !found && element.next(); ++own.element) {
    const auto inner = member(element.value(), "hooks");
    if (!inner || !is(*inner, json::Kind::array)) continue;
    own.hooks_there = 0;
    for (json::Walk hook{*inner}; hook.next(); ++own.hooks_there) {
      const auto command = member(hook.value(), "command");
      if (found || !command || !is(*command, json::Kind::string)) continue;
      const auto mark = mark_of(json::text_of(*command));
      if (!mark) continue;
      found = true;
      own.hook = own.hooks_there;
      own.command = *command;
      own.hooks = *inner;
      own.mark = *mark;
    }
    if (found) break;
  }
  return found ? std::optional{own} : std::nullopt;
}

std::string_view line_end_of(std::string_view text) {
  return text.contains("\r\n") ? "\r\n" : "\n";
}

/// The white space at the beginning of the line that `at` is in.
std::string_view indent_at(std::string_view text, std::size_t at) {
  const std::size_t begin = text.rfind('\n', at) + 1;  // npos + 1 is 0
  const std::size_t end = std::min(text.find_first_not_of(" \t", begin), at);
  return text.substr(begin, end - begin);
}

/// The white space before an item; it follows a bracket or a comma.
std::string_view lead_of(std::string_view text, std::size_t item) {
  std::size_t begin = item;
  while (begin > 0 && json::is_space(text[begin - 1])) --begin;
  return text.substr(begin, item - begin);
}

/// How a file is laid out.
struct Layout {
  bool lines = true;  // or all of it in one
  std::string_view line_end = "\n";
  std::string unit = "  ";  // of indentation

  static Layout of(std::string_view text, const Container& root) {
    Layout layout{.line_end = line_end_of(text)};
    if (root.items.empty()) return layout;
    const std::string_view lead = lead_of(text, root.items.front().begin);
    layout.lines = lead.contains('\n');
    const std::string_view indent = lead.substr(lead.rfind('\n') + 1);
    if (layout.lines && !indent.empty()) layout.unit = indent;
    return layout;
  }

  /// A value over several lines, of which all but the first one begin with `indent`.
  std::string spread(std::string_view json, std::string_view indent) const {
    std::string out;
    const std::string pretty = formats::pretty_json(json);
    for (std::size_t at = 0; at < pretty.size();) {
      const std::size_t end = std::min(pretty.find('\n', at), pretty.size());
      std::size_t text = std::min(pretty.find_first_not_of(' ', at), end);
      if (at > 0) (out += line_end) += indent;
      for (std::size_t depth = (text - at) / 2; at > 0 && depth > 0; --depth) out += unit;
      out.append(pretty, text, end - text);
      at = end + 1;
    }
    return out;
  }
};

struct Inserted {
  std::string text;
  bool opened = false;
};

/// Puts `key` (a token; empty in an array) and `value` at the end of a container; `make` gives the
/// value, which depends on whether the container is opened.
Inserted insert(std::string_view text, const Container& into, const Layout& layout,
                std::string_view key, const auto& make) {
  const bool first = into.items.empty();
  const std::size_t at = first ? into.open + 1 : into.items.back().end;
  const std::string_view space_after =
      text.substr(at, std::min(text.find_first_not_of(" \t\r\n", at), text.size()) - at);
  const std::string_view outer = indent_at(text, into.open);
  Inserted inserted;
  inserted.opened = first && layout.lines && !space_after.contains('\n');
  std::string lead;
  if (!first) lead = lead_of(text, into.items.back().begin);
  else if (layout.lines) lead = std::string{layout.line_end} + std::string{outer} + layout.unit;
  const bool lines = lead.contains('\n');
  const std::string json = make(inserted.opened);
  const std::string indent{lines ? std::string_view{lead}.substr(lead.rfind('\n') + 1) : ""};
  std::string item;
  if (!key.empty()) item = std::string{key} + (lines ? ": " : ":");
  item += lines ? layout.spread(json, indent) : json;
  inserted.text = std::string{text.substr(0, at)} + (first ? "" : ",") + lead + item;
  if (inserted.opened) (inserted.text += layout.line_end) += outer;
  inserted.text += text.substr(at);
  return inserted;
}

/// Takes an item out, with the comma and the white space that came with it.
std::string erase(std::string_view text, const Container& from, std::size_t item, bool opened) {
  const auto& items = from.items;
  std::size_t begin = item > 0 ? items[item - 1].end : from.open + 1;
  std::size_t end = items[item].end;
  if (item == 0 && items.size() > 1) {
    begin = items[0].begin;
    end = items[1].begin;
  } else if (opened && items.size() == 1) {
    const std::string closing =
        std::string{line_end_of(text)} + std::string{indent_at(text, from.open)};
    if (text.substr(end).starts_with(closing)) end += closing.size();
  }
  return std::string{text.substr(0, begin)} + std::string{text.substr(end)};
}

std::string hook_json(const std::string& command, Mark mark) {
  return fmt::format(R"({{"hooks":[{{"type":"command","command":{},"timeout":{}}}]}})",
                     json::quote(command + mark.text()), timeout_s);
}

std::size_t index_of(const json::Value& object, std::string_view key) {
  std::size_t index = 0;
  for (json::Walk walk{object}; walk.next() && !walk.key_is(key);) ++index;
  return index;
}

/// The text without one of our hooks, and whatever was new with it and holds nothing else now.
std::optional<std::string> erase_own(std::string_view text, const Settings& settings,
                                     const OwnHook& own) {
  const Mark mark = own.mark;
  if (own.hooks_there > 1) return erase(text, container_of(text, own.hooks), own.hook, false);
  const Container entries = container_of(text, *settings.session_end);
  if (entries.items.size() > 1 || mark.made == New::entry)
    return erase(text, entries, own.element, mark.made == New::entry && mark.opened);
  const Container events = container_of(text, *settings.hooks);
  if (events.items.size() > 1 || mark.made == New::session_end)
    return erase(text, events, index_of(*settings.hooks, event_name),
                 mark.made == New::session_end && mark.opened);
  const Container root = container_of(text, settings.root);
  if (root.items.size() == 1 && mark.made == New::file) return std::nullopt;
  return erase(text, root, index_of(settings.root, "hooks"), mark.opened);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

/// "12,3": where lines of a file begin, and how many there are.
std::string range_text(std::size_t begin, std::size_t count) {
  return fmt::format("{},{}", count == 0 ? begin : begin + 1, count);
}

}  // namespace

Result<std::string> with_hook(const std::optional<std::string>& text, const std::string& command) {
  if (!text) {
    const std::string json = fmt::format(R"({{"hooks":{{"{}":[{}]}}}})", event_name,
                                         hook_json(command, {New::file, false}));
    return Layout{}.spread(json, "") + "\n";
  }
  const auto settings = read_settings(*text);
  if (!settings) return std::unexpected{settings.error()};
  if (const auto own = find_own(*settings)) {
    const auto at = static_cast<std::size_t>(own->command.data() - text->data());
    return std::string{*text}.replace(at, own->command.size(),
                                      json::quote(command + own->mark.text()));
  }
  const Layout layout = Layout::of(*text, container_of(*text, settings->root));
  const auto hook = [&](New made) {
    return [&command, made](bool opened) { return hook_json(command, {made, opened}); };
  };
  if (settings->session_end)
    return insert(*text, container_of(*text, *settings->session_end), layout, {}, hook(New::entry))
        .text;
  const auto in_array = [&](New made) {
    return [make = hook(made)](bool opened) { return "[" + make(opened) + "]"; };
  };
  if (settings->hooks)
    return insert(*text, container_of(*text, *settings->hooks), layout, R"("SessionEnd")",
                  in_array(New::session_end))
        .text;
  const auto in_object = [make = in_array(New::hooks)](bool opened) {
    return R"({"SessionEnd":)" + make(opened) + "}";
  };
  return insert(*text, container_of(*text, settings->root), layout, R"("hooks")", in_object).text;
}

Result<std::optional<std::string>> without_hook(const std::string& text) {
  std::string left = text;
  for (;;) {
    const auto settings = read_settings(left);
    if (!settings) return std::unexpected{settings.error()};
    const auto own = find_own(*settings);
    if (!own) return left;
    auto erased = erase_own(left, *settings, *own);
    if (!erased) return std::nullopt;
    left = std::move(*erased);
  }
}

bool has_hooks_off(std::string_view text) {
  const auto settings = read_settings(text);
  return settings && member(settings->root, "disableAllHooks") == "true";
}

std::string unified_diff(const std::string& path, const std::optional<std::string>& before,
                         const std::optional<std::string>& after) {
  constexpr std::size_t context_lines = 3;
  if (before == after) return {};
  const auto old_lines = lines_of(before ? std::string_view{*before} : "");
  const auto new_lines = lines_of(after ? std::string_view{*after} : "");
  const std::size_t shorter = std::min(old_lines.size(), new_lines.size());
  std::size_t same = 0;
  while (same < shorter && old_lines[same] == new_lines[same]) ++same;
  std::size_t same_at_end = 0;
  while (same_at_end < shorter - same && old_lines[old_lines.size() - 1 - same_at_end] ==
                                             new_lines[new_lines.size() - 1 - same_at_end])
    ++same_at_end;
  const std::size_t begin = same - std::min(same, context_lines);
  const std::size_t after_it = std::min(same_at_end, context_lines);
  const std::size_t old_end = old_lines.size() - same_at_end;
  const std::size_t new_end = new_lines.size() - same_at_end;
  std::string out = fmt::format(
      "--- {}\n+++ {}\n@@ -{} +{} @@\n", before ? path : "/dev/null", after ? path : "/dev/null",
      range_text(begin, old_end + after_it - begin), range_text(begin, new_end + after_it - begin));
  const auto add = [&](char sign, std::string_view line) {
    const bool ended = line.ends_with('\n');
    if (ended) line.remove_suffix(1);
    (out += sign) += std::string{line} + "\n";
    if (!ended) out += "\\ No newline at end of file\n";
  };
  for (std::size_t i = begin; i < same; ++i) add(' ', old_lines[i]);
  for (std::size_t i = same; i < old_end; ++i) add('-', old_lines[i]);
  for (std::size_t i = same; i < new_end; ++i) add('+', new_lines[i]);
  for (std::size_t i = old_end; i < old_end + after_it; ++i) add(' ', old_lines[i]);
  return out;
}

}  // namespace agentstore::cmd
