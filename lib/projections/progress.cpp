// The projection `progress`: how far an agent has come with its task.

#include "agentstore/analysis/kinds.hpp"
#include "projections/actors.hpp"
#include "projections/built_in.hpp"
#include "projections/said.hpp"
#include "projections/state_text.hpp"

namespace agentstore {
namespace {

class ProgressProjection : public Projection {
 public:
  ProgressProjection(std::string_view session_id, const Labels& labels)
      : session_id_(session_id), actors_(labels) {}

  std::string_view name() const override { return "progress"; }
  int version() const override { return actors_.version(2); }
  bool looks_at_lines() const override { return false; }

  Result<void> apply(const EventView& event) override {
    if (is_own(event)) return {};
    actors_.see_agent(event);
    const EventKind kind = kind_of_type(event.type);
    if (kind == EventKind::decision) {
      ++decisions_made_;
      last_decision_at_ = event.timestamp;
    } else if (kind == EventKind::call) ++tools_invoked_;
    else if (kind == EventKind::error) had_error_ = true;
    else if (event.type == "task_completed") ++tasks_completed_;
    else if (event.type == "session_ended") is_closed_ = true;
    return {};
  }

  std::string to_json() const override {
    const auto truth = [](bool value) { return value ? "true" : "false"; };
    std::string out = R"({"session_id":)" + json::quote(session_id_);
    out += R"(,"agent_id":)" + text_or_null(actors_.agent_id);
    out += R"(,"decisions_made":)" + std::to_string(decisions_made_);
    out += R"(,"tools_invoked":)" + std::to_string(tools_invoked_);
    out += R"(,"tasks_completed":)" + std::to_string(tasks_completed_);
    out += std::string{R"(,"had_error":)"} + truth(had_error_);
    out += std::string{R"(,"is_closed":)"} + truth(is_closed_);
    out += R"(,"last_decision_at":)" + time_or_null(last_decision_at_);
    return out + '}';
  }

  Result<void> from_json(std::string_view state) override {
    ProgressProjection read{session_id_, {}};
    read.actors_ = actors_.emptied();
    StateReader members{state};
    members.text("agent_id", read.actors_.agent_id);
    members.integer("decisions_made", read.decisions_made_);
    members.integer("tools_invoked", read.tools_invoked_);
    members.integer("tasks_completed", read.tasks_completed_);
    members.boolean("had_error", read.had_error_);
    members.boolean("is_closed", read.is_closed_);
    members.time("last_decision_at", read.last_decision_at_);
    if (!members.sound() || json::find_text(state, "session_id") != session_id_) {
      return fail(Code::corrupt, "this is no state of the projection progress");
    }
    *this = std::move(read);
    return {};
  }

 private:
  std::string session_id_;
  Actors actors_;
  std::uint64_t decisions_made_ = 0;
  std::uint64_t tools_invoked_ = 0;
  std::uint64_t tasks_completed_ = 0;
  bool had_error_ = false;
  bool is_closed_ = false;
  std::optional<Timestamp> last_decision_at_;
};

}  // namespace

std::unique_ptr<Projection> make_progress_projection(std::string_view session_id,
                                                     const Labels& labels) {
  return std::make_unique<ProgressProjection>(session_id, labels);
}

}  // namespace agentstore
