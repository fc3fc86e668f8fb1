// What of an event counts when it is compared with one of another run.
//
// Ids that were generated and times differ from run to run, and say nothing. By name they go only
// outside of a tool's arguments, which are the caller's own words; by form (UUIDs and the like)
// everywhere. Pointers lead into the event: /payload/… and /metadata/….

#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/result.hpp"
#include "replay/align.hpp"

namespace agentstore {

/// In how much two events may be alike.
struct Fingerprints {
  Fingerprint whole{};  ///< type, payload, model, tool
  Fingerprint call{};   ///< of a tool's event: type, tool, arguments; of others as `whole`
  Fingerprint kind{};   ///< type, tool
};

class Comparable {
 public:
  /// `ignored` are pointers into events or payloads. Errors: invalid, naming the pointer.
  static Result<Comparable> make(const std::vector<std::string>& ignored);

  Fingerprints fingerprints(const EventView& event) const;

  /// Whether the member at `pointer`, in an event or in a state, counts.
  bool counts(std::string_view pointer) const;

  /// A value as it is compared: members that count, in the order of their names; numbers by their
  /// value; generated ids all alike.
  std::string normal(std::string_view value, std::string pointer) const;

 private:
  class Out;
  class TextOut;
  class HashOut;
  void append(Out& out, std::string_view value, std::string& pointer, int depth) const;
  static void append_string(Out& out, std::string_view token);
  void append_object(Out& out, std::string_view object, std::string& pointer, int depth) const;

  std::set<std::string, std::less<>> ignored_;
};

/// The tool that an event is of; empty where it is of none.
std::string tool_of(const EventView& event);
/// A tool's arguments, and where they stand.
struct Arguments {
  std::string pointer;
  std::string_view value;
};
/// Those in the payload of its call.
std::optional<Arguments> arguments_of(std::string_view payload);

}  // namespace agentstore
