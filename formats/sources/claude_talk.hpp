// Claude's messages, turned into events: prompts, responses, calls of tools and their results. The
// same for a transcript and for the stream of a headless run.

#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "formats/sources/claude_record.hpp"
#include "formats/sources/event_maker.hpp"
#include "formats/sources/usage.hpp"

namespace agentstore::formats {

/// What becomes of the usage that a message tells.
enum class ClaudeFigures {
  counted,
  /// The figures of a stream stop at a message's first token: they are kept in `extra` as
  /// placeholder_tokens_in and placeholder_tokens_out, and nothing counts them.
  placeholders,
};

/// Makes events of the records that `events` was last told to begin with.
class ClaudeTalk {
 public:
  /// `events` outlives it.
  explicit ClaudeTalk(EventMaker& events, ClaudeFigures figures = ClaudeFigures::counted)
      : events_{events}, figures_{figures} {}

  /// The records that follow are of that session of the file's.
  void in_session(std::size_t session) { session_ = session; }

  void user(ClaudeRecord& record);
  void assistant(ClaudeRecord& record);
  /// What a user's record says: a prompt, or what another program wrote in the user's name.
  void said(const ClaudeRecord& record, const json::Value& content);
  /// The words of a prompt that is no message of its own; `content` is a text or an array of
  /// blocks.
  void prompt(const ClaudeRecord& record, const json::Value& content);

  /// Of an event that tells what a response used.
  EventMetadata response_metadata(const ClaudeRecord& record);
  /// Counts the usage of a record that the file holds twice.
  void note_duplicate(const ClaudeRecord& record);

  /// What every event of a record carries.
  static EventMetadata of(const ClaudeRecord& record);
  static EventMetadata of_kind(const ClaudeRecord& record, std::string_view kind);

  /// What it knows after a record, for who reads the transcript on later.
  void list_state(auto& way) {
    responses_.list_state(way);
    way.fields(session_, told_extras_, calls_);
  }

 private:
  struct Call {
    std::string tool;
    std::string event_id;
    Timestamp at;
    friend void list_fields(auto& way, Any<Call> auto& call) {
      way.fields(call.tool, call.event_id, call.at);
    }
  };
  /// Finds by a view what is kept by its text.
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  void blocks_of(ClaudeRecord& record);
  void respond_block(std::string_view block, EventMetadata metadata);
  void respond_nothing(const ClaudeRecord& record, EventMetadata metadata);
  void extra_responses(const ClaudeRecord& record);
  void tool_use(const ClaudeRecord& record, const ClaudeBlock& block, EventMetadata metadata);
  void tool_result_of(const ClaudeRecord& record, const ClaudeBlock& block, bool only);
  /// `metadata`: the response's, or empty.
  void server_result(const ClaudeRecord& record, const ClaudeBlock& block, EventMetadata metadata);
  void answer_call(const ClaudeRecord& record, const ClaudeBlock& block, EventMetadata& metadata);
  void error(const ClaudeRecord& record);

  EventMaker& events_;
  ClaudeFigures figures_;
  std::size_t session_ = 0;
  ResponseIds responses_;
  Tally placeholders_;                           // what would be counted of them
  ToldResponse told_;                            // by the record
  std::unordered_set<std::string> told_extras_;  // iterations that were told before
  std::unordered_map<std::string, Call, TextHash, std::equal_to<>> calls_;
};

}  // namespace agentstore::formats
