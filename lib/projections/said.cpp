#include "projections/said.hpp"

#include "agentstore/json.hpp"

namespace agentstore {
namespace {

constexpr int depth_max = 6;

void append_words(std::string& out, std::string_view content, int depth) {
  switch (depth > depth_max ? json::Kind::null : json::kind_of(content)) {
    case json::Kind::string:
      if (!out.empty()) out += '\n';
      out += json::text_of(content);
      break;
    case json::Kind::array:
      for (json::Walk walk{content}; walk.next();) append_words(out, walk.value(), depth + 1);
      break;
    case json::Kind::object: {
      const auto inner = first_member(content, {"content", "text", "message", "response"});
      if (inner) append_words(out, *inner, depth + 1);
      break;
    }
    default: break;
  }
}

}  // namespace

std::optional<std::string_view> first_member(std::string_view object,
                                             std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto value = json::find(object, name);
    if (value && json::kind_of(*value) != json::Kind::null) return value;
  }
  return std::nullopt;
}

std::optional<std::string> said_of(const EventView& event, std::string_view name) {
  if (auto text = json::find_text(event.payload, name)) return text;
  if (event.metadata.size() <= 2) return std::nullopt;
  if (auto text = json::find_text(event.metadata, name)) return text;
  const auto extra = json::find(event.metadata, "extra");
  return extra ? json::find_text(*extra, name) : std::nullopt;
}

std::string words_of(std::string_view payload) {
  std::string words;
  append_words(words, payload, 0);
  return words;
}

}  // namespace agentstore
