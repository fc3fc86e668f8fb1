// Events as stored, in an envelope that a parser takes. The lines themselves are never changed.

#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"
#include "agentstore/session.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

inline constexpr std::string_view export_schema = "agentstore/export/1";

/// The line of an event that was upcast, without a newline and without a seal, which would not fit.
std::string line_of_upcast(const EventView& event);

/// What their lines take, each with a separator: room for them, where a long one must not have it
/// doubled.
std::size_t bytes_of_lines(std::span<const EventView> events);

/// A JSON array of lines, an element a line; `[]` without any. Streams.
class JsonArray {
 public:
  explicit JsonArray(Sink& sink) : sink_{sink} {}
  static constexpr std::string_view separator = ",\n";

  /// An event's stored line, without its newline.
  void add(std::string_view line);
  /// The next element is what is written to the sink after this.
  void add_written() { add({}); }
  /// Lines, each after a separator.
  void add_all(std::string_view lines);
  /// Closes the array, and the line.
  void end();

 private:
  Sink& sink_;
  bool empty_ = true;
};

/// agentstore/export/1: {"schema","session":{…},"events":[…]}. Streams.
class JsonExport {
 public:
  JsonExport(Sink& sink, const Session& session);
  /// As JsonArray::add_all.
  void add_all(std::string_view lines) { events_.add_all(lines); }
  void end();

 private:
  Sink& sink_;
  JsonArray events_;
};

/// The first line of an export as JSON lines, {"schema","session"}; the stored lines follow it.
void write_export_head(Sink& sink, const Session& session);

}  // namespace agentstore::formats
