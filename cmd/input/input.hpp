// An input: one session, wherever its events lie. What was typed decides once, in the selector,
// what kind of input it is; commands read, fold and describe all of them alike.
//
//   StoreInput   a session of a store
//   FileInput    a log by path, an export, an extract, another tool's transcript, standard input

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agentstore/analysis/whatif.hpp"
#include "agentstore/ledger.hpp"
#include "agentstore/parts.hpp"
#include "agentstore/point.hpp"
#include "agentstore/projection.hpp"
#include "agentstore/reader.hpp"
#include "agentstore/store.hpp"
#include "agentstore/verification.hpp"
#include "formats/sources/source.hpp"

namespace agentstore::cmd {

/// Where an event of a transcript comes from.
struct TracedPlace {
  std::string path;
  std::uint64_t line = 0;
  bool repeated = false;  ///< an event that was there before: it is none of the session's
};

/// Lives at most as long as the selector that made it. Used by one thread; `read_parts` uses
/// others.
class Input {
 public:
  virtual ~Input() = default;
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // What it is.

  /// What is known without reading it: its counts may be old; of a file that was named, nothing.
  const Session& session() const { return session_; }
  Session take_session() { return std::move(session_); }
  /// Of `S@12`: the last event that is read. Then the session's counts and times are those it had
  /// there.
  const std::optional<std::uint64_t>& point() const { return point_; }
  /// Has it end at an event, which happened at `at`.
  void end_at(std::uint64_t sequence_number, Timestamp at);

  /// What --store calls the place that it is in, where several were chosen; else empty.
  const std::string& store_name() const { return store_name_; }
  void is_in(std::string store_name) { store_name_ = std::move(store_name); }

  /// What a person calls it: a path, or a session's name or id.
  virtual std::string label() const = 0;
  /// What names it after the name of a command.
  virtual std::string arguments() const = 0;
  /// The path that was named, "-" for standard input; empty: a session of a store.
  virtual std::string path() const { return {}; }
  /// The folder of its store, where that is not the one that was chosen with --store; else empty.
  virtual std::string folder() const { return {}; }
  /// Another text for each log, whatever leads to it.
  virtual std::string identity() const = 0;
  /// Whether it is in a store, whose rules hold for it.
  virtual bool of_store() const = 0;

  // What it says.

  /// The session as it is now, up to the point; of a file, what an export says or else the first
  /// event. Errors: as Store::session, or those of reading.
  virtual Result<Session> describe() const = 0;
  /// Its id; of a file, that of the first event. Empty where there is none. Errors: those of
  /// reading.
  virtual Result<std::string> session_id(OnCorrupt on_corrupt) const = 0;
  /// Its labels, as far as they are known.
  virtual Labels labels() const = 0;
  /// Whose record it is, or was imported from: "claude-code", "codex"; empty: it is a log of ours.
  virtual std::string recorded_by() const;
  /// How many events it has now, whatever the point; nothing where only reading would tell.
  virtual std::optional<std::uint64_t> event_count() const { return std::nullopt; }
  /// What people are shown of a session without a name; empty where it has one. See find_title.
  std::string title() const;
  /// The ledger in force. Errors: as Store::ledger.
  virtual Result<Ledger> ledger() const = 0;
  /// Where events come from, "FILE:LINE"; nothing where no file was named.
  virtual std::optional<std::map<std::uint64_t, std::string>> places_of(
      const std::set<std::uint64_t>& sequence_numbers) const;

  /// Of a transcript, gives every event with its place, and those that its files hold once more;
  /// of other inputs none. Errors: those of reading.
  using Trace = std::function<void(const EventView&, const TracedPlace&)>;
  virtual Result<void> trace(const Trace& take) const;

  // Its events, up to the point.

  /// Errors: as Store::read.
  Result<std::unique_ptr<EventReader>> read(ReadOptions options) const;
  /// The same events by parts, by several threads where they come from a long log.
  /// `made`: how much of a transcript's events the parts look at.
  Result<ReadReport> read_parts(ReadOptions options, const Parts& parts,
                                formats::Made made = formats::Made::whole) const;
  /// Errors: as Store::fold.
  virtual Result<Folded> fold(const ProjectionFactory& make, const Point& point,
                              OnCorrupt on_corrupt) const = 0;
  /// For questions that read it several times; lives as long as this. Errors: those of reading.
  virtual Result<History> history() const = 0;
  /// All of it, whatever the point. Errors: as Store::verify.
  virtual Result<Verification> verify(const VerifyOptions& options) const = 0;
  /// Where the kept sums of its parts differ from what `parts` come to. Errors: as
  /// Store::check_cached_aggregate.
  virtual Result<std::vector<Finding>> check_cached_aggregate(const Parts& parts) const;

 protected:
  explicit Input(Session session, std::string title = {})
      : session_{std::move(session)}, title_{std::move(title)} {}

  /// As `read` and `read_parts`, without a look at the point.
  virtual Result<std::unique_ptr<EventReader>> open(ReadOptions options) const = 0;
  virtual Result<ReadReport> open_parts(ReadOptions options, const Parts& parts,
                                        formats::Made made) const = 0;

  /// Tells files apart; `otherwise` where the file cannot be looked at.
  static std::string identity_of_file(const std::string& path, const std::string& otherwise);

 private:
  /// Leaves out what comes after the point.
  ReadOptions up_to_point(ReadOptions options) const;

  Session session_;
  std::string title_;  // of another tool's transcript in a folder
  std::string store_name_;
  std::optional<std::uint64_t> point_;
};

using Inputs = std::vector<std::unique_ptr<Input>>;

/// Whether another session was made of its source since: totals leave it out.
bool is_superseded(const Session& session);

/// The inputs, for those who do not own them.
std::vector<const Input*> pointers_to(const Inputs& inputs);

}  // namespace agentstore::cmd
