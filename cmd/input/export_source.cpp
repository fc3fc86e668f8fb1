#include "cmd/input/export_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "agentstore/event.hpp"
#include "agentstore/json.hpp"
#include "cmd/quoting.hpp"
#include "formats/exports/export.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t chunk_bytes = std::size_t{256} << 10;

/// Finds the end of a JSON value in text that comes in pieces; looks at each byte once.
class ValueEnd {
 public:
  /// Whether the value ends within `text`, which starts where the value does; then `size` is its.
  bool find(std::string_view text, std::size_t& size) {
    for (; at_ < text.size(); ++at_) {
      const char c = text[at_];
      if (in_string_) {
        if (escaped_) escaped_ = false;
        else if (c == '\\') escaped_ = true;
        else if (c == '"') in_string_ = false;
        if (in_string_ || depth_ > 0) continue;
        size = at_ + 1;
        return true;
      }
      const bool ends_scalar = c == ',' || c == ']' || c == '}' || json::is_space(c) || c == ':';
      if (depth_ == 0 && at_ > 0 && ends_scalar) {
        size = at_;
        return true;
      }
      if (c == '"') in_string_ = true;
      if (c == '{' || c == '[') ++depth_;
      if ((c == '}' || c == ']') && depth_ > 0 && --depth_ == 0) {
        size = at_ + 1;
        return true;
      }
    }
    return false;
  }

 private:
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

Result<Timestamp> time_member(std::string_view session, std::string_view key) {
  const auto text = json::find_text(session, key);
  if (!text) return fail(Code::invalid, "the session has no " + std::string{key});
  return parse_rfc3339(*text);
}

}  // namespace

std::unexpected<Error> ExportSource::not_an_export(const std::string& why) const {
  return fail(Code::invalid,
              fmt::format("cannot read the export {} (byte {}): {}", in_quotes(input_.path()),
                          dropped_bytes_ + at_, why),
              "it has to be as `agentstore export` or `agentstore replay --json` wrote it");
}

Result<ExportSource> ExportSource::open(ByteInput input) {
  ExportSource source{std::move(input)};
  if (auto read = source.read_head(); !read) return std::unexpected{read.error()};
  return source;
}

Result<ExportSource> ExportSource::open_array(ByteInput input) {
  ExportSource source{std::move(input)};
  source.array_ = true;
  if (auto begun = source.expect('['); !begun) return std::unexpected{begun.error()};
  return source;
}

Result<bool> ExportSource::fill() {
  buffer_.erase(0, at_);
  dropped_bytes_ += std::exchange(at_, 0);
  const std::size_t size = buffer_.size();
  const std::size_t wanted = std::max(chunk_bytes, size);
  buffer_.resize(size + wanted);
  const auto got = input_.read(buffer_.data() + size, wanted);
  buffer_.resize(size + got.value_or(0));
  if (!got) return std::unexpected{got.error()};
  return *got > 0;
}

Result<char> ExportSource::peek() {
  while (true) {
    while (at_ < buffer_.size() && json::is_space(buffer_[at_])) ++at_;
    if (at_ < buffer_.size()) return buffer_[at_];
    const auto filled = fill();
    if (!filled) return std::unexpected{filled.error()};
    if (!*filled) return '\0';
  }
}

Result<void> ExportSource::expect(char wanted) {
  const auto found = peek();
  if (!found) return std::unexpected{found.error()};
  if (*found != wanted)
    return not_an_export(*found == '\0' ? std::string{"it ends early"}
                                        : std::string{"there is no "} + wanted + " here");
  ++at_;
  return {};
}

Result<std::string_view> ExportSource::next_value() {
  const auto first = peek();
  if (!first) return std::unexpected{first.error()};
  if (*first == '\0') return not_an_export("it ends early");
  ValueEnd end;
  std::size_t size = 0;
  while (!end.find(std::string_view{buffer_}.substr(at_), size)) {
    if (buffer_.size() - at_ > line_bytes_max) return not_an_export("a value is over 64 MiB");
    const auto filled = fill();
    if (!filled) return std::unexpected{filled.error()};
    if (!*filled) return not_an_export("it ends early");
  }
  const auto value = std::string_view{buffer_}.substr(at_, size);
  if (const auto error = json::check(value, json::rules_to_read))
    return not_an_export(std::string{"bad JSON: "} + error->what);
  at_ += size;
  return value;
}

Result<void> ExportSource::take_session(std::string_view json) {
  const auto id = json::find_text(json, "id");
  if (!id) return not_an_export("the session has no id");
  session_.id = *id;
  session_.name = json::find_text(json, "name").value_or("");
  const auto created_at = time_member(json, "created_at");
  if (!created_at) return not_an_export(created_at.error().message);
  session_.created_at = session_.updated_at = *created_at;
  const auto events_due = json::find_integer(json, "event_count").value_or(0);
  events_due_ = static_cast<std::uint64_t>(std::max<std::int64_t>(0, events_due));
  const auto labels = json::find(json, "labels");
  if (!labels) return {};
  for (json::Walk label{*labels}; label.next();) {
    if (json::kind_of(label.value()) != json::Kind::string)
      return not_an_export("a label is not a string");
    session_.labels[json::text_of(label.key())] = json::text_of(label.value());
  }
  return {};
}

