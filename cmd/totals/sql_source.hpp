// What SQL reads: sessions that were chosen, as the source of its tables.

#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentstore/analysis/sql.hpp"
#include "cmd/context.hpp"
#include "cmd/input/input.hpp"

namespace agentstore::cmd {

struct SqlSourceOptions {
  OnCorrupt on_corrupt = OnCorrupt::strict;
  std::optional<std::string> ledger = std::nullopt;  ///< a file
  Seals seals = Seals::short_logs;                   ///< all: for whoever decides by the answers
};

/// Remembers what was read in part, and why, for who answers.
class SqlInputs final : public SqlSource {
 public:
  /// What one input has to tell, once it was read.
  struct Told {
    const Input* input = nullptr;
    std::optional<Result<ReadReport>> read;  ///< of the first time
    std::vector<FoldNote> notes;
  };

  struct Unread {
    const Input* input = nullptr;
    Error error;
  };

  SqlInputs(Context& context, Inputs inputs, SqlSourceOptions options);

  /// Of every input; when nothing is read any more.
  const std::vector<Told>& told() const { return told_; }
  bool of_store() const;
  /// Events of which a column is NULL since their payload was redacted, or whose amounts did not
  /// count, by session, and why; since the last call of `begin_question`.
  using Lacking = std::map<std::pair<std::string, std::uint64_t>, std::string>;
  const Lacking& lacking() const { return lacking_; }
  /// Another statement is next. While logs are read for it, LimitedWork goes on, unless one is read
  /// again and again.
  void begin_question();
  /// A file that was named and is nothing that can be read: there is no answer then.
  const std::optional<Unread>& unread() const { return unread_; }

  std::span<const SqlLog> logs() override { return logs_; }
  Result<std::span<const SqlSession>> sessions(const SqlSessionNeeds& needs) override;
  Result<Ledger> ledger(std::size_t log) override;
  void read(std::size_t log, ReadOptions options, const Parts& parts, bool figures) override;
  void noticed(std::size_t log, std::span<const FoldNote> notes) override;
  void lacks_payload(std::size_t log, std::string_view session_id,
                     std::uint64_t sequence_number) override;

 private:
  void tell(std::size_t log, Result<ReadReport> read);
  bool counts_as_reading(std::size_t log);
  void add_lacking(std::string session_id, std::uint64_t sequence_number, const std::string& why);
  /// The sessions of a file that was named: only its events tell which there are.
  void find_sessions(std::size_t log);
  void find_all_sessions();

  Context& context_;
  const Inputs inputs_;
  const SqlSourceOptions options_;
  std::vector<SqlLog> logs_;
  std::optional<Unread> unread_;
  std::optional<std::vector<SqlSession>> sessions_;
  std::vector<std::size_t> log_of_session_;  // of sessions_
  bool titled_ = false;
  std::optional<std::map<std::string, Totals, std::less<>>> totals_;
  std::mutex lock_;
  std::vector<Told> told_;
  std::vector<std::uint64_t> readings_;  // of each log, for this question
  Lacking lacking_;
};

}  // namespace agentstore::cmd
