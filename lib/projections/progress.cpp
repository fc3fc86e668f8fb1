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

  std::string to_json() const override { return state_to_json(*this); }

  Result<void> from_json(std::string_view state) override {
    ProgressProjection read{session_id_, {}};
    read.actors_ = actors_.emptied();
    if (!read_state(state, read))
      return fail(Code::corrupt, "this is not a state of the projection progress");
    *this = std::move(read);
    return {};
  }

  template <class Self, class State>
  static void members(Self& self, State& state) {
    state.same("session_id", self.session_id_);
    state.member("agent_id", self.actors_.agent_id);
    state.member("decisions_made", self.decisions_made_);
    state.member("tools_invoked", self.tools_invoked_);
    state.member("tasks_completed", self.tasks_completed_);
    state.member("had_error", self.had_error_);
    state.member("is_closed", self.is_closed_);
    state.member("last_decision_at", self.last_decision_at_);
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
