// The projection `status`: where an agent is now, by its latest event.

#include "projections/actors.hpp"
#include "projections/built_in.hpp"
#include "projections/notes.hpp"
#include "projections/said.hpp"
#include "projections/state_text.hpp"

namespace agentstore {
namespace {

class StatusProjection : public Projection {
 public:
  StatusProjection(std::string_view session_id, const Labels& labels)
      : session_id_(session_id), actors_(labels) {}

  std::string_view name() const override { return "status"; }
  int version() const override { return actors_.version(1); }
  bool looks_at_lines() const override { return false; }

  Result<void> apply(const EventView& event) override {
    if (is_own(event)) return {};
    actors_.see(event);
    if (event.type == "session_started") session_started_at_ = event.timestamp;
    last_event_type_ = std::string{event.type};
    payload_ = event.payload;
    last_event_at_ = event.timestamp;
    notes_ = {};
    if (event.redacted_by != 0)
      notes_.incomplete(event, "the payload of the latest event is missing");
    return {};
  }

  std::string to_json() const override { return state_to_json(*this); }

  Result<void> from_json(std::string_view state) override {
    StatusProjection read{session_id_, {}};
    read.actors_ = actors_.emptied();
    if (!read_state(state, read))
      return fail(Code::corrupt, "this is not a state of the projection status");
    *this = std::move(read);
    return {};
  }

  template <class Self, class State>
  static void members(Self& self, State& state) {
    state.member("agent_id", self.actors_.agent_id);
    state.same("session_id", self.session_id_);
    state.member("last_event_type", self.last_event_type_);
    state.raw("payload", self.payload_);
    state.member("last_event_at", self.last_event_at_);
    state.member("agent_type", self.actors_.agent_type);
    state.member("user_id", self.actors_.user_id);
    state.member("session_started_at", self.session_started_at_);
  }

  std::span<const FoldNote> notes() const override { return notes_.all(); }

 private:
  std::string session_id_;
  Actors actors_;
  std::optional<std::string> last_event_type_;
  std::string payload_ = "null";
  std::optional<Timestamp> last_event_at_;
  std::optional<Timestamp> session_started_at_;
  Notes notes_;
};

}  // namespace

std::unique_ptr<Projection> make_status_projection(std::string_view session_id,
                                                   const Labels& labels) {
  return std::make_unique<StatusProjection>(session_id, labels);
}

}  // namespace agentstore
