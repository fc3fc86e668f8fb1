// Delivering the events of a feed: the cursor moves once the reader has them.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "agentstore/event.hpp"
#include "cmd/context.hpp"
#include "cmd/replay/feed_cursor.hpp"
#include "cmd/replay/printer.hpp"

namespace agentstore::cmd {

class FeedDelivery {
 public:
  /// `ack`: the reader says on standard input which events it has.
  FeedDelivery(Context& context, Printer& printer, FeedCursor& cursor, bool ack)
      : context_{context}, printer_{printer}, cursor_{cursor}, ack_{ack} {}

  /// The next event of its session, and its position where the store has some; `shown`: the reader
  /// is to get it.
  void event(const EventView& event, std::optional<std::int64_t> position, bool shown);
  /// Whether so much was given that it is time to commit.
  bool is_due() const;
  /// Hands over what was given, waits until the reader has taken it, and moves the cursor. False:
  /// it is time to end. Errors: those of the cursor; io (standard input).
  Result<bool> commit();

  /// Takes what came back, without waiting. Errors: likewise.
  Result<void> take_acks();
  /// Whether the reader still owes some, and may send them.
  bool awaits_acks() const { return ack_ && !closed_ && !pending_.empty(); }
  /// Whether standard input has ended, after which the cursor never moves.
  bool is_closed() const { return ack_ && closed_; }
  int input() const { return ack_ && !closed_ ? 0 : -1; }

 private:
  struct Given {
    std::string session_id;
    std::string event_id;
    FeedCursor::Place place;
    std::optional<std::int64_t> position;
  };

  bool is_taken() const;
  void move(const Given& given);
  void acknowledge(std::string_view word);

  Context& context_;
  Printer& printer_;
  FeedCursor& cursor_;
  const bool ack_;
  bool closed_ = false;
  std::size_t given_ = 0;                 // since the last commit
  std::map<std::string, Given> newest_;   // without acknowledgements: by session
  std::optional<std::int64_t> position_;  // likewise
  std::deque<Given> pending_;             // with: those that did not come back
  std::string input_;                     // a line that is not whole yet
};

}  // namespace agentstore::cmd
