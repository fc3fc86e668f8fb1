// Other tools' transcripts: whatever comes in, what goes out can be stored, every event under an id
// of its own, and does not depend on the pieces that the bytes came in.

#include <cstdint>

#include "agentstore/store.hpp"
#include "formats/sources/transcript.hpp"
#include "fuzz/require.hpp"

namespace agentstore::fuzz {
namespace {

struct Converted {
  bool known = false;
  std::vector<formats::SourceEvent> events;
  std::vector<formats::SourceSession> sessions;
};

Converted convert(std::string_view bytes, std::size_t piece_bytes, const formats::Source* as) {
  formats::Transcript transcript{
      {.fallback_id = "fuzz", .file_changed_at = {1, 0}, .keep_all = true}, as};
  Converted converted{true, {}, {}};
  for (std::size_t at = 0; converted.known && at < bytes.size(); at += piece_bytes)
    converted.known = transcript.feed(bytes.substr(at, piece_bytes)).has_value();
  converted.known = converted.known && transcript.end().has_value();
  converted.events = transcript.take_events();
  converted.sessions = transcript.sessions();
  return converted;
}

void check_storable(const Converted& converted) {
  auto store = Store::in_memory({.snapshot_interval = 0});
  for (const formats::SourceSession& session : converted.sessions)
    require(store
                .create_session(
                    {.id = session.id, .labels = session.labels, .created_at = session.created_at})
                .has_value(),
            "a session is one that can be made");
  for (const formats::SourceEvent& event : converted.events) {
    const auto receipt = store.append(converted.sessions[event.session].id, event.draft);
    require(receipt.has_value(), "an event is one that can be stored");
    require(!receipt->duplicate, "no two events have one id");
  }
}

}  // namespace
}  // namespace agentstore::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agentstore;
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  const formats::Source* const as[] = {nullptr, &formats::claude_code_source,
                                       &formats::codex_source};
  const formats::Source* const chosen = as[data[0] % 3];
  const fuzz::Converted whole = fuzz::convert(bytes, bytes.size() + 1, chosen);
  fuzz::check_storable(whole);
  const fuzz::Converted pieces = fuzz::convert(bytes, data[0] / 3 + 1, chosen);
  fuzz::require(whole.known == pieces.known && whole.events.size() == pieces.events.size(),
                "pieces change nothing");
  for (std::size_t i = 0; i < whole.events.size(); ++i)
    fuzz::require(whole.events[i].draft.event_id == pieces.events[i].draft.event_id &&
                      whole.events[i].draft.payload == pieces.events[i].draft.payload &&
                      whole.events[i].draft.metadata == pieces.events[i].draft.metadata,
                  "pieces change no event");
  return 0;
}
