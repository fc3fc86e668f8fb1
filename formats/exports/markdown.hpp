// A session as Markdown, for an issue or a wiki: the conversation whole, calls folded, failures
// named, what it cost. Nothing in it that a log says can run, link, mention or hide: text is
// escaped, blocks of it stand in fences that are longer than any in them.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/stats.hpp"
#include "agentstore/event.hpp"
#include "agentstore/session.hpp"
#include "formats/events/call_pairs.hpp"
#include "formats/events/chat.hpp"
#include "formats/text/clock.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

struct MarkdownOptions {
  Clock clock = {};
  std::string agent = {};  ///< what the agent is called; empty: as the model
  /// What is done to each text of the log before it is written; null: nothing.
  std::function<std::string(std::string_view)> mask = nullptr;
};

/// Begin, give it every event in order, end.
class Markdown {
 public:
  /// `pairs` has seen all events, and has to outlive it.
  Markdown(Sink& sink, const CallPairs& pairs, MarkdownOptions options);

  void begin(const Session& session, const std::string& title);
  void event(const EventView& event);
  /// `masked`: what was masked, for people; empty: nothing is said of it.
  void end(const Totals& totals, const std::string& masked);

 private:
  std::string masked(std::string_view text) const;
  void speak(const EventView& event, const ChatItem& item);
  void call(const EventView& event, const ChatItem& item);
  void result(const EventView& event);
  void open_fold(std::uint64_t call, const std::string& summary);
  void close_fold();

  Sink& sink_;
  const CallPairs& pairs_;
  const MarkdownOptions options_;
  std::string speaker_;
  std::uint64_t open_call_ = 0;  // whose fold is open; 0: none is
  std::vector<std::string> failures_;
  std::uint64_t failed_ = 0;
  std::uint64_t left_out_ = 0;  // events that are no part of a conversation
};

/// A text of many lines in which no character means anything in Markdown or HTML.
std::string markdown_text(std::string_view text);
/// The same of a printable text on one line, which may be a table's cell.
std::string markdown_line(std::string_view printable_text);
/// A text as a block of code, in a fence of its own; `language` is of our own words.
std::string markdown_code(std::string_view text, std::string_view language = {});

}  // namespace agentstore::formats
