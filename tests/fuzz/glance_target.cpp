// A line of any bytes: what a glance takes, the parser takes, and tells the same of it.

#include "fuzz/require.hpp"
#include "log/glance.hpp"

namespace agentstore::fuzz {
namespace {

void check_same(const EventView& event, const EventView& parsed) {
  require(event.session_id == parsed.session_id, "a line is of its session");
  require(event.sequence_number == parsed.sequence_number, "the numbers are one");
  require(event.type == parsed.type, "the types are one");
  require(event.timestamp == parsed.timestamp, "the times are one");
  require(event.metadata == parsed.metadata, "the metadata are one");
  require(event.payload == parsed.payload, "the payloads are one");
  require(event.event_id == parsed.event_id, "the ids are one");
  require(event.hash == parsed.hash, "the hashes are one");
  require(event.line == parsed.line, "the lines are one");
}

void check_same(const log::Line& line, const log::Line& parsed) {
  check_same(line.event, parsed.event);
  require(line.seal == parsed.seal, "the seals are one");
  require(line.batch == parsed.batch, "the writes are one");
  require(line.envelope == parsed.envelope, "the envelopes are one");
  require(line.salt == parsed.salt, "the salts are one");
  require(line.recorded_at == parsed.recorded_at, "the writer's times are one");
  require(line.prev == parsed.prev && line.hash == parsed.hash, "the links are one");
}

}  // namespace
}  // namespace agentstore::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace agentstore;
  const std::string_view text = fuzz::text_of(data, size);
  static log::Glance glance{"s"};  // What it remembers of a line must not matter for the next one.
  log::Arena arena;
  log::Line parsed;
  const bool good = !log::parse_line(text, arena, parsed);
  log::Line line;
  const bool taken = glance.line(text, line);
  fuzz::require(good || !taken, "a glance takes no bad line");
  if (taken) fuzz::check_same(line, parsed);
  log::Ends ends;
  EventView event;
  if (!good || !glance.ends(text, ends) || !glance.event(text, false, ends, event)) return 0;
  // Without a look at the payload, a good line's is the same.
  fuzz::require(taken, "a good line is good at every depth");
  fuzz::check_same(event, parsed.event);
  fuzz::require(ends.batch && *ends.batch == parsed.batch, "the writes are one");
  return 0;
}
