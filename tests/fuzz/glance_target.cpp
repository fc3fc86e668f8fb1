// A line of any bytes: what a glance takes, the parser takes, and tells the same of it.

#include "fuzz/require.hpp"
#include "log/glance.hpp"

namespace agentstore::fuzz {
namespace {

void check_same(const log::Ends& ends, const EventView& event, const log::Line& line) {
  require(event.session_id == line.event.session_id, "a line is of its session");
  require(event.sequence_number == line.event.sequence_number, "the numbers are one");
  require(event.type == line.event.type, "the types are one");
  require(event.timestamp == line.event.timestamp, "the times are one");
  require(event.metadata == line.event.metadata, "the metadata are one");
  require(event.payload == line.event.payload, "the payloads are one");
  require(event.event_id == line.event.event_id, "the ids are one");
  require(event.hash == line.event.hash, "the hashes are one");
  require(ends.batch && *ends.batch == line.batch, "the writes are one");
  require(line.seal == (ends.hash.empty() ? log::Seal::unsealed : log::Seal::sealed),
          "redacted lines are the parser's");
  require(ends.prev.empty() || ends.prev == to_hex(bytes_of(line.prev)), "the links are one");
}

}  // namespace
}  // namespace agentstore::fuzz

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace agentstore;
  const std::string_view text = fuzz::text_of(data, size);
  static log::Glance glance{"s"};  // What it remembers of a line must not matter for the next one.
  log::Ends ends;
  EventView event;
  if (!glance.ends(text, ends)) return 0;
  const bool taken = glance.event(text, true, ends, event);
  log::Arena arena;
  log::Line line;
  const bool good = !log::parse_line(text, arena, line);
  fuzz::require(good || !taken, "a glance takes no bad line");
  if (!taken) return 0;
  fuzz::check_same(ends, event, line);
  // Without a look at the payload, a good line's is the same.
  fuzz::require(glance.event(text, false, ends, event), "a good line is good at every depth");
  fuzz::check_same(ends, event, line);
  return 0;
}
