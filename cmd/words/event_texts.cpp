#include "cmd/words/event_texts.hpp"

#include <algorithm>
#include <array>

#include "agentstore/json.hpp"

namespace agentstore::cmd {
namespace {

/// The end of the string token that begins at `begin`, after its closing quote.
std::size_t end_of_string(std::string_view json, std::size_t begin) {
  for (std::size_t from = begin + 1;;) {
    const std::size_t quote = json.find('"', from);
    if (quote == json.npos) return json.size();
    std::size_t backslashes = 0;
    while (json[quote - 1 - backslashes] == '\\') ++backslashes;
    if (backslashes % 2 == 0) return quote + 1;
    from = quote + 1;
  }
}

}  // namespace

bool is_no_text(std::string_view name) {
  constexpr std::array names{std::string_view{"type"}, std::string_view{"role"},
                             std::string_view{"usage"}, std::string_view{"signature"},
                             std::string_view{"encrypted_content"}};
  return std::ranges::find(names, name) != names.end();
}

bool EventTexts::next() {
  while (at_ < json_.size()) {
    const char c = json_[at_];
    if (c == '"') {
      if (take_string()) return true;
    } else if (c == '-' || (c >= '0' && c <= '9')) {
      if (take_number()) return true;
    } else {
      if (c == '{' || c == '[') open();
      else if (c == '}' || c == ']') close();
      ++at_;
    }
  }
  return false;
}

bool EventTexts::take_string() {
  begin_ = at_;
  end_ = at_ = end_of_string(json_, at_);
  while (at_ < json_.size() && json::is_space(json_[at_])) ++at_;
  if (at_ == json_.size() || json_[at_] != ':') return !skips();
  name_ = token().substr(1, end_ - begin_ - 2);
  ++at_;
  return false;
}

bool EventTexts::take_number() {
  begin_ = at_;
  end_ = at_ = std::min(json_.find_first_not_of("+-.0123456789eE", at_), json_.size());
  return !skips();
}

void EventTexts::open() {
  ++depth_;
  if (skip_depth_ == 0 && is_no_text(name_)) skip_depth_ = depth_;
  name_ = {};
}

void EventTexts::close() {
  if (skip_depth_ == depth_) skip_depth_ = 0;
  if (depth_ > 0) --depth_;
  name_ = {};
}

}  // namespace agentstore::cmd
