// Kinds: one vocabulary over the types of events of all sources. What counts calls, errors or
// messages asks for a kind, so that it counts alike whatever an agent calls them.

#pragma once

#include <span>
#include <string_view>

namespace agentstore {

enum class EventKind {
  message,  ///< what a person said to the agent
  answer,   ///< what the agent said
  request,  ///< to a model
  call,     ///< of a tool
  result,   ///< of a tool
  plan,
  decision,
  error,
  state,  ///< of the agent, of its task or of its session
  redaction,
  entry,  ///< of the built-in ledger
  other,  ///< custom, and every type that is not in the table
};

/// A type of the table, and its kind.
struct KnownType {
  std::string_view type;
  EventKind kind = EventKind::other;
};

/// The table. Any log may come to have these types: that it has none of one is an answer, where of
/// another type it may be a slip.
std::span<const KnownType> known_types();

EventKind kind_of_type(std::string_view type);
/// Its word: "message".
std::string_view kind_name(EventKind kind);

}  // namespace agentstore
