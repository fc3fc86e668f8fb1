// Events of many sessions, put in order of time: sorted in memory as far as there is room, else in
// runs in a temporary file, which are merged as they are read.

#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <mutex>
#include <queue>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/event.hpp"
#include "agentstore/internal/temporary_file.hpp"
#include "agentstore/result.hpp"
#include "cmd/input/event_spill.hpp"

namespace agentstore::cmd {

class EventRuns {
 public:
  /// A run in the making: events of any sessions, those of one in their order. Used by one thread;
  /// the runs of several threads become those of one EventRuns.
  class Run {
   public:
    explicit Run(EventRuns& runs) : runs_{runs} {}
    /// `at`: where in time the event stands, no earlier than those of its session before it.
    /// Errors: io, where the temporary file cannot be written.
    Result<void> add(Timestamp at, const EventView& event);

   private:
    friend EventRuns;
    struct Place {
      Timestamp at;
      std::uint64_t begin;
    };
    void sort();

    EventRuns& runs_;
    std::string bytes_;
    std::vector<Place> places_;
  };

  /// As many as there are threads that add events; `count` of them share 32 MiB of memory.
  explicit EventRuns(std::size_t count);

  Run& run(std::size_t thread) { return runs_[thread]; }

  /// After the last event was added: the next events in order of time, session id, sequence number;
  /// empty at the end. They live until the next call. Errors: io.
  Result<std::span<const EventView>> next();

 private:
  /// Where a run is read.
  struct Source {
    const Run* run = nullptr;  ///< in memory; null: in the file
    std::size_t place = 0;     ///< of the next event there
    std::uint64_t offset = 0;  ///< in the file
    std::uint64_t end = 0;
    std::string buffer = {};   ///< of the file, from `offset` on
    std::size_t at = 0;        ///< in the buffer
    std::uint64_t number = 0;  ///< of the run
    Timestamp time = {};       ///< of its next event
    OwnedEvent::Record record = {};
    std::string_view bytes = {};
  };
  struct Later {
    bool operator()(const Source* left, const Source* right) const;
  };

  Result<void> spill(Run& run);
  Result<void> start();
  /// To the source's next event; false: there is none.
  Result<bool> step(Source& source);
  Result<void> fill(Source& source, std::size_t bytes);

  std::size_t run_bytes_max_;
  std::deque<Run> runs_;
  std::mutex lock_;  // of what follows, while events are added
  TemporaryFile file_;
  std::uint64_t file_bytes_ = 0;
  std::vector<std::uint64_t> run_ends_;
  bool started_ = false;
  std::deque<Source> sources_;
  std::priority_queue<Source*, std::vector<Source*>, Later> next_;
  std::deque<OwnedEvent> given_;
  std::vector<EventView> views_;
};

}  // namespace agentstore::cmd
