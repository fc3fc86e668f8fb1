// Sessions in memory.

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "agentstore/json.hpp"
#include "backends/backend.hpp"
#include "backends/memory_log.hpp"
#include "backends/naming.hpp"
#include "backends/session_records.hpp"
#include "base/ids.hpp"
#include "log/assemble.hpp"
#include "log/encode.hpp"
#include "log/import_lines.hpp"
#include "log/redaction.hpp"
#include "log/text_source.hpp"

namespace agentstore {
namespace {

using SharedLog = std::shared_ptr<MemoryLog>;

class MemoryBackend : public Backend {
 public:
  Result<void> create(const Session& session) override {
    const std::lock_guard guard{mutex_};
    const auto [at, added] = logs_.try_emplace(session.id, nullptr);
    if (!added) return fail(Code::conflict, "session " + session.id + " exists");
    at->second = std::make_shared<MemoryLog>();
    at->second->session = session;
    return {};
  }

  Result<void> while_naming(const std::function<Result<void>()>& work) override {
    const std::lock_guard guard{naming_};
    return work();
  }

  Result<std::optional<std::string>> holder_of(std::string_view word,
                                               std::string_view except_id) override {
    const auto found = sessions({.called = std::string{word}});
    if (!found) return std::unexpected(found.error());
    return find_holder(*found, word, except_id);
  }

  Result<void> rename(std::string_view id, const std::string& name, const Labels& labels) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    const std::unique_lock guard{(*found)->mutex};
    (*found)->session.name = name;
    (*found)->session.labels = labels;
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
      const std::lock_guard guard{mutex_};
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
    const std::lock_guard guard{mutex_};
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
    const log::ValidationContext context{
        memory.events.size(),
        [&] {
          memory.seal();
          return to_hex(bytes_of(memory.end().head));
        },
        [&](std::string_view event_id) { return memory.find_event(event_id); }};
    log::AppendValidator judge{context};
    log::Request request{.drafts = drafts, .options = options};
    if (auto judged = judge.judge(request); !judged) return std::unexpected(judged.error());
    if (judge.news().empty()) return std::move(request.result);
    memory.store(judge.news(), *found);
    log::Request* const requests[] = {&request};
    judge.finish(requests);
    return std::move(request.result);
  }

  Result<std::unique_ptr<log::ByteSource>> log(std::string_view id) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    return lines_of(*found);
  }

  std::unique_ptr<EventReader> unsealed_events(std::string_view id, std::uint64_t behind) override {
    const auto found = find(id);
    return found ? events_of(*found, behind) : nullptr;
  }

  std::optional<KeptState> kept_state(std::string_view id, std::string_view projection) override {
    const auto found = find(id);
    if (!found) return std::nullopt;
    const std::shared_lock guard{(*found)->mutex};
    const auto kept = (*found)->states.find(projection);
    return kept == (*found)->states.end() ? std::nullopt : std::optional{kept->second};
  }

  Result<ImportReport> import_session(const Session& session,
                                      const LineSource& next_line) override {
    std::string lines;
    const auto copied = log::copy_lines(next_line, [&](std::string_view line) -> Result<void> {
      lines += line;
      return {};
    });
    if (!copied) return std::unexpected(copied.error());
    log::TextSource source{lines};
    const auto events = log::check_importable(source, session.id);
    if (!events) return std::unexpected(events.error());
    const auto created = create_imported(*this, session, [](const std::string&) {});
    if (!created) return std::unexpected(created.error());
    ImportReport imported{.session_created = *created};
    const auto found = find(session.id);
    if (!found) return std::unexpected(found.error());
    MemoryLog& memory = **found;
    const std::unique_lock guard{memory.mutex};
    memory.seal();
    const std::uint64_t before = memory.events.size();
    imported.already = std::min(before, *events);
    if (memory.lines().starts_with(lines)) return imported;
    if (!lines.starts_with(memory.lines())) {
      return log::another_history(session.id);
    }
    if (auto read = memory.replace(std::move(lines)); !read) return std::unexpected(read.error());
    imported.events = memory.events.size() - imported.already;
    return imported;
  }

