// Contexts: the messages that a model had seen when it answered, and the tokens of each, as far as
// the log tells.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/event.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// A message of a context. Untrusted text.
struct ContextMessage {
  std::uint64_t sequence_number = 0;
  std::string role;  ///< "system", "user", "assistant", "tool"
  std::string tool;  ///< of a call or a result
  std::string text;
  std::optional<std::int64_t> tokens;
  bool derived = false;       ///< the tokens are the difference of two responses' prompts
  std::uint64_t part_of = 0;  ///< the message before it whose tokens count it, too; 0: none
};

/// Gathers the context at an event. Give it the events of a session in their order until it is
/// done. Memory grows with the context.
class ContextBuilder {
 public:
  explicit ContextBuilder(std::uint64_t at) : at_{at} {}

  /// Whether it wants to see more.
  bool take(const EventView& event);

  const std::vector<ContextMessage>& messages() const { return messages_; }
  std::uint64_t at() const { return at_; }
  /// The event from which on the conversation was in the context: what was before was summed up or
  /// cleared. 0: all of it was.
  std::uint64_t since() const { return since_; }
  /// Tokens of the whole, as a response says that was given it, and which.
  std::optional<std::int64_t> tokens() const { return tokens_; }
  std::uint64_t told_by() const { return told_by_; }
  /// Of the messages whose tokens are known.
  std::int64_t tokens_known() const;

 private:
  void begin_anew(const EventView& event);
  void take_message(const EventView& event);
  void take_request(const EventView& event);
  void take_output(const EventView& event);
  void take_usage(const EventView& event);
  void begin_response(std::string id);
  void add(const EventView& event, std::string role, std::string text);
  bool look_for_tokens(const EventView& event);

  const std::uint64_t at_;
  std::vector<ContextMessage> messages_;
  std::uint64_t since_ = 0;
  std::optional<std::int64_t> tokens_;
  std::uint64_t told_by_ = 0;
  // The response that goes on, and the prompt of the one before it.
  bool answered_ = false;  // what is at the event, as far as was seen after it
  bool in_response_ = false;
  bool usage_told_ = false;  // by a record of it
  std::string response_;
  std::size_t response_at_ = 0;  // of the messages, its first
  std::size_t waiting_at_ = 0;   // the first message after the response before
  std::optional<std::int64_t> prompt_;
  std::uint64_t prompt_told_by_ = 0;
  std::optional<std::int64_t> answer_;
};

/// A row a message, then the sum; whole texts where `whole`.
void write_context(Sink& sink, const ContextBuilder& context, const Screen& screen, bool whole);

/// agentstore/context/1, on one line.
void write_context_json(Sink& sink, const ContextBuilder& context, const std::string& session_id);

}  // namespace agentstore::formats
