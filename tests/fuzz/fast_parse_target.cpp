// A line of any bytes: what the fast parser takes, the parser takes, and tells the same of it.

#include "fuzz/require.hpp"
#include "log/fast_parse.hpp"
#include "support/random_json.hpp"
#include "support/same_line.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace agentstore;
  const std::string_view text = fuzz::text_of(data, size);
  static log::FastParser fast_parse{
      "s"};  // What it remembers of a line must not matter for the next one.
  log::Arena arena;
  log::Line parsed;
  const bool good = !log::parse_line(text, arena, parsed);
  log::Line line;
  const bool taken = fast_parse.line(text, line);
  fuzz::require(good || !taken, "a glance takes no bad line");
  if (taken) fuzz::require(test::difference(line, parsed) == nullptr, "both see one line");
  log::Ends ends;
  EventView event;
  if (!good || !fast_parse.ends(text, ends) || !fast_parse.event(text, false, ends, event))
    return 0;
  // Without a look at the payload, a good line's is the same.
  fuzz::require(taken, "a good line is good at every depth");
  fuzz::require(test::difference(event, parsed.event) == nullptr, "both see one event");
  fuzz::require(ends.batch && *ends.batch == parsed.batch, "the writes are one");
  fuzz::require(fast_parse.event(text, true, ends, event), "and at the greatest");
  for (const json::Value& value : {event.metadata, event.payload})
    if (value.note() != nullptr)
      fuzz::require(test::same_walk(value, value), "notes lead where a walk goes");
  return 0;
}
