// A writer for tests, in a folder of its own, and what it left behind.

#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "agentstore/store.hpp"
#include "log/draft.hpp"
#include "log/writer.hpp"
#include "support/folder.hpp"
#include "support/lines.hpp"

namespace agentstore::test {

class WriterFolder {
 public:
  WriterFolder() {
    for (const char* const part : {"events", "locks"}) {
      std::filesystem::create_directory(folder_ / part);
    }
  }
  Path log() const { return folder_ / "events/s.jsonl"; }
  Path lock() const { return folder_ / "locks/s.lock"; }
  Path quarantine() const { return folder_ / "quarantine/s"; }

  log::WriterOptions options() const {
    log::WriterOptions options;
    options.log = log();
    options.lock = lock();
    options.quarantine = quarantine();
    options.session_id = "s";
    return options;
  }

  /// All bytes in quarantine, file by file.
  std::vector<std::string> quarantined() const {
    std::vector<std::string> all;
    if (!std::filesystem::exists(quarantine())) return all;
    for (const auto& file : std::filesystem::directory_iterator{quarantine()}) {
      all.push_back(read_text(file.path()));
    }
    return all;
  }

 private:
  TempFolder folder_;
};

/// A draft with that id, and any number of bytes.
inline log::CheckedDraft draft(std::string event_id, std::string payload = R"({"n":1})") {
  return {"user_message", std::move(payload), "{}", std::move(event_id), std::nullopt};
}

inline Result<std::vector<Receipt>> append(log::Writer& writer, const log::CheckedDraft& one,
                                           const AppendOptions& options = {}) {
  return writer.append({&one, 1}, options);
}

/// The ids of the events in a log that can be read.
inline std::vector<std::string> event_ids(const std::string& text) {
  std::vector<std::string> ids;
  TextSource source{text};
  log::Scanner scanner{source, {.session_id = "s", .on_corrupt = OnCorrupt::skip}};
  for (;;) {
    const auto lines = scanner.next();
    REQUIRE(lines);
    if (lines->empty()) return ids;
    for (const log::Line& line : *lines) ids.emplace_back(line.event.event_id);
  }
}

}  // namespace agentstore::test
