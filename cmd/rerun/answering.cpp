#include "cmd/rerun/answering.hpp"

#include <fmt/format.h>

#include <charconv>
#include <set>
#include <thread>
#include <utility>

#include "agentstore/json.hpp"
#include "agentstore/members.hpp"
#include "cmd/quoting.hpp"
#include "cmd/rerun/protocol.hpp"
#include "cmd/words/drafts.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t why_bytes_max = 1000;

/// The rerun as it is in the store.
struct Stored {
  std::string id;
  std::uint64_t version = 0;  ///< the last sequence number
  std::set<std::string> event_ids;
  std::map<std::uint64_t, std::string> answers;  ///< of turns that are done
};

/// One session.
class OneAnswering {
 public:
  OneAnswering(Store& store, const AnsweringOptions& options, const RerunWork& work,
               std::optional<Candidate>& candidate, formats::MadeRerun& made)
      : store_{store}, options_{options}, work_{work}, candidate_{candidate}, made_{made} {}

  /// Finds the rerun. Errors: conflict (a session of its id that is none); those of the store.
  Result<void> open() {
    std::uint64_t attempt = 1;
    auto last = store_.session(work_.rerun.session_id_of(attempt), false);
    while (last) {
      auto next = store_.session(work_.rerun.session_id_of(attempt + 1), false);
      if (!next && next.error().code == Code::not_found) break;
      if (!next) return std::unexpected{next.error()};
      last = std::move(next);
      ++attempt;
    }
    if (!last && last.error().code != Code::not_found) return std::unexpected{last.error()};
    if (last && options_.again) ++attempt;
    stored_.id = made_.session_id = work_.rerun.session_id_of(attempt);
    is_made_ = last && !options_.again;
    if (is_made_) return read_stored();
    // Several may be made at once: each takes its id at once.
    return options_.again ? make() : Result<void>{};
  }

  /// Makes the rerun where it is not there. Errors: conflict (another made it meanwhile); those of
  /// the store.
  Result<void> make() {
    if (is_made_) return {};
    const auto created = store_.create_session({.id = stored_.id, .labels = work_.rerun.labels()});
    is_made_ = created.has_value();
    if (created) return {};
    return created.error().code == Code::conflict ? overtaken(created.error())
                                                  : std::unexpected{created.error()};
  }

  bool is_made() const { return is_made_; }
  bool is_done(const Turn& turn) const { return stored_.answers.contains(turn.number); }

  /// Asks for a turn, and stores what came of it. Errors: what nothing can go on after.
  Result<void> ask(const Turn& turn) {
    const auto begun_at = now();
    const auto begun = Candidate::Clock::now();
    TurnExchange exchange{turn,
                          {.source_id = work_.rerun.session_id,
                           .rerun_id = stored_.id,
                           .live_tools = work_.rerun.live_tools,
                           .known_ids = stored_.event_ids}};
    auto talked = talk(turn, exchange, begun + options_.timeout);
    if (!talked && talked.error().code != Code::invalid) return talked;
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(Candidate::Clock::now() - begun);
    std::string why = talked ? std::string{} : talked.error().message;
    auto written = write(turn, exchange.drafts(), begun_at, ms.count(), why);
    // What it wrote may be nothing that can be stored: then that is what came of it.
    if (!written && written.error().code == Code::invalid) {
      why = "what the candidate wrote cannot be stored: " + written.error().message;
      written = write(turn, {}, begun_at, ms.count(), why);
    }
    if (!written) return written;
    ++made_.asked;
    if (why.empty()) return {};
    ++made_.failed;
    if (made_.first_failure.empty())
      made_.first_failure = fmt::format("turn {}: {}", turn.number, why);
    candidate_.reset();
    return {};
  }

