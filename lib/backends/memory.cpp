// Sessions in memory: the same lines as in a file, in a string each.

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "backends/backend.hpp"
#include "backends/session_records.hpp"
#include "base/system.hpp"
#include "log/adopt.hpp"
#include "log/assemble.hpp"
#include "log/encode.hpp"
#include "log/redaction.hpp"
#include "log/scan.hpp"
#include "log/text_source.hpp"

namespace agentstore {
namespace {

// One session. Its lines lie in one string, which only grows.
struct MemoryLog {
  std::shared_mutex mutex;
  Session session;
  std::string lines;
  log::Position end;
  log::EventIds ids;
  std::map<std::string, std::map<std::uint64_t, std::string>, std::less<>> snapshots;
  std::uint64_t rewrites = 0;  // times that other lines took the place of the lines
  std::optional<std::string> checkpoint;
};
using SharedLog = std::shared_ptr<MemoryLog>;

// Reads a log up to where it reached when it was last asked.
class MemorySource : public log::ByteSource {
 public:
  explicit MemorySource(SharedLog memory) : memory_(std::move(memory)) { take_size(); }
  std::uint64_t size_bytes() const override { return size_bytes_; }
  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    const std::shared_lock guard{memory_->mutex};
    const std::string_view lines = memory_->lines;
    return lines.substr(std::min<std::size_t>(offset, lines.size())).copy(into, size);
  }
  Result<Tail> settle() override { return Tail::settled; }
  Result<Change> refresh() override {
    const std::uint64_t before = size_bytes_;
    const std::uint64_t rewrites = rewrites_;
    take_size();
    if (rewrites_ != rewrites) return Change::replaced;
    return size_bytes_ > before ? Change::grown : Change::none;
  }
  std::string name() const override { return "session " + memory_->session.id + " (in memory)"; }

 private:
  void take_size() {
    const std::shared_lock guard{memory_->mutex};
    size_bytes_ = memory_->lines.size();
    rewrites_ = memory_->rewrites;
  }
  SharedLog memory_;
  std::uint64_t size_bytes_ = 0;
  std::uint64_t rewrites_ = 0;
};

// Puts other lines in place of a log's, with what is known of their end and their ids.
Result<void> replace(MemoryLog& into, std::string lines) {
  log::TextSource source{lines};
  into.ids = {};
  log::Scanner scanner{source, {.session_id = into.session.id, .check_hashes = true}};
  for (;;) {
    const auto batch = scanner.next();
    if (!batch) return std::unexpected(batch.error());
    if (batch->empty()) break;
    into.session.updated_at = batch->back().event.timestamp;
    for (const log::Line& line : *batch) {
      if (line.event.event_id.empty()) continue;
      into.ids.add(line.event.event_id, line.event.offset_bytes);
    }
  }
  into.end = scanner.position();
  into.lines = std::move(lines);
  ++into.rewrites;
  into.session.event_count = into.end.sequence_number;
  return {};
}

class MemoryBackend : public Backend {
 public:
  Result<void> create(const Session& session) override {
    const std::unique_lock guard{mutex_};
    const auto [at, added] = logs_.try_emplace(session.id, nullptr);
    if (!added) return fail(Code::conflict, "session " + session.id + " exists");
    at->second = std::make_shared<MemoryLog>();
    at->second->session = session;
    return {};
  }

  Result<Session> session(std::string_view id, bool /*fresh*/) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    const std::shared_lock guard{(*found)->mutex};
    return (*found)->session;
  }

  Result<std::vector<Session>> sessions(const ListOptions& options) override {
    SessionRecords all;
    std::vector<std::shared_ptr<MemoryLog>> logs;
    {
      const std::shared_lock guard{mutex_};
      for (const auto& [id, log] : logs_) logs.push_back(log);
    }
    for (const auto& log : logs) {
      const std::shared_lock guard{log->mutex};
      describe(all.records.emplace_back(), view_of(log->session), all.text);
    }
    std::vector<Session> sessions;
    for (const std::uint32_t row : all.select(options))
      sessions.push_back(all.session(all.records[row]));
    if (options.by_last_event) sessions = newest_event_first(std::move(sessions), options);
    return sessions;
  }

  Result<std::vector<std::string>> session_ids() override {
    const std::shared_lock guard{mutex_};
    std::vector<std::string> ids;
    for (const auto& [id, log] : logs_) ids.push_back(id);
    return ids;
  }

