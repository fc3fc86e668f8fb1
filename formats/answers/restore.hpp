// The answer of `restore`: which files were given back, and what became of each.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/source_file.hpp"
#include "formats/text/paint.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

struct RestoredFile {
  enum class State {
    written,  ///< or, in a dry run, would be
    same,     ///< it is there, byte for byte
    partial,  ///< written with gaps, where a redaction has removed lines
    refused,  ///< not written: `error` says why
  };
  std::string session_id;
  std::string name;  ///< below the folder
  std::string path;  ///< where it is written to
  std::uint64_t version = 0;
  std::uint64_t versions = 0;  ///< that are kept of the session's files
  std::uint64_t bytes = 0;
  std::uint64_t stored_bytes = 0;
  std::vector<std::uint64_t> redacted_lines = {};
  State state = State::refused;
  std::optional<std::string> error = std::nullopt;
};
/// The word that stands for it.
std::string_view to_string(RestoredFile::State state);

/// Prompts and answers in the log, and how much of them stands there as it was written, so that
/// grep finds it.
struct LegibleText {
  std::uint64_t bytes = 0;
  std::uint64_t legible_bytes = 0;
};

struct RestoreAnswer {
  std::string session_id;
  bool dry_run = false;
  std::vector<RestoredFile> files = {};
  std::vector<KeptElsewhere> elsewhere = {};
  LegibleText text = {};
};

/// agentstore/restore/1, on one line.
void write_restore_json(Sink& sink, const RestoreAnswer& answer);
/// A line a file, and what keeping them costs.
void write_restore_text(Sink& sink, const RestoreAnswer& answer);

}  // namespace agentstore::formats
