// Reruns beside what was recorded: for people, machines, pages and CI.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/analysis/turn_difference.hpp"
#include "agentstore/analysis/turns.hpp"
#include "agentstore/session.hpp"
#include "formats/text/incomplete.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// How many turns each verdict has.
struct TurnCounts {
  std::array<std::uint64_t, turn_verdicts> by_verdict{};

  std::uint64_t& operator[](TurnVerdict verdict) {
    return by_verdict[static_cast<std::size_t>(verdict)];
  }
  std::uint64_t operator[](TurnVerdict verdict) const {
    return by_verdict[static_cast<std::size_t>(verdict)];
  }
  void add(const TurnCounts& other);
  std::uint64_t turns() const;
  /// Whether this is worse than another: more errors, then more changed calls, then more changes.
  bool is_worse(const TurnCounts& other) const;
};

/// What turns used; a sum with an unknown part is unknown. A turn that nobody answered has no
/// latency.
struct TurnFigures {
  std::int64_t tokens_in = 0;
  std::int64_t tokens_out = 0;
  std::optional<Decimal> cost_total_usd = Decimal{};
  std::optional<std::int64_t> latency_ms = std::nullopt;
  bool has_latency = false;  ///< if it is not known, too

  static TurnFigures of(const Turn& turn, std::optional<std::int64_t> latency_ms);
  void add(const TurnFigures& other);
};

/// A turn that was recorded, and its answer by the candidate.
struct RerunTurn {
  Turn recorded;
  Turn answer;
  TurnVerdict verdict = TurnVerdict::same;
  TurnFigures figures_recorded;
  TurnFigures figures_answer;
  CallDifference calls;
};

struct RerunResult {
  std::string session_id;
  std::string rerun_of;
  Labels labels;                 ///< of the rerun
  std::uint64_t unanswered = 0;  ///< turns that were recorded, and not answered yet
  std::vector<RerunTurn> turns;  ///< in order
  TurnCounts counts;
  TurnFigures recorded;
  TurnFigures answered;
};

struct RerunAnswer {
  std::string by = "candidate";      ///< the label that counts are grouped by
  std::vector<RerunResult> results;  ///< the worst first
  Incomplete incomplete;

  TurnCounts counts() const;
  TurnFigures recorded() const;
  TurnFigures answered() const;
  std::uint64_t unanswered() const;
};

/// One of the groups of an answer.
struct RerunGroup {
  std::optional<std::string> value;  ///< of the label; nothing: those without it
  std::uint64_t sessions = 0;
  TurnCounts counts;
};
std::vector<RerunGroup> groups_of(const RerunAnswer& answer);

/// What conditions are asked of: an object of flat names (tool_calls_changed, cost_total_usd…).
std::string rerun_fields(const RerunAnswer& answer);

/// agentstore/rerun/1, on one line.
void write_rerun_json(Sink& sink, const RerunAnswer& answer);
void write_rerun_text(Sink& sink, const RerunAnswer& answer, const Screen& screen);
/// GitHub's, for an issue or a job's summary.
void write_rerun_markdown(Sink& sink, const RerunAnswer& answer);
/// JUnit's XML: a suite a rerun, a case a turn. What is changed fails, what is reworded does not.
void write_rerun_junit(Sink& sink, const RerunAnswer& answer);

}  // namespace agentstore::formats
