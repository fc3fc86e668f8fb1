// What Codex tells of tokens: token_count records count up over the whole session, again and again;
// token_usage_record tells each response by its id, and is right where both are there.

#pragma once

#include <optional>
#include <string>
#include <unordered_set>

#include "formats/sources/codex_record.hpp"
#include "formats/sources/event_maker.hpp"

namespace agentstore::formats {

class CodexTokens {
 public:
  explicit CodexTokens(EventMaker& events) : events_{events} {}

  /// What the turns that follow say of themselves.
  void turn(std::string model, std::string service_tier);
  const std::string& model() const { return model_; }

  /// An event_msg `token_count`. `copied`: of the history that this session was forked from.
  void count(const CodexRecord& record, bool copied);
  /// A token_usage_record.
  void usage_record(const CodexRecord& record, bool copied);
  /// A `compacted` record may hold the token_usage_record of the response that compacted.
  void compacted(const CodexRecord& record, bool copied);

  /// Whether a record tells of tokens, and the model of the next turn is needed for its price.
  bool needs_model(const CodexRecord& record) const;

 private:
  bool told_by_count(const json::Value& record, const CodexUsage& used,
                     std::optional<Timestamp> at) const;
  bool tell(const json::Value& record, std::optional<Timestamp> at, bool copied, bool beside);
  EventMetadata metadata_of(const CodexUsage& used, std::string model) const;
  void note_repeated(const CodexUsage& used);

  EventMaker& events_;
  std::string model_;
  std::string service_tier_;
  CodexUsage counted_;                   // by token_count, so far
  std::optional<CodexUsage> last_used_;  // by the last token_count that counted
  std::optional<Timestamp> last_at_;
  bool by_response_ = false;  // a token_usage_record was there
  std::unordered_set<std::string> responses_;
};

}  // namespace agentstore::formats