Result<void> ExportSource::read_head() {
  if (auto open = expect('{'); !open) return open;
  bool known = false;
  while (true) {
    const auto key_token = next_value();
    if (!key_token) return std::unexpected{key_token.error()};
    if (json::kind_of(*key_token) != json::Kind::string)
      return not_an_export("a key is missing here");
    const std::string key = json::text_of(*key_token);
    if (auto colon = expect(':'); !colon) return colon;
    if (key == "events") {
      if (session_.id.empty() || !known)
        return not_an_export("schema and session have to stand before events");
      return expect('[');
    }
    const auto value = next_value();
    if (!value) return std::unexpected{value.error()};
    if (key == "schema") {
      known = json::kind_of(*value) == json::Kind::string &&
              json::text_of(*value) == formats::export_schema;
      if (!known) return not_an_export("its schema is not " + std::string{formats::export_schema});
    } else if (key == "session") {
      if (auto taken = take_session(*value); !taken) return taken;
    } else {
      return not_an_export("unknown key " + in_quotes(key));
    }
    const auto next = peek();
    if (!next) return std::unexpected{next.error()};
    ++at_;
    if (*next == ',') continue;
    if (*next != '}' || session_.id.empty() || !known)
      return not_an_export("schema and session are missing");
    lines_ = true;
    return {};
  }
}

Result<void> ExportSource::end_of_document() {
  if (auto close = expect(']'); !close) return close;
  if (!array_)
    if (auto close = expect('}'); !close) return close;
  const auto rest = peek();
  if (!rest) return std::unexpected{rest.error()};
  if (*rest != '\0') return not_an_export("something follows the end");
  finished_ = true;
  return {};
}

Result<std::optional<std::string_view>> ExportSource::next_element() {
  const auto next = peek();
  if (!next) return std::unexpected{next.error()};
  if (*next == ']') {
    if (auto ended = end_of_document(); !ended) return std::unexpected{ended.error()};
    return std::nullopt;
  }
  if (!std::exchange(first_element_, false))
    if (auto comma = expect(','); !comma) return std::unexpected{comma.error()};
  if (const auto first = peek(); !first) return std::unexpected{first.error()};
  if (const auto line = element_on_a_line()) return line;
  const auto value = next_value();
  if (!value) return std::unexpected{value.error()};
  if (value->find('\n') == value->npos) return *value;
  // Indented by another tool; without that white space it is the stored line again, as a rule.
  laid_out_anew_ = true;
  compacted_ = json::compact(*value);
  return compacted_;
}

// Our own exports hold an event a line: its end need not be searched for in its JSON.
std::optional<std::string_view> ExportSource::element_on_a_line() {
  if (!event_a_line_) return std::nullopt;
  const std::size_t searched = std::max(no_newline_before_, dropped_bytes_ + at_) - dropped_bytes_;
  const std::size_t newline = buffer_.find('\n', searched);
  no_newline_before_ = dropped_bytes_ + std::min(newline, buffer_.size());
  if (newline == buffer_.npos) return std::nullopt;
  auto line = std::string_view{buffer_}.substr(at_, newline - at_);
  if (line.ends_with(',')) line.remove_suffix(1);
  // Where it is not so once, it is not tried again: a line may hold a million events.
  event_a_line_ = !json::check(line, json::rules_to_read);
  if (!event_a_line_) return std::nullopt;
  at_ += line.size();
  return line;
}

Result<std::optional<std::string_view>> ExportSource::next_of_lines() {
  while (true) {
    const std::size_t newline = buffer_.find('\n', at_);
    if (newline != buffer_.npos) {
      const auto line = std::string_view{buffer_}.substr(at_, newline - at_);
      at_ = newline + 1;
      // What is left of the first line.
      if (std::exchange(first_element_, false) && line.find_first_not_of(" \r\t") == line.npos)
        continue;
      return line;
    }
    if (buffer_.size() - at_ > line_bytes_max) return not_an_export("a line is over 64 MiB");
    const auto filled = fill();
    if (!filled) return std::unexpected{filled.error()};
    if (*filled) continue;
    finished_ = true;
    if (at_ == buffer_.size()) return std::nullopt;
    const auto line = std::string_view{buffer_}.substr(at_);
    at_ = buffer_.size();
    return line;
  }
}

Result<std::optional<std::string_view>> ExportSource::next_line() {
  if (finished_) return std::nullopt;
  return lines_ ? next_of_lines() : next_element();
}

}  // namespace agentstore::cmd
