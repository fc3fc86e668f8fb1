// Selecting sessions: what a word on the command line names.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/store.hpp"
#include "cmd/context.hpp"
#include "cmd/inputs.hpp"

namespace agentstore::cmd {

/// A session to read: one of a store, or a log outside of one.
struct Chosen {
  Session session;   ///< its counts may be old; of a log by path nothing is known before reading
  std::string path;  ///< not empty: a log's path, or "-" for standard input
  /// Of `S@12`: the last event that is read. Then the session's counts and times are those it had
  /// there.
  std::optional<std::uint64_t> point = std::nullopt;
  std::string title =
      {};  ///< of another tool's transcript in a folder; else see Selector::title_of
  std::string folder = {};  ///< not empty: that of its store, which is not the one that was chosen

  /// What a person calls it.
  std::string label() const;
};

/// Finds sessions by what people call them, in a store that is opened when it is first needed.
class Selector {
 public:
  explicit Selector(Context& context) : context_{context} {}

  Context& context() { return context_; }

  /// The store, to read. Errors: as Store::open.
  Result<Store*> store();
  /// The store of a session. Errors: as Store::open.
  Result<Store*> store_of(const Chosen& chosen);

  /// For reading: a path (that of a log in a store is its session there), or an exact id, a unique
  /// name, a unique prefix of an id, `@` (the session with the newest event that is not the store's
  /// own; one without events counts by its creation), `@~N` (the Nth before it). Of each `…@12` is
  /// the same at event 12: all
  /// that reads what was chosen ends there.
  /// Errors: not_found, with the nearest session, or with the candidates of an ambiguous word, or
  /// where there is no such event.
  Result<Chosen> choose(std::string_view word);
  /// Every session of the store, newest first. Of one that cannot be read it says so, and the
  /// command does not end well.
  Result<std::vector<Chosen>> all();
  /// The same and, behind them, what the store knows of and cannot list, for who looks at each.
  Result<std::vector<Chosen>> known();
  /// Those that a session's sub-agents have, newest first.
  Result<std::vector<Chosen>> children(const Chosen& parent);

  /// What people are shown of a session without a name; empty where it has one. See find_title.
  std::string title_of(const Chosen& chosen);
  /// Its labels, as far as they are known: of a file, what an export says.
  Labels labels_of(const Chosen& chosen);
  /// Leaves out sessions that were chosen before, by whatever name, path or link; says which.
  /// Errors: invalid, where one was chosen at two points, of which none is more right.
  Result<void> drop_repeated(std::vector<Chosen>& chosen);
  /// What the listing of another tool's folder could not read, which was said then: sessions of
  /// the store may be missing, and those that it found may be in part.
  const std::vector<std::string>& unreadable() const { return unreadable_; }

  /// What a path holds; it lives as long as this. Errors: as Inputs::open.
  Result<const Input*> input_of(const Chosen& chosen);
  /// Of a log by path, what its first event says; empty where it has none.
  Result<std::string> session_id_of(const Chosen& chosen, OnCorrupt on_corrupt);
  /// A log's events, or those of another tool's transcript: of the latter, `made` says how much.
  Result<std::unique_ptr<EventReader>> read(const Chosen& chosen, ReadOptions options,
                                            formats::Made made = formats::Made::whole);
  /// The same events by parts, by several threads where they come from a long log.
  Result<ReadReport> read_parts(const Chosen& chosen, ReadOptions options, const Parts& parts,
                                formats::Made made = formats::Made::whole);
  /// Every session's, in order of time.
  Result<std::unique_ptr<EventReader>> read_all(ReadOptions options);

 private:
  Result<Chosen> whole(std::string_view word);
  /// Whether the word as it is, not `S@12`, is a file or an exact id. Errors: not_found, where both
  /// are sessions.
  Result<bool> is_whole(std::string_view word, std::string_view without_point);
  Result<Chosen> at_point(Chosen chosen, std::uint64_t sequence_number);
  Result<Chosen> by_age(std::string_view word);
  /// When its newest event was that is not the store's own; of a session without one its creation.
  Timestamp last_activity(const Chosen& chosen);
  /// Of another tool's folder all, whatever `options` ask for.
  Result<std::vector<Chosen>> list(const ListOptions& options);
  Result<Chosen> by_path(const std::string& path);

  /// Another text for each log, whatever leads to it.
  std::string identity_of(const Chosen& chosen);
  void note_unreadable(const std::vector<Error>& errors);

  Context& context_;
  std::vector<std::string> unreadable_;
  std::optional<Store> store_;
  std::optional<Store> gathered_;  // transcripts that are read together
  Inputs inputs_;
  std::map<std::string, Store> others_;  // by their folders
  bool links_told_ = false;              // that lead out of a folder of transcripts
};

/// For writing: an exact id or a unique name. Errors: as Selector::choose.
Result<std::string> choose_to_write(const Store& store, std::string_view word);

/// "K=V"s. Errors: invalid.
Result<Labels> parse_labels(const std::vector<std::string>& words);

}  // namespace agentstore::cmd
