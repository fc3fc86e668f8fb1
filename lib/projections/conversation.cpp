// The projection `conversation`: who said what, which tools were called, what was redacted.
// Its state grows with the log.

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/json.hpp"
#include "projections/built_in.hpp"
#include "projections/notes.hpp"
#include "projections/said.hpp"
#include "projections/state_text.hpp"

namespace agentstore {
namespace {

/// Who speaks in an event of that type, unless its payload has a role; empty: nobody.
std::string_view speaker_of(std::string_view type) {
  if (type == user_message || type == "user.utterance.v1") return "user";
  if (type == llm_response) return "assistant";
  if (type == "agent.utterance.v1") return "agent";
  return {};
}

class ConversationProjection : public Projection {
 public:
  std::string_view name() const override { return "conversation"; }
  int version() const override { return 1; }
  bool looks_at_lines() const override { return false; }

  Result<void> apply(const EventView& event) override {
    if (const std::string_view speaker = speaker_of(event.type); !speaker.empty()) {
      add_words(event, speaker);
    } else if (kind_of_type(event.type) == EventKind::call) {
      add_call(event);
    } else if (kind_of_type(event.type) == EventKind::redaction) {
      add(redactions_, R"({"seq":)" + std::to_string(event.sequence_number) + R"(,"payload":)" +
                           std::string{event.payload} + '}');
    }
    return {};
  }

  std::string to_json() const override {
    return R"({"transcript":[)" + transcript_ + R"(],"tool_calls":[)" + tool_calls_ +
           R"(],"redactions":[)" + redactions_ + "]}";
  }

  Result<void> from_json(std::string_view state) override {
    ConversationProjection read;
    if (!read_list(state, "transcript", read.transcript_) ||
        !read_list(state, "tool_calls", read.tool_calls_) ||
        !read_list(state, "redactions", read.redactions_)) {
      return fail(Code::corrupt, "this is not a state of the projection conversation");
    }
    *this = std::move(read);
    return {};
  }

  std::span<const FoldNote> notes() const override { return notes_.all(); }

 private:
  static void add(std::string& list, const std::string& element) {
    if (!list.empty()) list += ',';
    list += element;
  }

  static bool read_list(std::string_view state, std::string_view key, std::string& into) {
    const auto value = json::find(state, key);
    if (!value || json::kind_of(*value) != json::Kind::array) return false;
    for (json::Walk walk{*value}; walk.next();) add(into, std::string{walk.value()});
    return true;
  }

  void add_words(const EventView& event, std::string_view speaker) {
    const bool redacted = event.redacted_by != 0;
    if (redacted) notes_.incomplete(event, "what was said is missing");
    const std::string role = json::find_text(event.payload, "role").value_or(std::string{speaker});
    add(transcript_, R"({"role":)" + json::quote(role) + R"(,"text":)" +
                         (redacted ? "null" : json::quote(words_of(event.payload))) + R"(,"seq":)" +
                         std::to_string(event.sequence_number) + '}');
  }

  void add_call(const EventView& event) {
    if (event.redacted_by != 0) notes_.incomplete(event, "the arguments of the call are missing");
    const auto arguments = first_member(
        event.payload, {"args", "arguments", "input", "parameters", "params", "tool_input"});
    add(tool_calls_, R"({"tool":)" + text_or_null(tool_name_of(event)) + R"(,"arguments":)" +
                         std::string{arguments.value_or("null")} + R"(,"seq":)" +
                         std::to_string(event.sequence_number) + '}');
  }

  // JSON, with commas between the elements.
  std::string transcript_;
  std::string tool_calls_;
  std::string redactions_;
  Notes notes_;
};

}  // namespace

std::unique_ptr<Projection> make_conversation_projection() {
  return std::make_unique<ConversationProjection>();
}

}  // namespace agentstore
