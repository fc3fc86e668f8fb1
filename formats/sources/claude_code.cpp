// Claude Code: a line for every block of a message, with what the message has used on each of
// them; the results of tools as the user's lines. A sub-agent's lines name its parent's session.

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <string>
#include <utility>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/decimal.hpp"
#include "agentstore/json.hpp"
#include "formats/sources/claude_record.hpp"
#include "formats/sources/event_maker.hpp"
#include "formats/sources/usage.hpp"

namespace agentstore::formats {
namespace {

constexpr std::size_t held_records_max = 500;
constexpr std::size_t held_bytes_max = std::size_t{4} << 20;

constexpr std::string_view tool_use_result = "toolUseResult";

/// What a line of the user's begins with that the user did not write.
constexpr std::array command_marks = {
    std::string_view{"<command-name>"},         std::string_view{"<command-message>"},
    std::string_view{"<command-args>"},         std::string_view{"<local-command-stdout>"},
    std::string_view{"<local-command-stderr>"}, std::string_view{"<local-command-caveat>"},
    std::string_view{"<bash-input>"},           std::string_view{"<bash-stdout>"},
    std::string_view{"<bash-stderr>"},          std::string_view{"<task-notification>"},
    std::string_view{"[Request interrupted"},
};

std::string first_text(const json::Value& content) {
  if (json::kind_of(content) == json::Kind::string) return json::text_of(content);
  for (json::Walk block{content}; block.next();)
    if (auto text = json::find_text(block.value(), "text")) return *text;
  return {};
}

/// Why a content, whose first text is given, is no prompt; empty where it is one.
std::string_view not_a_prompt(const ClaudeRecord& record, std::string_view text) {
  if (record.compact_summary) return "compact_summary";
  if (record.meta) return "meta";
  const std::size_t start = std::min(text.find_first_not_of(" \n\r\t"), text.size());
  for (const std::string_view mark : command_marks)
    if (std::string_view{text}.substr(start).starts_with(mark)) return "command";
  return {};
}

/// A log holds numbers within a double's range; sums are exact.
bool is_cost(std::string_view number) {
  double about = 0;
  const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), about);
  return error == std::errc{} && Decimal::parse(number);
}

bool makes_a_plan(std::string_view tool) {
  return tool == "TodoWrite" || tool == "TaskCreate" || tool == "ExitPlanMode";
}

/// Finds by a view what is kept by its text.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

class ClaudeCode final : public Converter {
 public:
  explicit ClaudeCode(EventMaker& events) : events_{events} {}

  void take(const SourceRecord& source) override {
    ClaudeRecord record = read(source);
    if (started_) return convert(source, std::move(record));
    // What comes before the first line with a session and a time belongs to that session.
    const bool told = !record.session_id.empty() && record.at;
    if (!told && held_.size() < held_records_max && held_bytes_ < held_bytes_max) {
      held_.push_back({std::string{source.json}, source});
      held_.back().source.json = {};
      held_bytes_ += source.json.size();
      return;
    }
    start(record);
    convert(source, std::move(record));
  }

  void end() override {
    if (started_) return;
    // Lines about a session, which is not told yet: taken now, they would be taken once more.
    const auto waits = [](const Held& held) {
      const ClaudeRecord record = parsed(held);
      return !record.type.empty() && !record.has_message;
    };
    if (events_.keeps_all() || !std::ranges::all_of(held_, waits)) return start({});
    for (const Held& held : held_)
      count(events_.tally().left_out, std::string{parsed(held).type} + " (of no session yet)");
  }

 private:
  struct Held {
    std::string json;
    SourceRecord source;
  };
  struct Call {
    std::string tool;
    std::string event_id;
    Timestamp at;
  };
  using Calls = std::unordered_map<std::string, Call, TextHash, std::equal_to<>>;

  /// What no log may hold must not get into ids and labels either.
  static ClaudeRecord read(const SourceRecord& source) {
    return source.storable ? read_claude_record(source.json) : ClaudeRecord{};
  }

  /// With the source's views on what is held of it.
  static ClaudeRecord parsed(const Held& held) {
    SourceRecord source = held.source;
    source.json = held.json;
    return read(source);
  }

  void start(const ClaudeRecord& first) {
    started_ = true;
    current_ = key_of(first);
    session_of(first);
    if (first.at) events_.first_at(*first.at);
    for (Held& held : std::exchange(held_, {})) {
      held.source.json = held.json;
      convert(held.source, read(held.source));
    }
  }