 private:
  Result<void> read_stored() {
    const auto session = store_.session(stored_.id, false);
    const Labels labels = work_.rerun.labels();
    for (const auto& [key, value] : labels) {
      const auto has = session ? session->labels.find(key) : labels.end();
      if (!session || has == session->labels.end() || has->second != value)
        return fail(Code::conflict,
                    "the session " + stored_.id + " is not this rerun: its label " +
                        in_quotes(key) + " is another",
                    "--again makes another one");
    }
    const auto reader = store_.read(stored_.id);
    if (!reader) return std::unexpected{reader.error()};
    Turns turns;
    const auto read = for_each_event(**reader, [&](const EventView& event) {
      stored_.version = event.sequence_number;
      if (!event.event_id.empty()) stored_.event_ids.emplace(event.event_id);
      return turns.take(event);
    });
    if (!read) return read;
    const auto made = turns.finish();
    if (!made) return std::unexpected{made.error()};
    for (const auto& [number, turn] : answered_turns(*made))
      if (!RerunMark::of(turn->metadata)->failed) stored_.answers[number] = turn->answer;
    return {};
  }

  std::vector<SaidBefore> history_before(const Turn& turn) const {
    std::vector<SaidBefore> history;
    for (const Turn& before : work_.turns) {
      if (before.number >= turn.number) break;
      if (!before.input.empty()) history.push_back({"user", before.input});
      const auto own = stored_.answers.find(before.number);
      std::string answer = before.answer;
      if (work_.rerun.own_history)
        answer = own == stored_.answers.end() ? std::string{} : own->second;
      if (!answer.empty()) history.push_back({"assistant", std::move(answer)});
    }
    return history;
  }

  /// Until the turn's end. Errors: invalid (the turn failed); others: nothing can go on.
  Result<void> talk(const Turn& turn, TurnExchange& exchange, Candidate::Clock::time_point until) {
    const bool is_there = candidate_ && !candidate_->is_over();
    if (!is_there)
      if (auto started = start(); !started) return started;
    auto talked = ask_candidate(turn, exchange, until);
    // It ended after the turn before, as it may.
    if (talked || !is_there || !candidate_->left_unheard()) return talked;
    if (auto started = start(); !started) return started;
    return ask_candidate(turn, exchange, until);
  }

  Result<void> start() {
    candidate_.reset();
    auto started = Candidate::start(work_.rerun.command);
    if (!started) return std::unexpected{started.error()};
    candidate_.emplace(std::move(*started));
    return {};
  }

  Result<void> ask_candidate(const Turn& turn, TurnExchange& exchange,
                             Candidate::Clock::time_point until) {
    if (auto begun = candidate_->begin(); !begun) return begun;
    candidate_->say(question_of(turn, work_.rerun, history_before(turn)));
    while (!exchange.has_ended()) {
      const auto line = candidate_->next_line(until);
      if (!line) return std::unexpected{line.error()};
      const auto reply = exchange.take(*line, now());
      if (!reply) return std::unexpected{reply.error()};
      candidate_->say(*reply);
    }
    return {};
  }

  Result<void> write(const Turn& turn, const std::vector<Draft>& answer, Timestamp begun_at,
                     std::int64_t latency_ms, const std::string& why) {
    if (auto made = make(); !made) return made;
    const RerunMark mark{.turn = turn.number,
                         .sequence_number = turn.sequence_number,
                         .path = work_.path,
                         .latency_ms = latency_ms,
                         .failed = !why.empty()};
    std::vector<Draft> drafts{{.type = turn.type,
                               .payload = turn.payload,
                               .metadata = mark.metadata_of(turn, work_.rerun.session_id),
                               .event_id = {},
                               .timestamp = begun_at}};
    drafts.insert(drafts.end(), answer.begin(), answer.end());
    if (!why.empty())
      drafts.push_back({.type = "error",
                        .payload = json::object({{"message", why.substr(0, why_bytes_max)}}).text(),
                        .timestamp = now()});
    const auto receipts = store_.append(stored_.id, drafts, {.expected_version = stored_.version});
    if (!receipts && receipts.error().code == Code::conflict) return refused_by(receipts.error());
    if (!receipts) return std::unexpected{receipts.error()};
    stored_.version = receipts->back().sequence_number;
    for (const Draft& draft : drafts) stored_.event_ids.insert(draft.event_id);
    if (why.empty()) stored_.answers[turn.number] = said_in(answer);
    return {};
  }

