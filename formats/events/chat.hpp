// A session as a chat: prompts and answers whole, wrapped to the screen, calls as one line each.
//
//   user  14:02:11  #971
//     now run the tests again
//
//   claude  14:02:19  #972
//     · Bash  mise run test  41.0 s  failed: exit 1
//     The import was missing. Tests pass now.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"
#include "agentstore/session.hpp"
#include "formats/events/call_pairs.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// What an event says in a chat. Untrusted text.
struct ChatItem {
  enum class Kind { said, call, error };
  Kind kind = Kind::said;
  std::uint64_t sequence_number = 0;
  Timestamp at;
  std::string speaker;  ///< "user", "claude", "gpt"; of a call that tells no model empty
  bool by_user = false;
  std::string text;  ///< of a call the line about it, without how it ended
  CallOutcome outcome;
};

/// Nothing where an event has no part in a chat. `agent`: what the agent of the session is called;
/// empty: as the model. `pairs` has seen all events.
std::optional<ChatItem> chat_item(const EventView& event, const CallPairs& pairs,
                                  std::string_view agent);

/// What people call the agent of a session with these labels: "claude", "codex"; empty: unknown.
std::string agent_of(const Labels& labels);

/// What a response's model is called: "claude" of claude-opus-4-5; empty: it tells none.
std::string agent_of(const EventView& response);

/// "Bash  mise run test", "Edit  cmd/root.go  +3 −1". Untrusted text, its first line.
std::string call_text(const EventView& call);
/// "  41.0 s  failed: exit 1"; untrusted; empty where nothing is known.
std::string outcome_text(const CallOutcome& outcome);

/// Writes items, in their order; says who speaks where that changes, and the day where it does.
class Chat {
 public:
  /// `agent`: who calls before anybody spoke.
  Chat(Sink& sink, Screen screen, std::string agent = {})
      : sink_{sink}, screen_{std::move(screen)}, agent_{std::move(agent)} {}
  void add(ChatItem item);

 private:
  void add_day(const ChatItem& item);
  void add_head(const ChatItem& item);
  void add_call(const ChatItem& item);
  /// Cut to the screen, beside what takes so many columns of it.
  std::string fitting(std::string_view printable_text, std::size_t beside_columns) const;

  Sink& sink_;
  Screen screen_;
  std::string day_;
  std::string speaker_;
  std::string agent_;  // who spoke last and is no user
  bool after_call_ = false;
  bool begun_ = false;
};

}  // namespace agentstore::formats
