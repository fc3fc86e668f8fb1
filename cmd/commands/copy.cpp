#include "formats/answers/copy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "agentstore/analysis/whatif.hpp"
#include "cmd/commands.hpp"
#include "cmd/gates/gate.hpp"
#include "cmd/input/event_lines.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/selector.hpp"
#include "cmd/progress.hpp"
#include "cmd/store_name.hpp"

namespace agentstore::cmd {
namespace {

/// As an import: states are saved now and then.
constexpr std::uint64_t events_between_snapshots = 100'000;

class Copier {
 public:
  Copier(Context& context, const Store& from, Store& to, const formats::CopyAnswer& answer)
      : context_{context}, from_{from}, to_{to}, answer_{answer} {}

  void copy(const Inputs& sessions) {
    Progress progress{0, "session"};
    progress_ = &progress;
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      progress.file(i + 1, sessions.size());
      const std::string& id = sessions[i]->session().id;
      formats::CopiedSession copied{.session_id = id};
      if (auto done = copy_one(id, copied); !done) refuse(id, done.error(), copied);
      answer_.sessions.push_back(std::move(copied));
    }
    progress_ = nullptr;
  }

  int finish() {
    if (auto closed = to_.close(); !closed) context_.warn(closed.error().message);
    if (context_.common.json) formats::write_copy_json(context_.out, answer_);
    else formats::write_copy_text(context_.out, answer_);
    return context_.finish(status_);
  }

 private:
  Result<void> copy_one(const std::string& id, formats::CopiedSession& copied) {
    const auto session = from_.session(id);
    if (!session) return std::unexpected{session.error()};
    const auto reader = from_.read(id, {.raw = true});
    if (!reader) return std::unexpected{reader.error()};
    EventLines lines{**reader};
    const auto imported = to_.import_session(*session, [&] {
      auto line = lines.next();
      if (line && *line) progress_->add((*line)->size());
      return line;
    });
    if (!imported) return std::unexpected{imported.error()};
    note_status(tell_report(context_, (*reader)->report(), OnCorrupt::strict));
    copied.events = imported->events;
    copied.already = imported->already;
    copied.created = imported->session_created;
    return compare(id, imported->events + imported->already, copied);
  }

  /// Reads back what is there now, and holds it to what was copied.
  Result<void> compare(const std::string& id, std::uint64_t events,
                       formats::CopiedSession& copied) {
    const auto here = from_.read(id, {.filter = {.to_seq = events}, .raw = true});
    if (!here) return std::unexpected{here.error()};
    const auto there = to_.read(id, {.filter = {.to_seq = events}, .raw = true});
    if (!there) return std::unexpected{there.error()};
    EventLines from{**here};
    EventLines to{**there};
    for (std::uint64_t number = 1; events > 0; ++number) {
      const auto one = from.next();
      if (!one) return std::unexpected{one.error()};
      const auto other = to.next();
      if (!other) return std::unexpected{other.error()};
      if (*one != *other)
        return fail(Code::corrupt,
                    fmt::format("event #{} of session {} is another one in the copy", number, id),
                    "verify both", Remedy::none);
      if (!*one) break;
      progress_->add((*one)->size());
    }
    const auto verified = to_.verify(id);
    if (!verified) return std::unexpected{verified.error()};
    copied.head = verified->head;
    copied.unsealed = verified->unsealed;
    tell_unsealed(id, *verified);
    return {};
  }

  /// In a folder nobody but us is expected to write.
  void tell_unsealed(const std::string& id, const Verification& verified) {
    if (verified.finding_count == 0) return;
    progress_->clear();
    const bool unsealed = std::ranges::all_of(verified.findings, [](const Finding& finding) {
      return finding.kind == FindingKind::unsealed;
    });
    if (unsealed)
      return context_.note(fmt::format(
          "{}: events that other programs added behind sealed ones are copied as they are; "
          "`agentstore verify` names them where nobody else writes",
          id));
    context_.warn(fmt::format("{}: {}", id, verified.findings.front().message));
    note_status(Status::finding);
  }

  void refuse(const std::string& id, Error error, formats::CopiedSession& copied) {
    progress_->clear();
    error.message = "cannot copy the session " + in_quotes(id) + ": " + error.message;
    note_status(context_.refuse(error));
    copied.error = error.message;
  }

  void note_status(int status) {
    if (status_ == Status::fine) status_ = status;
  }

