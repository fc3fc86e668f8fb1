#include "formats/events/edits.hpp"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"

namespace agentstore::formats {
namespace {

using Kind = EditLine::Kind;

// Beyond so many pairs of lines nobody waits for the smallest difference.
constexpr std::size_t pairs_max = 4'000'000;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines;
}

void add(std::vector<EditLine>& into, Kind kind, std::string_view text) {
  if (text.ends_with('\r')) text.remove_suffix(1);
  into.push_back({kind, std::string{text}});
}

using Lines = std::vector<std::string_view>;

// The longest common subsequence of lines, by the table of its lengths.
void add_middle(std::vector<EditLine>& out, const Lines& a, const Lines& b) {
  const std::size_t width = b.size() + 1;
  std::vector<std::uint32_t> longest;
  if (a.size() * b.size() <= pairs_max) longest.assign((a.size() + 1) * width, 0);
  const auto length = [&](std::size_t i, std::size_t j) {
    return longest.empty() ? 0 : longest[i * width + j];
  };
  if (!longest.empty())
    for (std::size_t i = a.size(); i-- > 0;)
      for (std::size_t j = b.size(); j-- > 0;)
        longest[i * width + j] =
            a[i] == b[j] ? length(i + 1, j + 1) + 1 : std::max(length(i + 1, j), length(i, j + 1));
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    const bool both = i < a.size() && j < b.size();
    if (both && !longest.empty() && a[i] == b[j]) {
      add(out, Kind::same, a[i++]);
      ++j;
    } else if (j == b.size() || (both && length(i + 1, j) >= length(i, j + 1))) {
      add(out, Kind::removed, a[i++]);
    } else {
      add(out, Kind::added, b[j++]);
    }
  }
}

std::optional<std::string> text_in(std::string_view object,
                                   std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names)
    if (auto text = json::find_text(object, name)) return text;
  return std::nullopt;
}

std::optional<std::vector<EditLine>> replacement_in(std::string_view arguments) {
  const auto before = text_in(arguments, {"old_string", "old_str", "oldText", "old_text"});
  const auto after = text_in(arguments, {"new_string", "new_str", "newText", "new_text"});
  if (!before || !after) return std::nullopt;
  return line_difference(*before, *after);
}

std::vector<EditLine> all_added(std::string_view text) {
  std::vector<EditLine> lines;
  for (const std::string_view line : lines_of(text)) add(lines, Kind::added, line);
  return lines;
}

// Lines of a unified difference, or of a patch's part about one file.
void add_patch_line(std::vector<EditLine>& lines, std::string_view line) {
  if (line.starts_with("@@")) return add(lines, Kind::place, line);
  if (line.starts_with('+')) return add(lines, Kind::added, line.substr(1));
  if (line.starts_with('-')) return add(lines, Kind::removed, line.substr(1));
  if (line.starts_with("\\ ")) return;  // "\ No newline at end of file"
  add(lines, Kind::same, line.substr(line.starts_with(' ') ? 1 : 0));
}

// "*** Begin Patch" to "*** End Patch", as Codex and others write it.
std::vector<FileEdit> edits_in_patch(std::string_view text) {
  struct Head {
    std::string_view mark;
    const char* what;
  };
  constexpr Head heads[] = {
      {"*** Update File: ", ""}, {"*** Add File: ", "new file"}, {"*** Delete File: ", "deleted"}};
  std::vector<FileEdit> edits;
  const std::size_t begun = text.find("*** Begin Patch");
  if (begun == text.npos) return edits;
  for (std::string_view line : lines_of(text.substr(begun))) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto* const head =
        std::ranges::find_if(heads, [&](const Head& one) { return line.starts_with(one.mark); });
    if (head != std::end(heads))
      edits.push_back({std::string{line.substr(head->mark.size())}, head->what, {}});
    else if (line.starts_with("*** End Patch")) break;
    else if (line.starts_with("*** Move to: ") && !edits.empty())
      edits.back().what = "moved to " + std::string{line.substr(13)};
    else if (!line.starts_with("*** ") && !edits.empty()) add_patch_line(edits.back().lines, line);
  }
  return edits;
}

// {"src/a.cpp":{"type":"update","unified_diff":"…"}}, or {"update":{…}}.
std::vector<FileEdit> edits_in_changes(const json::Value& changes) {
  std::vector<FileEdit> edits;
  if (json::kind_of(changes) != json::Kind::object) return edits;
  for (json::Walk walk{changes}; walk.next();) {
    if (json::kind_of(walk.value()) != json::Kind::object) return {};
    FileEdit edit{.file = json::text_of(walk.key()), .what = {}, .lines = {}};
    std::string_view change = walk.value();
    for (const std::string_view kind : {"add", "update", "delete"})
      if (const auto inner = json::find(change, kind)) change = *inner;
    if (const auto unified = json::find_text(change, "unified_diff")) {
      for (const std::string_view line : lines_of(*unified))
        if (!line.starts_with("--- ") && !line.starts_with("+++ "))
          add_patch_line(edit.lines, line);
    } else if (const auto content = json::find_text(change, "content")) {
      edit.what = "new file";
      edit.lines = all_added(*content);
    }
    edits.push_back(std::move(edit));
  }
  return edits;
}

