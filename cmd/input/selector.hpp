// Selecting sessions: what a word on the command line names.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/store.hpp"
#include "cmd/context.hpp"
#include "cmd/input/input.hpp"
#include "cmd/input/input_files.hpp"
#include "cmd/input/places.hpp"
#include "cmd/input/transcript_folder.hpp"

namespace agentstore::cmd {

class RawFilter;

/// Finds sessions by what people call them, in a store that is opened when it is first needed. What
/// it gives lives as long as it does.
class Selector {
 public:
  explicit Selector(Context& context) : context_{context}, places_{context} {}

  /// The store, to read; of several the first. Errors: as Store::open.
  Result<Store*> store();

  /// For reading: a path (that of a log in a store is its session there), or an exact id, a unique
  /// name, a unique prefix of an id, `@` (the session with the newest event that is not the store's
  /// own; one without events counts by its creation), `@~N` (the Nth before it). Of each `…@12` is
  /// the same at event 12: all that reads what was chosen ends there.
  /// Errors: not_found, with the nearest session, or with the candidates of an ambiguous word, or
  /// where there is no such event.
  Result<std::unique_ptr<Input>> choose(std::string_view word);
  /// Each of several, once. Errors: likewise; those of drop_repeated.
  Result<Inputs> choose_each(std::span<const std::string> words);
  /// Every session of the stores, newest first. Of one that cannot be read it says so, and the
  /// command does not end well.
  Result<Inputs> all();
  /// The same and, after them, what the store knows of and cannot list, for who looks at each.
  Result<Inputs> known();
  /// The same as one subject: each session once, and not what another one was made of since.
  /// Errors: not_found, where there is none.
  Result<Inputs> several();
  /// As several(), where there may be none.
  Result<Inputs> each_once();
  /// Those that a session's sub-agents have, newest first.
  Result<Inputs> children(const Input& parent);
  /// Those of all of them, listed once, whatever labels are asked for; not those that others were
  /// made of since.
  Result<Inputs> children_of_all(const Inputs& parents);
  /// Those of a page of the listing, with fresh counts.
  Result<Inputs> page(const ListOptions& options);

  /// Leaves out sessions that were chosen before, by whatever name, path or link; says which.
  /// Errors: invalid, where one was chosen at two points, of which none is more right.
  Result<void> drop_repeated(Inputs& chosen);
  /// Of several stores, leaves out what is in more than one of them: of a session's copies the one
  /// that goes furthest is kept. Says so.
  void count_once(Inputs& chosen);
  /// What the listing of another tool's folder could not read, which was said then: sessions of
  /// the store may be missing, and those that it found may be in part.
  const std::vector<std::string>& unreadable() const { return unreadable_; }

  /// From now on, of other tools' sessions those are left out, as far as raw bytes tell, that do
  /// not hold it. `raw` outlives this; null: none are.
  void leave_out_without(const RawFilter* raw) { raw_ = raw; }
  /// Sums that will be asked for of all sessions: other tools' files that have to be read to be
  /// listed are summed up then.
  void sum_with(SumFile sum) { sum_ = std::move(sum); }

  /// Every session's events, in order of time; `all` are the sessions. `side_by_side`: see
  /// gather_events.
  Result<std::unique_ptr<EventReader>> read_all(Inputs& all, ReadOptions options,
                                                bool side_by_side = false);

 private:
  Result<std::unique_ptr<Input>> whole(std::string_view word);
  /// Whether the word as it is, not `S@12`, is a file or an exact id. Errors: not_found, where both
  /// are sessions.
  Result<bool> is_whole(std::string_view word, std::string_view without_point);
  Result<void> end_at(Input& input, std::uint64_t sequence_number);
  Result<std::unique_ptr<Input>> by_name(std::string_view word);
  /// Null where there is none.
  Result<std::unique_ptr<Input>> by_unlisted_id(std::string_view id);
  /// Those with the labels of --label and --project.
  Result<Inputs> selected(Result<Inputs> all);
  void tell_unknown(const Labels& asked, const Inputs& all);
  Result<void> add_unlisted(Place& place, Inputs& known);
  Result<std::unique_ptr<Input>> by_age(std::string_view word);
  Result<std::unique_ptr<Input>> by_path(const std::string& path);

  /// The sessions of that exact id, where every place is a store: without listing any.
  Result<Inputs> exact(std::string_view id);
  /// Of every place, newest first. Of another tool's folder all, whatever `options` ask for.
  Result<Inputs> list(const ListOptions& options);
  /// Of the place that the input is in.
  Result<Inputs> list_beside(const Input& input, const ListOptions& options);
  Result<Inputs> list_place(Place& place, const ListOptions& options);
  Result<Inputs> list_folder(const TranscriptFolder& folder);
  Result<Inputs> page_of_folder(const TranscriptFolder& folder);
  /// Of several places, their sessions in one list.
  template <class ListOne>
  Result<Inputs> list_all(bool by_last_event, ListOne list_one);
  std::unique_ptr<Input> input_of(TranscriptSession file);
  void note_unreadable(const std::vector<Error>& errors);

  Context& context_;
  std::vector<std::string> unreadable_;
  Places places_;
  InputFiles files_;
  const RawFilter* raw_ = nullptr;
  SumFile sum_;  // empty: none
  bool labels_told_ = false;
  std::vector<std::string> links_told_;  // that lead out of folders of transcripts
};

}  // namespace agentstore::cmd
