// A line of any bytes: what a glance takes, the parser takes, and tells the same of it.

#include "fuzz/require.hpp"
#include "log/glance.hpp"
#include "support/random_json.hpp"
#include "support/same_line.hpp"

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
  if (taken) fuzz::require(test::difference(line, parsed) == nullptr, "both see one line");
  log::Ends ends;
  EventView event;
  if (!good || !glance.ends(text, ends) || !glance.event(text, false, ends, event)) return 0;
  // Without a look at the payload, a good line's is the same.
  fuzz::require(taken, "a good line is good at every depth");
  fuzz::require(test::difference(event, parsed.event) == nullptr, "both see one event");
  fuzz::require(ends.batch && *ends.batch == parsed.batch, "the writes are one");
  fuzz::require(glance.event(text, true, ends, event), "and at the greatest");
  for (const json::Value& value : {event.metadata, event.payload})
    if (value.note() != nullptr)
      fuzz::require(test::same_walk(value, value), "notes lead where a walk goes");
  return 0;
}
