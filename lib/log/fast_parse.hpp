// The fast parse of a line: what stands at known places before and behind its payload, in the two
// forms that programs write. What is between is not looked at. Any other line is for parse_line.
//
//   {"session_id":S,"sequence_number":N,"type":T,"timestamp":…,"metadata":…,"event_id":…
//     [,"batch":…],"payload":P,"salt":…,"prev":…,"hash":…}                     sealed by us
//   {"session_id":S,"sequence_number":N,"type":T,"payload":P,"timestamp":…,"metadata":…}
//                                                                              the Go library's

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"
#include "base/json_notes.hpp"
#include "base/recent_time.hpp"
#include "log/line.hpp"

namespace agentstore::log {

/// The two ends of a line; views into its text.
struct Ends {
  std::uint64_t sequence_number = 0;
  std::string_view type;
  // Hex, and empty where the line is not sealed:
  std::string_view prev;
  std::string_view hash;
  // Where more than the ends was seen:
  std::optional<Batch> batch;
  std::optional<Timestamp> recorded_at;
};

/// Used by one thread.
class FastParser {
 public:
  explicit FastParser(std::string_view session_id);

  /// Looks at the ends of a line of the session; false where it may be of another form.
  bool ends(std::string_view text, Ends& ends) const;
  /// Fills in the event of a line whose `ends` were seen; adds the write that it belongs to. The
  /// JSON of its payload is checked if `check_payload`, all else in any case. False where it may be
  /// of another form, or bad, or has double keys in its metadata.
  /// Notes of what is checked live until `forget`.
  bool event(std::string_view text, bool check_payload, Ends& ends, EventView& event);
  void forget() { notes_.clear(); }
  /// Takes a line apart as parse_line does; false where it is for that.
  bool line(std::string_view text, Line& line);

 private:
  bool read_sealed(const char* at, std::string_view text, Ends& ends, EventView& event);
  bool read_go(const char* at, std::string_view text, bool check_payload, EventView& event);
  bool read_go_tail(const char* at, const char* end, EventView& event);
  bool check_of(json::Value& payload, std::string_view line);
  bool has_stored_envelope(std::string_view text, const EventView& event) const;

  std::string session_id_;
  bool may_be_sealed_;  // whether sealed lines of a session of this id are good
  std::string head_;    // up to the sequence number
  RecentTime happened_;
  RecentTime recorded_;
  json::Notes notes_;
};

/// As parse_line, for a line that is mostly of the session.
std::optional<LineError> take_apart(std::string_view text, FastParser& fast_parse, Arena& arena,
                                    Line& line);

/// The links of a sealed line that parse_line took.
void read_links(std::string_view text, Ends& ends);

}  // namespace agentstore::log