  /// The session that a record is of: a sub-agent has one of its own.
  static std::string key_of(const ClaudeRecord& record) {
    if (!record.agent_id.empty())
      return joined({"agent-", record.agent_id, ".", record.session_id});
    return joined({record.sidechain ? "sidechain." : "", record.session_id});
  }

  std::size_t session_of(const ClaudeRecord& record) {
    const bool plain = record.agent_id.empty() && !record.sidechain;
    const bool same = record.session_id.empty() || (plain && record.session_id == current_);
    if (same && index_of_current_) return *index_of_current_;
    if (!record.session_id.empty()) current_ = key_of(record);
    const std::size_t before = events_.sessions().size();
    const std::size_t index = events_.session(current_);
    if (index == before) describe(events_.sessions()[index], record);
    index_of_current_ = index;
    return index;
  }

  static void describe(SourceSession& session, const ClaudeRecord& record) {
    session.labels = {{"source", "claude-code"}, {"agent_type", "claude-code"}};
    const auto label = [&](const char* key, std::string_view value) {
      if (!value.empty()) session.labels[key] = fit_label(value);
    };
    label("cwd", record.cwd);
    label("git_branch", record.branch);
    label("version", record.version);
    label("agent_id", record.agent_id);
    if (!record.forked_from.empty()) label("forked_from", fit_session_id(record.forked_from));
    if (!record.agent_id.empty() || record.sidechain)
      label("parent_session", fit_session_id(record.session_id));
  }

  void convert(const SourceRecord& source, ClaudeRecord record) {
    const std::size_t session = session_of(record);
    if (!events_.begin(source, session, record.uuid, record.at)) {
      if (!record.message.usage.empty()) note_duplicate(record);
      return;
    }
    if (!source.storable) return events_.emit_unknown("not storable");
    if (json::kind_of(source.json) != json::Kind::object) return events_.emit_unknown("no object");
    const std::string_view kind = record.kind();
    if (kind == "assistant" && record.has_message) assistant(record);
    else if (kind == "user" && !record.message.content.empty()) user(record);
    else if (kind == "system") system(source, record);
    else if (kind == "progress") progress(source, record);
    else if (kind == "file-history-snapshot") events_.leave_out(kind);
    else if (kind == "pr-link") events_.emit(state_updated, source.json);
    else if (kind == "summary" || kind == "queue-operation")
      events_.emit(custom_event, source.json, of_kind(record, kind));
    else events_.emit_unknown(kind.empty() ? "(no type)" : kind);
  }

  void note_duplicate(const ClaudeRecord& record) {
    const Usage told = read_claude_usage(record.message.usage);
    events_.tally().add_repeated(told.all_in(), told.out);
  }

  static EventMetadata of_kind(const ClaudeRecord& record, std::string_view kind) {
    EventMetadata metadata = of(record);
    metadata.add_extra("record_type", std::string{kind});
    return metadata;
  }

  static EventMetadata of(const ClaudeRecord& record) {
    EventMetadata metadata;
    metadata.worker_id = record.agent_id;
    if (!record.forked_from.empty()) metadata.add_extra("forked_from", record.forked_from);
    return metadata;
  }

  void user(ClaudeRecord& record) {
    const auto blocks = read_claude_blocks(record.message.content, record.texts);
    const auto results = std::ranges::count(blocks, "tool_result", &ClaudeBlock::type);
    std::string others;
    for (const ClaudeBlock& block : blocks) {
      if (block.type == "tool_result") tool_result_of(record, block, results == 1);
      else if (results > 0) (others += others.empty() ? "" : ",") += block.json;
    }
    if (results == 0) return said(record, record.message.content);
    if (others.empty()) return;
    const std::string array = "[" + others + "]";
    said(record, array);
  }

  void said(const ClaudeRecord& record, const json::Value& content) {
    const std::string text = first_text(content);
    const std::string_view why = not_a_prompt(record, text);
    const std::string_view type = why.empty() ? user_message : custom_event;
    if (why.empty()) {
      events_.title_session(text);
      responses_.prompt(index_of_current_.value_or(0));
    }
    events_.emit(type, {"{\"content\":", content, "}"},
                 why.empty() ? of(record) : of_kind(record, why));
  }

