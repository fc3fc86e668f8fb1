// Salvage: what can be read of a damaged log, and the new log that is made of it. Two events that
// the Go library glued into a line are split. Reads a source, makes text; no files.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "agentstore/result.hpp"
#include "agentstore/timestamp.hpp"
#include "agentstore/verification.hpp"
#include "log/redaction.hpp"
#include "log/scan.hpp"
#include "log/source.hpp"
#include "log/split.hpp"

namespace agentstore::log {

/// Gives every event that can be read of a log, in its order, and every piece that no event can be
/// made of.
class Salvager {
 public:
  /// `fits`: the line has the seal that it says, or none. The line lives as long as the call.
  using UseEvent = std::function<Result<void>(const Line&, bool fits)>;
  using LeaveOut = std::function<void(Finding, std::uint64_t bytes)>;

  /// `source` outlives it.
  Salvager(ByteSource& source, std::string session_id)
      : source_(source), session_id_(std::move(session_id)) {}

  /// To be called once. Errors: io; those of `use`.
  Result<void> run(const UseEvent& use, const LeaveOut& leave_out);

 private:
  Result<void> take(const RawLine& found, std::uint64_t number, const UseEvent& use,
                    const LeaveOut& leave_out);
  Result<std::size_t> event_from(const RawLine& raw, const std::vector<std::size_t>& starts,
                                 std::size_t from, const UseEvent& use);
  bool is_new(const Line& line);
  void report_gap(const RawLine& raw, std::uint64_t number, std::size_t from, std::size_t to,
                  const LeaveOut& leave_out) const;

  ByteSource& source_;
  std::string session_id_;
  std::unordered_set<std::string> hashes_;
};

/// The lines of the new log: every event is shown to `number` first, then to `write`. Redactions
/// name events by number: both ends of each get their new one.
class SalvagedLog {
 public:
  /// `unfinished`: redactions whose events still hold their payloads, and lose them here.
  SalvagedLog(std::string session_id, Redactions unfinished)
      : session_id_(std::move(session_id)), unfinished_(std::move(unfinished)) {}

  /// Notes which numbers the redacted events and their explanations will have.
  void number(const Line& line, bool fits);
  std::uint64_t count() const { return count_; }
  /// Of them, those whose seal does not fit.
  std::uint64_t unfit() const { return unfit_; }

  /// Where the lines go on: after the event that says that the log was salvaged.
  void start_at(const Position& position) { at_ = position; }
  /// Adds the next line to `out`.
  void write(const Line& line, bool fits, std::string& out, Timestamp now);

 private:
  std::string id_of(const EventView& event, Timestamp now);
  void renumber(const Line& line, std::string& payload) const;

  std::string session_id_;
  Redactions unfinished_;
  Position at_;
  std::uint64_t count_ = 0;
  std::uint64_t unfit_ = 0;
  std::map<std::uint64_t, std::uint64_t> new_numbers_;
  std::unordered_set<std::string> ids_;
};

}  // namespace agentstore::log
