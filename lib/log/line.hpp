// One line of a log, taken apart and held to its rules. See agentstore-log(5).
//
//   {envelope ,"payload":P ,"salt":"…","prev":"…","hash":"…"}      sealed by us
//   {envelope ,"payload":null,"redacted":K,"payload_hash":"…", …}   its payload redacted
//   {…}                                                             unsealed: the Go library's
//
// A line with any of our fields is a whole valid seal, or it is bad: never "unsealed". What is
// sealed is in the form that our writer stores (stored_form.hpp); any other is bad.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"
#include "agentstore/verification.hpp"
#include "base/sha256.hpp"

namespace agentstore::log {

/// One write of more than one event: its first and last sequence number. {0, 0}: none.
struct Batch {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  friend bool operator==(const Batch&, const Batch&) = default;
};

/// Of the write of `count` events from `first` on.
constexpr Batch batch_of(std::uint64_t first, std::size_t count) {
  return count > 1 ? Batch{first, first + count - 1} : Batch{};
}

enum class Seal { unsealed, sealed, redacted };

/// A line; views into its text, or into the arena where an escape had to be resolved.
struct Line {
  EventView event;
  Seal seal = Seal::unsealed;
  Batch batch;
  /// Of an unsealed line: an object in its metadata has two equal keys. The last one counts.
  bool double_keys = false;
  std::uint64_t number = 0;  ///< which line of its log it is, from 1, where a scan says so
  // Of lines with a seal:
  std::string_view envelope;      ///< `{` to just before `,"payload":`
  std::string_view salt;          ///< hex; of sealed lines
  std::string_view payload_hash;  ///< hex; of redacted lines
  std::optional<Timestamp> recorded_at;
  Hash prev{};
  Hash hash{};
};

/// Why a line is bad, and where in it.
struct LineError {
  FindingKind kind = FindingKind::syntax;
  std::size_t offset_bytes = 0;
  std::string message;
};

/// Strings whose escapes were resolved; they stay where they are.
using Arena = std::deque<std::string>;

/// Takes a line (without its newline) apart and checks all that can be seen without hashing.
/// On an error what `line` holds is not specified, except that `event.sequence_number` is kept
/// where it could be read.
std::optional<LineError> parse_line(std::string_view text, Arena& arena, Line& line);

/// Takes what is whole JSON for an event, whatever it has of a seal: the line is given as unsealed,
/// with its event id. Of two equal keys the last counts, as for the Go library.
std::optional<LineError> parse_unsealable(std::string_view text, Arena& arena, Line& line);

/// Checks payload and entry of a line with a seal against its hashes.
std::optional<LineError> check_hashes(const Line& line);

/// The leaf of the RFC 9162 tree: of a sealed line its hash, of an unsealed one SHA-256(0x00 ‖
/// line).
Hash leaf_of(const Line& line);
/// h(N), given h(N-1): the hash of a line with a seal; else SHA-256(0x01 ‖ h(N-1) ‖ leaf).
Hash head_after(const Line& line, const Hash& head_before);

/// The same for an unsealed line of that leaf.
Hash head_after_unsealed(const Hash& leaf, const Hash& head_before);

/// SHA-256(0x00 ‖ entry), the entry being `envelope,"payload_hash":"…","prev":"…"}`.
Hash hash_of_entry(std::string_view envelope, std::string_view payload_hash_hex,
                   std::string_view prev_hex);

}  // namespace agentstore::log
