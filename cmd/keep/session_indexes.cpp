#include "cmd/keep/session_indexes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "agentstore/internal/foreign_json.hpp"
#include "agentstore/json.hpp"
#include "cmd/quoting.hpp"
#include "cmd/read_whole.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t index_bytes_max = std::size_t{1} << 30;

std::optional<Timestamp> from_milliseconds(const std::optional<std::int64_t>& at_ms) {
  if (!at_ms || *at_ms < 0) return std::nullopt;
  const Timestamp at{*at_ms / 1000, static_cast<std::int32_t>(*at_ms % 1000 * 1'000'000)};
  return is_writable(at) ? std::optional{at} : std::nullopt;
}

std::optional<Timestamp> from_seconds(const std::optional<std::int64_t>& at_s) {
  const Timestamp at{at_s.value_or(-1), 0};
  return at.seconds >= 0 && is_writable(at) ? std::optional{at} : std::nullopt;
}

std::optional<Timestamp> from_text(const std::optional<std::string>& text) {
  const auto at = text ? parse_rfc3339(*text) : Result<Timestamp>{fail(Code::invalid, "")};
  return at ? std::optional{*at} : std::nullopt;
}

/// An entry of an index.
struct Entry {
  std::string id;  ///< empty: it names none
  std::string title;
  bool names = false;  ///< the title is a name of the session, which the last one says
  std::string project;
  std::optional<Timestamp> at;
};

Entry prompt_of_claude(const json::Value& object) {
  return {.id = json::find_text(object, "sessionId").value_or(""),
          .title = json::find_text(object, "display").value_or(""),
          .names = false,
          .project = json::find_text(object, "project").value_or(""),
          .at = from_milliseconds(json::find_integer(object, "timestamp"))};
}

Entry session_of_claude(const json::Value& object) {
  std::string title = json::find_text(object, "summary").value_or("");
  const bool names = !title.empty();
  if (!names) title = json::find_text(object, "firstPrompt").value_or("");
  return {.id = json::find_text(object, "sessionId").value_or(""),
          .title = std::move(title),
          .names = names,
          .project = json::find_text(object, "projectPath").value_or(""),
          .at = from_text(json::find_text(object, "modified"))};
}

Entry prompt_of_codex(const json::Value& object) {
  return {.id = json::find_text(object, "session_id").value_or(""),
          .title = json::find_text(object, "text").value_or(""),
          .names = false,
          .project = {},
          .at = from_seconds(json::find_integer(object, "ts"))};
}

Entry session_of_codex(const json::Value& object) {
  return {.id = json::find_text(object, "id").value_or(""),
          .title = json::find_text(object, "thread_name").value_or(""),
          .names = true,
          .project = {},
          .at = from_text(json::find_text(object, "updated_at"))};
}

/// Reads the indexes of a tool's folder.
class Reader {
 public:
  using Read = Entry (*)(const json::Value& object);
  using Warn = std::function<void(const std::string&)>;

  Reader(std::string_view agent, SessionIndexes& into, const Warn& warn)
      : agent_{agent}, into_{into}, warn_{warn} {}

  /// An entry a line. The last line may be in the making.
  void read_lines(const std::string& path, Read read) {
    const auto text = text_of(path);
    if (!text) return;
    std::uint64_t broken = 0;
    std::string_view rest = *text;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      const bool ended = end < rest.size();
      const std::string_view line = json::trimmed(rest.substr(0, end));
      rest.remove_prefix(end + (ended ? 1 : 0));
      json::Value object;
      if (line.empty()) continue;
      if (!parser_.check(line, json::rules_to_read, object) && is_object(object))
        add(read(object), path);
      else if (ended) ++broken;
    }
    if (broken > 0)
      warn_(fmt::format("{} of {} cannot be read: not JSON; the others count",
                        broken == 1 ? "1 line" : std::to_string(broken) + " lines",
                        in_quotes(path)));
  }

  /// One document with a list of entries.
  void read_document(const std::string& path, Read read) {
    const auto text = text_of(path);
    if (!text) return;
    json::Value document;
    if (parser_.check(*text, json::rules_to_read, document) || !is_object(document))
      return warn_(in_quotes(path) + " cannot be read: it is not a JSON object");
    const auto entries = json::find(document, "entries");
    if (!entries || json::kind_of(*entries) != json::Kind::array) return;
    for (json::Walk walk{*entries}; walk.next();)
      if (is_object(walk.value())) add(read(walk.value()), path);
  }

 private:
  static bool is_object(const json::Value& value) {
    return json::kind_of(value) == json::Kind::object;
  }

  /// Nothing where there is none.
  std::optional<std::string> text_of(const std::string& path) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) return std::nullopt;
    auto text = read_whole_file(path, index_bytes_max);
    if (text) return std::move(*text);
    if (text.error().code != Code::not_found) warn_(text.error().message);
    return std::nullopt;
  }

  void add(Entry entry, const std::string& path) {
    if (entry.id.empty()) return (void)++into_.without_id;
    const auto [found, first] = into_.sessions.try_emplace(
        std::move(entry.id),
        NamedSession{.agent = agent_, .title = {}, .project = {}, .index = path});
    NamedSession& session = found->second;
    // A command such as /exit says less than a prompt.
    const bool says_more =
        session.title.empty() || (session.title.starts_with('/') && !entry.title.starts_with('/'));
    if (!entry.title.empty() && (entry.names || says_more)) session.title = std::move(entry.title);
    if (session.project.empty()) session.project = std::move(entry.project);
    if (entry.at && (!session.last_at || *session.last_at < *entry.at)) session.last_at = entry.at;
  }

  const std::string agent_;
  SessionIndexes& into_;
  const Warn& warn_;
  json::ForeignParser parser_;
};

/// The lists of the projects of a folder of Claude Code, in order of their names.
std::vector<std::string> project_lists(const std::string& home) {
  std::vector<std::string> lists;
  std::error_code error;
  std::filesystem::directory_iterator at{home + "/projects", error};
  for (; !error && at != std::filesystem::directory_iterator{}; at.increment(error))
    lists.push_back(at->path().string() + "/sessions-index.json");
  std::ranges::sort(lists);
  return lists;
}

}  // namespace

void read_indexes(const ToolHome& home, SessionIndexes& into,
                  const std::function<void(const std::string&)>& warn) {
  Reader reader{home.source->name, into, warn};
  const bool claude = home.source == &formats::claude_code_source;
  // Names before prompts, which say less of a session.
  if (claude)
    for (const std::string& list : project_lists(home.path))
      reader.read_document(list, session_of_claude);
  else reader.read_lines(home.path + "/session_index.jsonl", session_of_codex);
  reader.read_lines(home.path + "/history.jsonl", claude ? prompt_of_claude : prompt_of_codex);
}

}  // namespace agentstore::cmd
