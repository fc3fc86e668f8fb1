// Events for tests: read to their end, and kept.

#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "agentstore/store.hpp"
#include "support/folder.hpp"
#include "support/postgres.hpp"

namespace agentstore::test {

struct KeptEvent {
  std::string session_id;
  std::uint64_t sequence_number;
  std::string type;
  Timestamp timestamp;
  std::string metadata;
  std::string payload;
  std::string event_id;
  std::string hash;
  std::string line;
  std::uint64_t offset_bytes;
};

/// What a reader gave, and how it ended.
struct Kept {
  std::vector<KeptEvent> events;
  std::optional<Error> error;
  ReadReport report;

  std::vector<std::uint64_t> numbers() const {
    std::vector<std::uint64_t> all;
    for (const KeptEvent& event : events) all.push_back(event.sequence_number);
    return all;
  }
};

inline KeptEvent keep(const EventView& event) {
  return {std::string{event.session_id}, event.sequence_number,
          std::string{event.type},       event.timestamp,
          std::string{event.metadata},   std::string{event.payload},
          std::string{event.event_id},   std::string{event.hash},
          std::string{event.line},       event.offset_bytes};
}

/// The reader's events from here to its end.
inline Kept drain(EventReader& reader) {
  Kept kept;
  for (;;) {
    const auto batch = reader.next();
    if (!batch) {
      kept.error = batch.error();
      break;
    }
    if (batch->empty()) break;
    for (const EventView& event : *batch) kept.events.push_back(keep(event));
  }
  kept.report = reader.report();
  return kept;
}

/// An event of session `s` for a projection, at a time of its own; the texts have to outlive it.
inline EventView event_view(std::uint64_t number, std::string_view type, std::string_view payload,
                            std::string_view metadata = "{}") {
  return {.session_id = "s",
          .sequence_number = number,
          .type = type,
          .timestamp = {1'772'884'800, static_cast<std::int32_t>(number)},
          .metadata = metadata,
          .payload = payload,
          .event_id = {},
          .hash = {},
          .line = {}};
}

inline Kept read_events(const Store& store, std::string_view session_id, ReadOptions options = {}) {
  auto reader = store.read(session_id, std::move(options));
  REQUIRE(reader);
  return drain(**reader);
}

/// Runs `fn` with a store over files, again with one in memory, with one in a database, and with
/// one in PostgreSQL, where there is a server.
template <class Fn>
void with_each_backend(const StoreOptions& options, Fn fn) {
  SUBCASE("over files") {
    const TempFolder folder;
    auto store = Store::open(folder / "data", options);
    REQUIRE(store);
    fn(*store);
  }
  SUBCASE("in memory") {
    Store store = Store::in_memory(options);
    fn(store);
  }
  SUBCASE("in a database") {
    const TempFolder folder;
    auto store = Store::open("sqlite:" + (folder / "data.db").string(), options);
    REQUIRE(store);
    fn(*store);
  }
  if (!has_postgres()) return;
  SUBCASE("in PostgreSQL") {
    auto store = Store::open(empty_postgres_store(), options);
    REQUIRE(store);
    fn(*store);
  }
}
template <class Fn>
void with_each_backend(Fn fn) {
  with_each_backend(StoreOptions{}, fn);
}

/// The code of a failure; of a success 0, which is none.
inline Code code_of(const auto& result) {
  return result ? Code{} : result.error().code;
}

/// 2026-03-07T12:00:00Z and `seconds` more.
constexpr Timestamp at_second(std::int64_t seconds) {
  return {1'772'884'800 + seconds, 0};
}

}  // namespace agentstore::test
