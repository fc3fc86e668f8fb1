// What one thread makes of a chunk of a log: a part, and what its neighbours are held to.

#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "agentstore/filter.hpp"
#include "agentstore/internal/by_text.hpp"
#include "agentstore/parts.hpp"
#include "log/boundary.hpp"
#include "log/chunk.hpp"
#include "log/fast_parse.hpp"
#include "log/line.hpp"

namespace agentstore {

struct ChunkPart {
  bool usual = true;        ///< false: it has to be read in order
  log::KeptBoundary begin;  ///< where its first line says that it belongs
  log::KeptBoundary end;
  std::uint64_t end_bytes = 0;  ///< of its last line
  std::uint64_t events = 0;
  std::uint64_t unsealed = 0;
  std::unique_ptr<Part> part;
  std::optional<Error> error;

  /// Whether its lines follow what ends in `before`.
  bool follows(const log::KeptBoundary& before) const {
    return events == 0 || before.view().fits(begin.view());
  }
};

/// Parts that were joined, to be used again. Thread-safe.
class PartPool {
 public:
  explicit PartPool(const Parts& parts) : parts_(parts) {}
  /// An empty one.
  std::unique_ptr<Part> get();
  void put(std::unique_ptr<Part> part);

 private:
  const Parts& parts_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Part>> spare_;
};

class ChunkWorker {
 public:
  /// Takes chunks of the bytes [from, end) of a log.
  /// `check_seals`: a line whose hash is wrong is not as usual.
  ChunkWorker(log::ByteSource& source, std::string_view session_id, const Filter& filter,
              Depth depth, bool check_seals, PartPool& pool, const log::Cuts& cuts,
              std::uint64_t from, std::uint64_t end);

  ChunkPart operator()(std::uint64_t index);

 private:
  bool take(const log::RawLine& raw);
  bool take_checked(const log::RawLine& raw);
  bool is_event(const log::Line& line, std::string_view text, log::Ends& ends, EventView& event);
  bool follows(const log::Ends& ends, std::uint64_t end_bytes);
  bool is_wanted(std::string_view type);
  bool see(const log::RawLine& raw, log::Ends& ends, EventView& event);
  bool parse(const log::RawLine& raw, log::Ends& ends, EventView& event);
  void give();
  void keep_last();

  std::string_view session_id_;
  const Filter& filter_;
  const Depth depth_;
  const bool check_seals_;
  PartPool& pool_;
  log::FastParser parser_;
  log::ChunkLines lines_;
  ChunkPart done_;
  log::Boundary
      last_;  // behind the last line; its hash may be that of a line that still lies in memory
  std::vector<EventView> events_;  // wanted, and not given yet
  log::Arena arena_;
  const bool by_type_;  // whether the filter asks for the type
  ByText<bool> types_;  // seen before, and whether they are wanted
};

}  // namespace agentstore
