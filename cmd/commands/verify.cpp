#include "formats/answers/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "agentstore/checkpoint.hpp"
#include "cmd/commands.hpp"
#include "cmd/input/known_files.hpp"
#include "cmd/input/page_source.hpp"
#include "cmd/input/places.hpp"
#include "cmd/input/rules_in_force.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/read_whole.hpp"
#include "cmd/totals/totals.hpp"
#include "formats/text/rules.hpp"

namespace agentstore::cmd {
namespace {

/// What an auditor kept of a log, and holds it to.
struct Evidence {
  std::optional<Checkpoint> checkpoint;
  std::optional<Mark> head;  ///< its hash and size
};

Result<std::string> read_text(const std::string& path) {
  constexpr std::size_t text_bytes_max = std::size_t{1} << 20;
  return read_whole_file(path, text_bytes_max);
}

/// "HASH@N".
Result<Mark> parse_head(const std::string& word) {
  Mark mark{.head = word.substr(0, word.find('@')), .root = {}};
  const char* const end = word.data() + word.size();
  const std::size_t number = std::min(mark.head.size() + 1, word.size());
  const auto [rest, error] = std::from_chars(word.data() + number, end, mark.size);
  if (mark.head.size() != 64 || mark.head.find_first_not_of("0123456789abcdef") != word.npos ||
      error != std::errc{} || rest != end)
    return fail(Code::invalid, in_quotes(word) + " is not a head",
                "write HASH@N: 64 hex digits, and the event's sequence number");
  return mark;
}

Result<Evidence> evidence_of(const VerifyCommand& options) {
  Evidence evidence;
  if (options.head) {
    const auto head = parse_head(*options.head);
    if (!head) return std::unexpected{head.error()};
    evidence.head = *head;
  }
  if (!options.checkpoint) return evidence;
  if (!options.key)
    return fail(Code::invalid, "--checkpoint needs the --key of who signed it",
                "`agentstore checkpoint --verifier-key` prints it");
  const auto note = read_text(*options.checkpoint);
  if (!note) return std::unexpected{note.error()};
  std::string key = *options.key;
  if (key.find('+') == key.npos) {
    auto text = read_text(key);
    if (!text) return std::unexpected{text.error()};
    key = std::move(*text);
  }
  auto checkpoint = open_checkpoint(*note, key);
  if (!checkpoint) return std::unexpected{checkpoint.error()};
  evidence.checkpoint = std::move(*checkpoint);
  return evidence;
}

agentstore::VerifyOptions wanted(const VerifyCommand& options, const Evidence& evidence) {
  agentstore::VerifyOptions verify{.marks = {}, .snapshots = options.snapshots};
  if (evidence.checkpoint) verify.marks.push_back(evidence.checkpoint->size);
  if (evidence.head) verify.marks.push_back(evidence.head->size);
  return verify;
}

void hold_to(Verification& verification, const Evidence& evidence) {
  const auto mark_at = [&](std::uint64_t size) {
    const auto found = std::ranges::find(verification.marks, size, &Mark::size);
    return found == verification.marks.end() ? Mark{} : *found;
  };
  const auto lose = [&](Finding finding) {
    if (verification.verdict != Verdict::damaged) verification.verdict = Verdict::lost;
    add_finding(verification, std::move(finding));
  };
  if (const auto& head = evidence.head; head && mark_at(head->size).head != head->head)
    lose({FindingKind::head, 0, 0, head->size,
          "the event's hash is not the one given, or the log does not reach it"});
  if (const auto& note = evidence.checkpoint) {
    if (!note->origin.ends_with("/" + verification.session_id)) {
      add_finding(verification, {FindingKind::checkpoint, 0, 0, 0,
                                 "the checkpoint is one of another log: " + note->origin});
    } else if (mark_at(note->size).root != note->root) {
      lose({FindingKind::checkpoint, 0, 0, note->size,
            fmt::format("the log does not go on from what the checkpoint signed: its first {} "
                        "events are others, or gone",
                        note->size)});
    }
  }
}

Result<std::unique_ptr<Input>> choose(Selector& selector, const std::string& word) {
  auto one = selector.choose(word);
  if (one && (*one)->point())
    return fail(Code::invalid, in_quotes(word) + " ends at an event: a log is verified as a whole",
                "name the session alone; --head HASH@N holds event N to its hash");
  return one;
}

Result<Verification> verify_input(const Input& input, const agentstore::VerifyOptions& options) {
  auto verified = input.verify(options);
  if (!verified || !options.snapshots) return verified;
  const Grouping whole;
  Adder adder{whole};
  const auto findings = input.check_cached_aggregate(adder.parts(input.labels()));
  if (!findings) return std::unexpected{findings.error()};
  for (const Finding& finding : *findings) add_finding(*verified, finding);
  return verified;
}

/// The sessions that were named, or all that the store knows.
class Verifier {
 public:
  Verifier(Context& context, const VerifyCommand& options, const Evidence& evidence)
      : context_{context}, options_{options}, evidence_{evidence} {}

