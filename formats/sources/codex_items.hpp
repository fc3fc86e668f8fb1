// What was said and done in a Codex session. It stands there up to three times: as an item of the
// response, as a message for the screen, and as a completed item of the paginated history; one of
// them is the event.

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "formats/sources/codex_record.hpp"
#include "formats/sources/event_maker.hpp"

namespace agentstore::formats {

/// What is told in two groups of records: whichever comes second is the repetition.
class Echo {
 public:
  bool repeats(std::string_view text, bool of_screen) {
    std::int64_t& balance = unmatched_[std::hash<std::string_view>{}(text)];
    const bool repeated = of_screen ? balance > 0 : balance < 0;
    balance += of_screen ? -1 : 1;
    return repeated;
  }

 private:
  std::unordered_map<std::size_t, std::int64_t> unmatched_;
};

class CodexItems {
 public:
  explicit CodexItems(EventMaker& events) : events_{events} {}

  void model(std::string model) { model_ = std::move(model); }
  /// A response_item.
  void item(const CodexRecord& record);
  /// An event_msg that tells what was said or called. False: it tells something else.
  bool message(const CodexRecord& record);
  /// An event_msg `item_completed`.
  void completed(const CodexRecord& record);

 private:
  struct Call {
    std::string tool;
    std::string event_id;
    Timestamp at;
  };

  EventMetadata by_model() const;
  void said(const CodexRecord& record);
  void prompt(const CodexRecord& record, const std::string& payload, std::string_view text,
              bool of_screen);
  void answer(const std::string& payload, std::string_view text, std::string_view what);
  void call(const CodexRecord& record);
  void plan(const CodexRecord& record, const std::string& event_id);
  void output(const CodexRecord& record);
  void reasoning(const CodexRecord& record);
  void done(const json::Value& item, std::string_view type);

  EventMaker& events_;
  std::string model_;
  Echo prompts_;
  Echo answers_;
  Echo searches_;
  Echo thoughts_;
  std::unordered_map<std::string, Call> calls_;
};

}  // namespace agentstore::formats