  // Memory is never torn.
  Result<Repair> repair(std::string_view id, const RepairOptions& /*options*/) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    const std::shared_lock guard{(*found)->mutex};
    return Repair{.events = (*found)->events.size(), .left_out = {}, .kept_as = {}};
  }

  Result<std::vector<Receipt>> redact(std::string_view id,
                                      std::span<const std::uint64_t> sequence_numbers,
                                      std::string_view reason,
                                      std::string_view requested_by) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    MemoryLog& memory = **found;
    const std::unique_lock guard{memory.mutex};
    memory.seal();
    log::TextSource source{memory.lines()};
    const auto lines = log::find_lines(source, sequence_numbers);
    if (!lines) return std::unexpected(lines.error());
    if (lines->empty()) return std::vector<Receipt>{};
    const auto payloads = log::redaction_payloads(*lines, reason, requested_by);
    if (!payloads) return std::unexpected(payloads.error());
    std::vector<Receipt> receipts;
    const log::Write write = log::assemble_own(
        log::redacted_type, *payloads, {id, memory.end(), [] { return now(); }, nullptr}, receipts);
    std::string text;
    auto copied = log::copy_without_payloads(
        source, log::redactions_of(*lines, receipts.front().sequence_number),
        [&](std::string_view bytes) -> Result<void> {
          text += bytes;
          return {};
        });
    if (!copied) return std::unexpected(copied.error());
    if (auto read = memory.replace(text + write.lines); !read) return std::unexpected(read.error());
    memory.snapshots.clear();
    memory.states.clear();
    return receipts;
  }

  Result<std::uint64_t> make_durable(std::string_view id) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    const std::shared_lock guard{(*found)->mutex};
    return (*found)->events.size();
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

  const CacheKey* cache_key(MissingKey /*missing*/) override { return &key_; }

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

  Result<bool> save_snapshots(std::string_view id, log::ByteSource& folded,
                              std::span<const KeptSnapshot> snapshots) override {
    const auto found = find(id);
    if (!found) return std::unexpected(found.error());
    const std::uint64_t rewrites = (*found)->rewrites_so_far();
    const auto change = folded.refresh();
    if (!change || *change == log::ByteSource::Change::replaced) return false;
    const std::unique_lock guard{(*found)->mutex};
    if ((*found)->rewrites != rewrites) return false;  // Since that look.
    for (const KeptSnapshot& snapshot : snapshots) {
      auto& kept = (*found)->snapshots[snapshot.projection];
      for (const std::uint64_t number : snapshot.outdated) kept.erase(number);
      kept.insert_or_assign(snapshot.sequence_number, snapshot.text);
      keep_state(**found, snapshot);
    }
    return true;
  }

  Result<void> close() override { return {}; }

 private:
  // What a fold can start at without a look at the snapshot's text.
  static void keep_state(MemoryLog& memory, const KeptSnapshot& snapshot) {
    const auto version = json::find_integer(snapshot.text, "projection_version");
    const auto state = json::find(snapshot.text, "state");
    if (!version || !state) return;
    KeptState& newest = memory.states[snapshot.projection];
    if (newest.sequence_number > snapshot.sequence_number) return;
    newest = {snapshot.sequence_number, static_cast<int>(*version), std::string{*state}};
  }

  Result<SharedLog> find(std::string_view id) {
    const std::lock_guard guard{mutex_};
    const auto found = logs_.find(id);
    if (found == logs_.end()) {
      return no_session(id);
    }
    return found->second;
  }

  const CacheKey key_{random_hex(32)};
  std::recursive_mutex naming_;
  std::mutex mutex_;
  std::map<std::string, SharedLog, std::less<>> logs_;
};

}  // namespace

std::unique_ptr<Backend> make_memory_backend() {
  return std::make_unique<MemoryBackend>();
}

}  // namespace agentstore