std::string file_of(const EventView& event) {
  const auto file = event_part(event, "file");
  return file ? json::text_of(*file) : std::string{};
}

std::vector<FileEdit> edits_in_arguments(const EventView& event, std::string_view arguments) {
  if (auto lines = replacement_in(arguments)) return {{file_of(event), {}, std::move(*lines)}};
  if (const auto list = json::find(arguments, "edits");
      list && json::kind_of(*list) == json::Kind::array) {
    FileEdit edit{.file = file_of(event), .what = {}, .lines = {}};
    for (json::Walk walk{*list}; walk.next();) {
      const auto lines = replacement_in(walk.value());
      if (!lines) return {};
      if (!edit.lines.empty()) edit.lines.push_back({Kind::place, "@@"});
      edit.lines.insert(edit.lines.end(), lines->begin(), lines->end());
    }
    return {std::move(edit)};
  }
  if (const auto changes = json::find(arguments, "changes")) return edits_in_changes(*changes);
  if (const auto content = text_in(arguments, {"content", "file_text"});
      content && !file_of(event).empty() && text_in(arguments, {"file_path", "path", "filePath"}))
    return {{file_of(event), "written", all_added(*content)}};
  for (const std::string_view name : {"input", "patch"})
    if (const auto patch = json::find_text(arguments, name)) return edits_in_patch(*patch);
  const auto command = event_part(event, "command");
  return command ? edits_in_patch(json::text_of(*command)) : std::vector<FileEdit>{};
}

// What Claude Code's tools say that they did: {"structuredPatch":[{"oldStart",…,"lines":[…]}]}.
std::vector<FileEdit> edits_in_result(const EventView& event) {
  const auto patch = json::find_pointer(event.payload, "/toolUseResult/structuredPatch");
  if (!patch || json::kind_of(*patch) != json::Kind::array) return {};
  const auto file = json::find_pointer(event.payload, "/toolUseResult/filePath");
  const bool named = file && json::kind_of(*file) == json::Kind::string;
  FileEdit edit{.file = named ? json::text_of(*file) : "", .what = {}, .lines = {}};
  for (json::Walk hunk{*patch}; hunk.next();) {
    const auto number = [&](const char* name) {
      return std::to_string(json::find_integer(hunk.value(), name).value_or(0));
    };
    const auto lines = json::find(hunk.value(), "lines");
    if (!lines) return {};
    edit.lines.push_back({Kind::place, "@@ -" + number("oldStart") + "," + number("oldLines") +
                                           " +" + number("newStart") + "," + number("newLines") +
                                           " @@"});
    for (json::Walk line{*lines}; line.next();)
      if (json::kind_of(line.value()) == json::Kind::string)
        add_patch_line(edit.lines, json::text_of(line.value()));
  }
  return edit.lines.empty() ? std::vector<FileEdit>{} : std::vector{std::move(edit)};
}

}  // namespace

std::size_t FileEdit::added() const {
  return static_cast<std::size_t>(std::ranges::count(lines, Kind::added, &EditLine::kind));
}

std::size_t FileEdit::removed() const {
  return static_cast<std::size_t>(std::ranges::count(lines, Kind::removed, &EditLine::kind));
}

std::vector<EditLine> line_difference(std::string_view before, std::string_view after) {
  Lines a = lines_of(before);
  Lines b = lines_of(after);
  std::vector<EditLine> out;
  const auto same = static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
  for (std::size_t i = 0; i < same; ++i) add(out, Kind::same, a[i]);
  a.erase(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(same));
  b.erase(b.begin(), b.begin() + static_cast<std::ptrdiff_t>(same));
  std::vector<std::string_view> tail;
  while (!a.empty() && !b.empty() && a.back() == b.back()) {
    tail.push_back(a.back());
    a.pop_back();
    b.pop_back();
  }
  add_middle(out, a, b);
  for (; !tail.empty(); tail.pop_back()) add(out, Kind::same, tail.back());
  return out;
}

std::vector<FileEdit> edits_of(const EventView& event) {
  const EventKind kind = kind_of_type(event.type);
  if (kind == EventKind::result) return edits_in_result(event);
  const auto arguments = event_part(event, "tool_args");
  return arguments ? edits_in_arguments(event, *arguments) : std::vector<FileEdit>{};
}

}  // namespace agentstore::formats