  /// Somebody else wrote to the session; or an id that the candidate gave is another event's.
  std::unexpected<Error> refused_by(const Error& conflict) const {
    const auto session = store_.session(stored_.id);
    const bool is_as_it_was = session && session->event_count == stored_.version;
    return is_as_it_was ? fail(Code::invalid, conflict.message) : overtaken(conflict);
  }

  std::unexpected<Error> overtaken(const Error& why) const {
    return fail(Code::conflict,
                "another rerun wrote to " + stored_.id + " meanwhile: " + why.message,
                "let one of them go on; what is answered is not asked again");
  }

  /// The words of an answer that was just given.
  static std::string said_in(const std::vector<Draft>& answer) {
    Turns turns;
    EventView message;
    message.type = user_message;
    message.payload = std::string_view{"{}"};
    message.metadata = std::string_view{"{}"};
    (void)turns.take(message);
    for (const Draft& draft : answer) (void)turns.take(view_of(draft));
    const auto made = turns.finish();
    return made && !made->empty() ? made->front().answer : std::string{};
  }

  Store& store_;
  const AnsweringOptions& options_;
  const RerunWork& work_;
  std::optional<Candidate>& candidate_;
  formats::MadeRerun& made_;
  Stored stored_;
  bool is_made_ = false;  // what was never asked leaves no session
};

}  // namespace

Result<std::chrono::nanoseconds> Pace::parse(const std::optional<std::string>& word) {
  using namespace std::chrono_literals;
  if (!word) return 0ns;
  const std::size_t slash = word->find('/');
  const std::string unit = slash == word->npos ? "" : word->substr(slash + 1);
  std::uint64_t turns = 0;
  const char* const end = word->data() + std::min(slash, word->size());
  const auto [at, error] = std::from_chars(word->data(), end, turns);
  const std::chrono::nanoseconds in = unit == "s"   ? 1s
                                      : unit == "m" ? 60s
                                      : unit == "h" ? 3600s
                                                    : 0s;
  if (error != std::errc{} || at != end || turns == 0 || turns > 1'000'000 || in == 0ns)
    return fail(Code::invalid, "--rate cannot be " + in_quotes(*word), "write 2/s, 30/m or 500/h");
  return in / static_cast<std::int64_t>(turns);
}

void Pace::wait() {
  Clock::time_point mine;
  {
    const std::lock_guard lock{mutex_};
    mine = std::max(next_, Clock::now());
    next_ = mine + interval_;
  }
  std::this_thread::sleep_until(mine);
}

formats::MadeRerun Answering::answer(const RerunWork& work) {
  formats::MadeRerun made{.rerun_of = work.rerun.session_id, .turns = work.turns.size()};
  OneAnswering one{store_, options_, work, candidate_, made};
  const auto refuse = [&](const Error& error) {
    made.refused = error;
    stop_ = true;
    if (!one.is_made()) made.session_id.clear();
    return std::move(made);
  };
  if (auto opened = one.open(); !opened) return refuse(opened.error());
  for (const Turn& turn : work.turns) {
    if (stop_) break;
    if (one.is_done(turn)) {
      ++made.already;
    } else if (turn.redacted) {
      ++made.redacted;
    } else {
      pace_.wait();
      if (auto asked = one.ask(turn); !asked) return refuse(asked.error());
      turn_done_();
    }
  }
  if (!stop_)
    if (auto there = one.make(); !there) return refuse(there.error());
  if (!one.is_made()) made.session_id.clear();
  return made;
}

}  // namespace agentstore::cmd
