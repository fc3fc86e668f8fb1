// The printer: events, in the format that was asked for, as they come.

#pragma once

#include <map>
#include <optional>
#include <string>

#include "agentstore/stats.hpp"
#include "cmd/context.hpp"
#include "cmd/select.hpp"
#include "formats/export.hpp"
#include "formats/timeline.hpp"

namespace agentstore::cmd {

class Printer {
 public:
  enum class Format { timeline, json, jsonl, nothing };

  /// Events of `session`; absent: of all sessions, whose names are in `names`, by id.
  Printer(Context& context, Format format, std::optional<Chosen> session,
          std::map<std::string, std::string, std::less<>> names);

  void event(const EventView& event);
  /// Hands over what was printed so far; false where nobody takes more.
  bool flush() { return format_ == Format::nothing || context_.out.flush(); }
  void end();
  std::uint64_t events() const { return events_; }

 private:
  void begin(const EventView* first);
  std::string_view line_of(const EventView& event);

  Context& context_;
  Format format_;
  std::optional<Chosen> session_;
  formats::Timeline timeline_;
  formats::JsonArray array_;
  std::string upcast_line_;
  Totals totals_;
  std::uint64_t events_ = 0;
  bool begun_ = false;
  bool totals_failed_ = false;
};

}  // namespace agentstore::cmd