  Context& context_;
  const Store& from_;
  Store& to_;
  formats::CopyAnswer answer_;
  Progress* progress_ = nullptr;
  int status_ = Status::fine;
};

/// Those that were named, or all. Errors: as Selector::choose; invalid, where one is no whole
/// session of the store.
Result<Inputs> choose(Selector& selector, const CopyCommand& options) {
  if (options.all) return selector.all();
  auto chosen = selector.choose_each(options.sessions);
  if (!chosen) return chosen;
  for (const auto& one : *chosen) {
    if (one->point())
      return fail(Code::invalid,
                  "a point of " + in_quotes(one->label()) + " and --to do not go together",
                  "copy up to a point within the store first, and then that session");
    if (!one->of_store() || !one->folder().empty())
      return fail(Code::invalid,
                  in_quotes(one->label()) + " is not a session of the store that is copied from",
                  "name it by its id or name, as `agentstore sessions` shows it");
  }
  return chosen;
}

Result<void> check_fork(const CopyCommand& options) {
  if (options.all)
    return fail(Code::invalid, "--all is for copying to another store", "give --to STORE");
  if (options.sessions.size() != 1)
    return fail(Code::invalid,
                options.sessions.empty() ? "no session is named" : "several sessions are named",
                "name one to go on from, S@12 from its event 12; or give --to STORE");
  if (options.id && options.id->empty()) return fail(Code::invalid, "the id is empty");
  return {};
}

/// Makes a new session of one's beginning. The one that it is made of is only read.
Result<formats::CopiedSession> fork(Context& context, const CopyCommand& options,
                                    const Input& source, Gate& gate) {
  const auto history = source.history();
  if (!history) return std::unexpected{history.error()};
  // First all of it is read: of what is damaged no copy is begun.
  std::uint64_t last = 0;
  const auto read = for_each_event(history->read, {},
                                   [&](const EventView& event) { last = event.sequence_number; });
  if (!read) return std::unexpected{with_advice(read.error(), source)};
  gate.read(*read);
  auto store = context.open_store({.create = true});
  if (!store) return std::unexpected{store.error()};
  const NewSession wanted{
      .id = options.id.value_or(""),
      .name = options.name.value_or(""),
      .labels = {{"forked_from", history->session_id}, {"forked_at", std::to_string(last)}}};
  auto saved = save_what_if(*history, {}, *store, wanted);
  if (!saved) return std::unexpected{saved.error()};
  const auto verified = store->verify(saved->session_id);
  if (!verified) return std::unexpected{verified.error()};
  if (auto closed = store->close(); !closed) return std::unexpected{closed.error()};
  return formats::CopiedSession{.session_id = std::move(saved->session_id),
                                .events = saved->events,
                                .created = true,
                                .unsealed = verified->unsealed,
                                .head = verified->head,
                                .forked_from = history->session_id,
                                .forked_at = last};
}

int run_fork(Context& context, const CopyCommand& options) {
  if (auto use = check_fork(options); !use) return context.refuse(use.error());
  Selector selector{context};
  const auto chosen = selector.choose(options.sessions.front());
  if (!chosen) return context.refuse(chosen.error());
  Gate gate{context, {.decides = false}};
  auto forked = fork(context, options, **chosen, gate);
  if (!forked) return context.refuse(forked.error());
  const std::string here = context.store_names().front();
  const formats::CopyAnswer answer{.from = here, .to = here, .sessions = {std::move(*forked)}};
  if (context.common.json) formats::write_copy_json(context.out, answer);
  else formats::write_copy_text(context.out, answer);
  return context.finish(gate.status(true));
}

}  // namespace

int run(Context& context, const CopyCommand& options) {
  if (options.to.empty()) return run_fork(context, options);
  if (options.id || options.name)
    return context.refuse(Code::invalid, "--id and --name are for a copy in the same store",
                          "without --to, S@12 becomes a new session");
  if (options.all != options.sessions.empty())
    return context.refuse(Code::invalid,
                          options.all ? "sessions are named beside --all" : "no session is named",
                          "name sessions, or give --all");
  if (context.store_names().size() > 1)
    return context.refuse(Code::invalid, "several stores are given to copy from",
                          "give one --from, or --store");
  Selector selector{context};
  const auto from = selector.store();
  if (!from) return context.refuse(from.error());
  const auto sessions = choose(selector, options);
  if (!sessions) return context.refuse(sessions.error());
  const std::string to_name = store_name_of(options.to);
  auto to = context.open_store({.snapshot_interval = events_between_snapshots}, to_name);
  if (!to) return context.refuse(to.error());
  Copier copier{context, **from, *to, {.from = context.store_names().front(), .to = to_name}};
  copier.copy(*sessions);
  return copier.finish();
}

}  // namespace agentstore::cmd