  void tool_result_of(const ClaudeRecord& record, const ClaudeBlock& block, bool only) {
    EventMetadata metadata = of(record);
    const json::Value result_json = only ? record.tool_use_result : json::Value{};
    const ClaudeToolResult result = read_claude_tool_result(result_json);
    if (const auto call = calls_.find(block.id); call != calls_.end()) {
      metadata.tool_name = call->second.tool;
      metadata.causation_id = call->second.event_id;
      if (record.at) metadata.duration_ms = milliseconds_between(call->second.at, *record.at);
      if (metadata.duration_ms < 0) metadata.duration_ms.reset();
      calls_.erase(call);
    }
    if (result.duration_ms) metadata.duration_ms = result.duration_ms;
    metadata.add_extra("tool_use_id", block.id);
    if (block.error) metadata.add_extra("is_error", "true");
    add_sub_agent(metadata, result);
    // The record has the tool's own result beside the block, which has what the model was shown.
    if (result_json.empty() || json::find(block.json, tool_use_result))
      return events_.emit_result({block.json}, block.json, std::move(metadata));
    const std::string_view members = block.json.substr(0, block.json.rfind('}'));
    events_.emit_result({members, json::Walk{block.json}.next() ? "," : "", "\"", tool_use_result,
                         "\":", result_json, "}"},
                        block.json, std::move(metadata));
  }

  /// What the result of a sub-agent's call says that it used, for where nothing better is known.
  static void add_sub_agent(EventMetadata& metadata, const ClaudeToolResult& result) {
    if (result.agent_id.empty() || result.usage.empty()) return;
    const Usage used = read_claude_usage(result.usage);
    metadata.add_extra("sub_agent", result.agent_id);
    metadata.add_extra("sub_agent_tokens_in", std::to_string(used.all_in()));
    metadata.add_extra("sub_agent_tokens_out", std::to_string(used.out));
    metadata.add_extra(unread_member, unread_in_claude_usage(result.usage));
  }

  void assistant(ClaudeRecord& record) {
    if (record.api_error) return error(record);
    EventMetadata metadata = response_metadata(record);
    const json::Kind kind = json::kind_of(record.message.content);
    if (!record.message.content.empty() && kind != json::Kind::array && kind != json::Kind::null)
      return (void)events_.emit(llm_response, {"{\"content\":", record.message.content, "}"},
                                std::move(metadata));
    const auto blocks = read_claude_blocks(record.message.content, record.texts);
    const bool speaks = std::ranges::any_of(
        blocks, [](const ClaudeBlock& block) { return block.type != "tool_use"; });
    // Figures that repeat others stay with the call that repeats them.
    const bool apart = !speaks && (told_.first || told_.grew || blocks.empty());
    if (apart) respond_nothing(record, std::exchange(metadata, response_basics(record)));
    for (const ClaudeBlock& block : blocks) {
      if (block.type == "tool_use")
        tool_use(record, block,
                 speaks || apart ? EventMetadata{} : std::exchange(metadata, EventMetadata{}));
      else respond_block(block.json, std::exchange(metadata, response_basics(record)));
    }
  }

  void respond_block(std::string_view block, EventMetadata metadata) {
    events_.emit(llm_response, {"{\"content\":[", block, "]}"}, std::move(metadata));
  }

  /// A message without a word, whose usage would be lost.
  void respond_nothing(const ClaudeRecord& record, EventMetadata metadata) {
    const std::string_view usage = record.message.usage;
    events_.emit_beside("usage", llm_response,
                        {"{\"content\":[]", usage.empty() ? "" : ",\"usage\":", usage, "}"},
                        std::move(metadata));
  }

  static EventMetadata response_basics(const ClaudeRecord& record) {
    EventMetadata metadata = of(record);
    metadata.model = record.message.model;
    metadata.add_extra("message_id", record.message.id);
    return metadata;
  }

  EventMetadata response_metadata(const ClaudeRecord& record) {
    const ClaudeMessage& message = record.message;
    EventMetadata metadata = response_basics(record);
    metadata.add_extra("request_id", record.request_id);
    metadata.add_extra("stop_reason", message.stop_reason);
    const Usage told = read_claude_usage(message.usage);
    told_ = responses_.take({.session = index_of_current_.value_or(0),
                             .message_id = message.id,
                             .request_id = record.request_id,
                             .uuid = record.uuid,
                             .time = record.time},
                            told, events_.tally());
    metadata.add_extra("response", told_.identity);
    add_usage(metadata, told);
    add_cost(metadata, record.cost_usd);
    add_unread(metadata, record);
    return metadata;
  }

  /// What the sums will lack.
  static void add_unread(EventMetadata& metadata, const ClaudeRecord& record) {
    std::string why = unread_in_claude_usage(record.message.usage);
    const std::string_view cost =
        record.unread_cost.empty() && !record.cost_usd.empty() && !is_cost(record.cost_usd)
            ? record.cost_usd
            : record.unread_cost;
    if (why.empty() && !cost.empty()) why = unread_figure("costUSD", cost);
    metadata.add_extra(unread_member, std::move(why));
  }