  Result<std::vector<Receipt>> append(std::string_view id,
                                      std::span<const log::CheckedDraft> drafts,
                                      const AppendOptions& options) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    MemoryLog& memory = **found;
    const std::unique_lock guard{memory.mutex};
    log::Request request{drafts, options};
    log::Request* const requests[] = {&request};
    const auto write = log::assemble(
        requests, {id, memory.end, [] { return now(); },
                   [&](std::string_view event_id) { return find_event(memory, event_id); }});
    if (!write) return std::unexpected(write.error());
    if (write->lines.empty()) return std::move(request.result);
    memory.lines += write->lines;
    memory.end = write->after;
    for (const auto& [event_id, offset] : write->event_ids) memory.ids.add(event_id, offset);
    memory.session.event_count = memory.end.sequence_number;
    memory.session.updated_at = write->last_timestamp;
    return std::move(request.result);
  }

  Result<std::unique_ptr<log::ByteSource>> log(std::string_view id) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    return std::make_unique<MemorySource>(*found);
  }

  Result<Adopted> adopt(const Session& session, const LineSource& next_line) override {
    std::string lines;
    const auto copied = log::copy_lines(next_line, [&](std::string_view line) -> Result<void> {
      lines += line;
      return {};
    });
    if (!copied) return std::unexpected(copied.error());
    log::TextSource source{lines};
    const auto events = log::check_adoptable(source, session.id);
    if (!events) return std::unexpected(events.error());
    Adopted adopted{.session_created = create(session).has_value()};
    const auto found = find(session.id);
    if (!found) return std::unexpected(found.error());
    MemoryLog& memory = **found;
    const std::unique_lock guard{memory.mutex};
    adopted.already = std::min(memory.end.sequence_number, *events);
    if (memory.lines.starts_with(lines)) return adopted;
    if (!lines.starts_with(memory.lines)) {
      return fail(Code::conflict, "session " + session.id + " has another history here");
    }
    if (auto read = replace(memory, std::move(lines)); !read) {
      return std::unexpected(read.error());
    }
    adopted.events = memory.end.sequence_number - adopted.already;
    return adopted;
  }

  // Memory is never torn.
  Result<Repair> repair(std::string_view id, const RepairOptions& /*options*/) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    const std::shared_lock guard{(*found)->mutex};
    return Repair{.events = (*found)->end.sequence_number, .left_out = {}, .kept_as = {}};
  }

  Result<Receipt> redact(std::string_view id, std::uint64_t sequence_number,
                         std::string_view reason, std::string_view requested_by) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    MemoryLog& memory = **found;
    const std::unique_lock guard{memory.mutex};
    log::TextSource source{memory.lines};
    const auto kept = log::find_line(source, sequence_number);
    if (!kept) return std::unexpected(kept.error());
    if (auto allowed = log::check_redactable((*kept)->line); !allowed) {
      return std::unexpected(allowed.error());
    }
    const log::Write write = log::assemble_own(
        log::redacted_type, log::redaction_payload((*kept)->line, reason, requested_by),
        {id, memory.end, [] { return now(); }, nullptr});
    std::string lines;
    auto copied = log::copy_without_payload(
        source, {sequence_number, write.after.sequence_number, log::payload_hash_of((*kept)->line)},
        [&](std::string_view bytes) -> Result<void> {
          lines += bytes;
          return {};
        });
    if (!copied) return std::unexpected(copied.error());
    if (auto read = replace(memory, lines + write.lines); !read)
      return std::unexpected(read.error());
    memory.snapshots.clear();
    return Receipt{memory.end.sequence_number, {}, to_hex(bytes_of(memory.end.head)), false};
  }

  Result<std::uint64_t> make_durable(std::string_view id) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    const std::shared_lock guard{(*found)->mutex};
    return (*found)->end.sequence_number;
  }

  Result<std::optional<std::string>> newest_checkpoint(std::string_view id) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    const std::shared_lock guard{(*found)->mutex};
    return (*found)->checkpoint;
  }

  Result<void> save_checkpoint(std::string_view id, std::uint64_t /*size*/,
                               std::string_view note) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    const std::unique_lock guard{(*found)->mutex};
    (*found)->checkpoint = note;
    return {};
  }

  Result<std::vector<std::uint64_t>> snapshots(std::string_view id,
                                               std::string_view projection) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    const std::shared_lock guard{(*found)->mutex};
    std::vector<std::uint64_t> numbers;
    const auto kept = (*found)->snapshots.find(projection);
    if (kept == (*found)->snapshots.end()) return numbers;
    for (const auto& [number, text] : kept->second) numbers.push_back(number);
    return numbers;
  }

  Result<std::optional<std::string>> snapshot(std::string_view id, std::string_view projection,
                                              std::uint64_t sequence_number) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    const std::shared_lock guard{(*found)->mutex};
    const auto kept = (*found)->snapshots.find(projection);
    if (kept == (*found)->snapshots.end()) return std::nullopt;
    const auto at = kept->second.find(sequence_number);
    return at == kept->second.end() ? std::nullopt : std::optional{at->second};
  }

  Result<void> save_snapshots(std::string_view id, log::ByteSource& folded,
                              std::span<const KeptSnapshot> snapshots) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    const auto change = folded.refresh();
    if (!change || *change == log::ByteSource::Change::replaced) return {};
    const std::unique_lock guard{(*found)->mutex};
    for (const KeptSnapshot& snapshot : snapshots) {
      auto& kept = (*found)->snapshots[snapshot.projection];
      for (const std::uint64_t number : snapshot.outdated) kept.erase(number);
      const bool one = snapshot.projection == "session";
      kept.insert_or_assign(one ? 0 : snapshot.sequence_number, snapshot.text);
    }
    return {};
  }

  Result<void> close() override { return {}; }

 private:
  Result<SharedLog> find(std::string_view id) {
    const std::shared_lock guard{mutex_};
    const auto found = logs_.find(id);
    if (found == logs_.end()) {
      return fail(Code::not_found, "there is no session \"" + std::string{id} + "\"");
    }
    return found->second;
  }

  static Result<std::optional<log::StoredEvent>> find_event(MemoryLog& memory,
                                                            std::string_view event_id) {
    log::TextSource source{memory.lines};
    return memory.ids.find(source, event_id);
  }

  std::shared_mutex mutex_;
  std::map<std::string, SharedLog, std::less<>> logs_;
};

}  // namespace

std::unique_ptr<Backend> make_memory_backend() {
  return std::make_unique<MemoryBackend>();
}

}  // namespace agentstore
