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

  std::string to_json() const override {
    std::string out = R"({"agent_id":)" + text_or_null(actors_.agent_id);
    out += R"(,"session_id":)" + json::quote(session_id_);
    out += R"(,"last_event_type":)" + text_or_null(last_event_type_);
    out += R"(,"payload":)" + payload_;
    out += R"(,"last_event_at":)" + time_or_null(last_event_at_);
    out += R"(,"agent_type":)" + text_or_null(actors_.agent_type);
    out += R"(,"user_id":)" + text_or_null(actors_.user_id);
    out += R"(,"session_started_at":)" + time_or_null(session_started_at_);
    return out + '}';
  }

  Result<void> from_json(std::string_view state) override {
    StatusProjection read{session_id_, {}};
    read.actors_ = actors_.emptied();
    StateReader members{state};
    members.text("agent_id", read.actors_.agent_id);
    members.text("last_event_type", read.last_event_type_);
    members.time("last_event_at", read.last_event_at_);
    members.text("agent_type", read.actors_.agent_type);
    members.text("user_id", read.actors_.user_id);
    members.time("session_started_at", read.session_started_at_);
    const auto payload = json::find(state, "payload");
    if (!members.sound() || !payload || json::find_text(state, "session_id") != session_id_) {
      return fail(Code::corrupt, "this is no state of the projection status");
    }
    read.payload_ = *payload;
    *this = std::move(read);
    return {};
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
