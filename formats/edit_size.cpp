// How many lines an edit adds and takes away: by a longest common subsequence of the lines between
// the ends that both texts share; where there are very many of those, all of them count.

#include "formats/edit_size.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "formats/fields.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t compared_lines_max = 1000;

using Lines = std::vector<std::string_view>;

Lines lines_of(std::string_view text) {
  Lines lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::size_t common_lines(const Lines& before, const Lines& after) {
  std::vector<std::size_t> row(after.size() + 1, 0);
  for (const std::string_view line : before) {
    std::size_t diagonal = 0;
    for (std::size_t i = 0; i < after.size(); ++i) {
      const std::size_t above = row[i + 1];
      row[i + 1] = line == after[i] ? diagonal + 1 : std::max(above, row[i]);
      diagonal = above;
    }
  }
  return row.back();
}

EditSize size_between(std::string_view old_text, std::string_view new_text) {
  Lines before = lines_of(old_text);
  Lines after = lines_of(new_text);
  const auto [old_at, new_at] = std::ranges::mismatch(before, after);
  before.erase(before.begin(), old_at);
  after.erase(after.begin(), new_at);
  while (!before.empty() && !after.empty() && before.back() == after.back()) {
    before.pop_back();
    after.pop_back();
  }
  const bool compared = before.size() <= compared_lines_max && after.size() <= compared_lines_max;
  const std::size_t common = compared ? common_lines(before, after) : 0;
  return {after.size() - common, before.size() - common};
}

EditSize size_of_patch(std::string_view patch) {
  EditSize size;
  for (const std::string_view line : lines_of(patch)) {
    if (line.starts_with('+') && !line.starts_with("+++")) ++size.added;
    if (line.starts_with('-') && !line.starts_with("---")) ++size.removed;
  }
  return size;
}

std::optional<EditSize> size_of_edit(const json::Value& edit) {
  const Fields fields{edit};
  const auto before = fields.find({"old_string", "old_str", "oldText"});
  const auto after = fields.find({"new_string", "new_str", "newText"});
  if (!before || !after || json::kind_of(*before) != json::Kind::string ||
      json::kind_of(*after) != json::Kind::string)
    return std::nullopt;
  return size_between(json::text_of(*before), json::text_of(*after));
}

std::optional<EditSize> size_of_edits(const json::Value& edits) {
  std::optional<EditSize> sum;
  for (json::Walk walk{edits}; walk.next();) {
    const auto one = size_of_edit(walk.value());
    if (!one) continue;
    if (!sum) sum.emplace();
    sum->added += one->added;
    sum->removed += one->removed;
  }
  return sum;
}

}  // namespace

std::optional<EditSize> edit_size_of(const EventView& call) {
  if (kind_of_type(call.type) != EventKind::call || call.redacted_by != 0) return std::nullopt;
  const auto arguments = event_part(call, "tool_args");
  if (!arguments) return std::nullopt;
  const json::Value value{*arguments};
  if (auto edit = size_of_edit(value)) return edit;
  const Fields fields{value};
  if (const auto edits = fields.find({"edits"}))
    if (auto size = size_of_edits(*edits)) return size;
  const auto patch = fields.find({"input", "patch"});
  if (patch && patch->find("*** Begin Patch") != patch->npos)
    return size_of_patch(json::text_of(*patch));
  const auto content = fields.find({"content"});
  const bool writes =
      content && fields.find({"file_path"}) && json::kind_of(*content) == json::Kind::string;
  if (!writes) return std::nullopt;
  return EditSize{lines_of(json::text_of(*content)).size(), 0};
}

std::string edit_text(const EditSize& size) {
  std::string text;
  if (size.added > 0 || size.removed == 0) text = "+" + std::to_string(size.added);
  if (size.removed > 0) text += (text.empty() ? "−" : " −") + std::to_string(size.removed);
  return text;
}

}  // namespace agentstore::formats