  /// One that no log or no sum could hold is kept as text.
  static void add_cost(EventMetadata& metadata, std::string_view cost_usd) {
    if (cost_usd.empty() || is_cost(cost_usd)) metadata.cost_usd = cost_usd;
    else metadata.add_extra("cost_usd", std::string{cost_usd});
  }

  static void add_usage(EventMetadata& metadata, const Usage& usage) {
    const auto unless_zero = [](std::int64_t number) {
      return number == 0 ? std::nullopt : std::optional{number};
    };
    metadata.tokens_in = unless_zero(usage.all_in());
    metadata.tokens_out = unless_zero(usage.out);
    metadata.tokens_cache_read = unless_zero(usage.cache_read);
    metadata.tokens_cache_write = unless_zero(usage.cache_write);
    metadata.tokens_cache_write_1h = unless_zero(usage.cache_write_1h);
  }

  /// `metadata`: the response's, or empty.
  void tool_use(const ClaudeRecord& record, const ClaudeBlock& block, EventMetadata metadata) {
    if (metadata.extra.empty()) {
      metadata = of(record);
      metadata.add_extra("message_id", record.message.id);
    }
    metadata.tool_name = block.name;
    metadata.add_extra("tool_use_id", block.id);
    std::string event_id = events_.emit(tool_called, block.json, std::move(metadata));
    if (makes_a_plan(block.name)) {
      EventMetadata plan = of(record);
      plan.tool_name = block.name;
      plan.causation_id = event_id;
      events_.emit(plan_created, block.input.empty() ? "{}" : std::string_view{block.input},
                   std::move(plan));
    }
    calls_[std::string{block.id}] = {std::string{block.name}, std::move(event_id), events_.at()};
  }

  void error(const ClaudeRecord& record) {
    EventMetadata metadata = of(record);
    metadata.model = record.message.model;
    const std::string_view content = record.message.content;
    events_.emit(error_event, {"{\"content\":", content.empty() ? "null" : content, "}"},
                 std::move(metadata));
  }

  void system(const SourceRecord& source, const ClaudeRecord& record) {
    EventMetadata metadata = of_kind(record, joined({"system/", record.subtype}));
    metadata.duration_ms = record.duration_ms;
    const std::string_view kind = record.subtype;
    const std::string_view payload = source.json;
    if (kind == "api_error") events_.emit(error_event, payload, std::move(metadata));
    else if (kind == "turn_duration" || kind.ends_with("compact_boundary"))
      events_.emit(state_updated, payload, std::move(metadata));
    else if (kind == "stop_hook_summary" || kind == "local_command")
      events_.emit(custom_event, payload, std::move(metadata));
    else events_.emit_unknown(joined({"system/", kind}));
  }

  /// A sub-agent's own transcript may be missing: what its progress tells is kept.
  void progress(const SourceRecord& source, const ClaudeRecord& record) {
    const std::string kind = "progress/" + json::find_text(record.data, "type").value_or("");
    const auto nested = json::find(record.data, "message");
    if (kind == "progress/hook_progress")
      events_.emit(custom_event, source.json, of_kind(record, kind));
    else if (kind == "progress/agent_progress" && nested) agent_progress(record, *nested, kind);
    else events_.leave_out(kind);
  }

  void agent_progress(const ClaudeRecord& record, const json::Value& nested,
                      const std::string& kind) {
    ClaudeRecord told = read_claude_record(nested);
    told.agent_id = told.texts.view(json::find(record.data, "agentId").value_or("null"));
    EventMetadata metadata = told.message.usage.empty() ? of(told) : response_metadata(told);
    metadata.add_extra("record_type", kind);
    metadata.add_extra("sub_agent", told.agent_id);
    events_.emit(custom_event, nested, std::move(metadata));
  }

  EventMaker& events_;
  bool started_ = false;
  std::vector<Held> held_;
  std::size_t held_bytes_ = 0;
  std::string current_;  // the session of records that name none
  std::optional<std::size_t> index_of_current_;
  ResponseIds responses_;
  ToldResponse told_;  // by the record
  Calls calls_;
};

std::unique_ptr<Converter> make_claude_code(EventMaker& events) {
  return std::make_unique<ClaudeCode>(events);
}

}  // namespace

const Source claude_code_source{
    .name = "claude-code",
    .title = "Claude Code transcript",
    .recognises = is_claude_record,
    .make = make_claude_code,
};

}  // namespace agentstore::formats