  int run() {
    auto chosen = chosen_sessions();
    if (!chosen) return context_.refuse(chosen.error());
    for (const auto& one : *chosen) verify(*one);
    const RuleFiles rules = rules_of(context_, of_store_, By::ledger);
    if (!context_.common.json && !rules.empty())
      context_.note("not sealed, and in force: the rules in " + formats::rules_text(rules));
    context_.start_pager();
    if (context_.common.json) formats::write_verify_json(context_.out, found_, rules);
    else if (!found_.empty())
      formats::write_verify_text(context_.out, found_, context_.screen(), of_store_, of_page_);
    if (options_.require_sealed) require_sealed();
    if (!selector_.unreadable().empty()) note_status(Status::incomplete);
    keep_result();
    if (options_.sessions.empty() && chosen->empty())
      nothing("there is no session in " + context_.store_names().front());
    return context_.finish(status_);
  }

 private:
  /// For `agentstore` alone: of a store that was verified as a whole.
  void keep_result() {
    Places places{context_};
    const auto here = places.chosen();
    if (!options_.sessions.empty() || !here || here->size() != 1 || here->front()->transcripts)
      return;
    const auto findings = std::ranges::count_if(
        found_, [](const Verification& one) { return formats::has_findings(one); });
    context_.known_files().keep_verification(
        here->front()->name, {.at = now(),
                              .sessions = found_.size(),
                              .with_findings = static_cast<std::uint64_t>(findings)});
  }
  void note_status(int status) {
    if (status_ == Status::fine) status_ = status;
  }
  /// Says what was not there to look at.
  void nothing(const std::string& what) {
    context_.warn(what + ": nothing was verified");
    if (!options_.allow_empty) note_status(Status::incomplete);
  }

  void not_whole(const Input& one) {
    context_.warn(one.path() + " is an extract, and not the whole log; --extract takes it for one");
    note_status(Status::finding);
  }

  Result<Inputs> chosen_sessions() {
    if (options_.sessions.empty()) return selector_.known();
    Inputs chosen;
    for (const std::string& word : options_.sessions) {
      auto one = choose(selector_, word);
      if (one) chosen.push_back(std::move(*one));
      else note_status(context_.refuse(one.error()));
    }
    if (auto once = selector_.drop_repeated(chosen); !once) return std::unexpected{once.error()};
    return chosen;
  }

  void verify(const Input& one) {
    auto verification = verify_input(one, wanted(options_, evidence_));
    if (!verification) return note_status(context_.refuse(verification.error()));
    const bool found = formats::has_findings(*verification);
    // What is outside of a store and holds no event is not a session.
    if (!one.of_store() && verification->events == 0 && !found &&
        verification->verdict != Verdict::in_flight)
      return nothing(one.path() + " holds no event");
    hold_to(*verification, evidence_);
    if (formats::has_findings(*verification)) note_status(Status::finding);
    else if (verification->verdict == Verdict::extract && !context_.common.extract) not_whole(one);
    for (const std::string& note : verification->notes) context_.note(one.label() + ": " + note);
    of_store_ = of_store_ || one.of_store();
    of_page_ = of_page_ || (!one.of_store() && page_kind_of(head_of_file(one.path())));
    events_ += verification->events;
    unsealed_ += verification->unsealed;
    found_.push_back(std::move(*verification));
  }

  void require_sealed() {
    if (unsealed_ > 0) {
      context_.warn(
          fmt::format("{} events are not sealed, and --require-sealed is given", unsealed_));
      note_status(Status::finding);
    } else if (events_ == 0 && !found_.empty()) {
      nothing("there is no event, and --require-sealed is given");
    }
  }

  Context& context_;
  const VerifyCommand& options_;
  const Evidence& evidence_;
  Selector selector_{context_};
  std::vector<Verification> found_;
  bool of_store_ = false;  // whether one of them is a session of the store
  bool of_page_ = false;   // whether one of them is in a page
  std::uint64_t events_ = 0;
  std::uint64_t unsealed_ = 0;
  int status_ = Status::fine;
};

}  // namespace

int run(Context& context, const VerifyCommand& options) {
  if (options.all && !options.sessions.empty())
    return context.refuse(Code::invalid, "--all and a session are given", "give one of them");
  const auto evidence = evidence_of(options);
  if (!evidence) return context.refuse(evidence.error());
  if ((options.head || options.checkpoint) && options.sessions.size() != 1)
    return context.refuse(Code::invalid, "a head or a checkpoint is that of one session",
                          "name the session");
  return Verifier{context, options, *evidence}.run();
}

}  // namespace agentstore::cmd
