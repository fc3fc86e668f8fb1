// Where: events by what an expression says of their fields.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/analysis/expression.hpp"
#include "agentstore/event.hpp"
#include "cmd/context.hpp"

namespace agentstore::cmd {

/// What a name stands for in an event, as JSON text: an envelope's member (`seq`), a part (`text`:
/// see event_parts.hpp), `payload_…`, `metadata_…`, `tool_args_…`, or a member of the metadata.
/// Nothing where it has none.
std::optional<std::string> event_field(const EventView& event, std::string_view name);

/// Whether a field of that name is found in payloads, which may be redacted.
bool reads_payload(std::string_view name);
/// "did you mean NEAR?"; empty where nothing that people ask of events is near. Where the name is a
/// text in double quotes in `expression`: that texts stand in single ones.
std::string nearest_field(const std::string& name, std::string_view expression = {});

/// An expression over the fields of events, and which of its names were met.
struct EventQuestion {
  Expression expression;
  const char* flag;  ///< for messages
  std::vector<bool> met = {};
  bool reads_payloads = false;

  /// Errors: as Expression::parse.
  static Result<EventQuestion> parse(const std::string& text, const char* flag);

  /// Errors: as Expression::is_true.
  Result<bool> is_true_of(const EventView& event);
  /// The names that no event had.
  std::vector<std::string> unmet() const;
};

/// The expressions of --where, and what they met. A copy shares both.
class Where {
 public:
  /// All of them have to be true. Errors: as Expression::parse.
  static Result<Where> parse(const std::vector<std::string>& texts);

  /// The predicate; null where there are no expressions.
  std::function<bool(const EventView&)> predicate() const;

  /// Events of tools with these names, which may be patterns; null where there are none.
  std::function<bool(const EventView&)> of_tools(const std::vector<std::string>& patterns);

  /// `predicate`, which looks into payloads, with an eye on the redacted ones that it turns down.
  std::function<bool(const EventView&)> minding_redacted(
      std::function<bool(const EventView&)> predicate);
  /// After the reading: events that were left out and whose payloads, had they not been redacted,
  /// might have let them pass.
  std::uint64_t redacted() const;

  /// After the reading: names and tools that no event had are told, and events that an expression
  /// could say nothing of; the exit status that these lead to, if `status` is fine.
  int tell(Context& context, int status) const;

 private:
  struct Asked;
  std::shared_ptr<Asked> asked_;
};

}  // namespace agentstore::cmd
