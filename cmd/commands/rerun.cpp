#include "formats/answers/rerun.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "agentstore/analysis/fields.hpp"
#include "agentstore/internal/foreign_json.hpp"
#include "cmd/commands.hpp"
#include "cmd/input/read_report.hpp"
#include "cmd/input/store_input.hpp"
#include "cmd/read_whole.hpp"
#include "cmd/rerun/comparison.hpp"
#include "cmd/rerun/running_groups.hpp"
#include "cmd/rerun/side_by_side.hpp"
#include "cmd/store_name.hpp"
#include "cmd/words/assertions.hpp"
#include "cmd/words/filters.hpp"
#include "cmd/words/labels.hpp"
#include "formats/answers/rerun_made.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t prompt_bytes_max = std::size_t{16} << 20;
constexpr std::size_t shown_hash_digits = 8;

bool is_rerun(const Session& session) {
  return session.labels.contains(std::string{rerun_label});
}

Result<void> check_use(const RerunCommand& options, const CommonOptions& common) {
  if (!options.command && !options.report)
    return fail(Code::invalid, "nothing is run without --exec",
                "--exec CMD names who is to answer; --report compares what was answered");
  if (options.command && options.command->find_first_not_of(" \t") == options.command->npos)
    return fail(Code::invalid, "--exec names no command");
  const bool asks = options.prompt || options.candidate || options.to || options.again ||
                    options.rate || options.since || options.all;
  if (!options.command && asks)
    return fail(Code::invalid,
                "--all, --since, --prompt, --candidate, --to, --rate and --again are for --exec",
                "name reruns, sessions or labels after --report; alone, it is of every rerun");
  const bool selects = options.all || options.since || !common.labels.empty();
  if (options.command && selects == !options.sessions.empty())
    return fail(
        Code::invalid,
        selects ? "sessions are named beside --all, --since or --label" : "no session is named",
        "name sessions, or give --all, --since or --label");
  if (options.jobs == 0 || options.jobs > RunningGroups::groups_max)
    return fail(Code::invalid, fmt::format("--jobs is 1 to {}", RunningGroups::groups_max));
  if (options.timeout_s == 0 || options.timeout_s > 1'000'000)
    return fail(Code::invalid, "--timeout is 1 to 1000000 seconds");
  if (!options.report && (!options.assertions.empty() || options.by || !options.ignored.empty()))
    return fail(Code::invalid, "--assert, --fail-on, --by and --ignore are for --report",
                "beside --exec it compares what was answered");
  if (!options.report && (options.format == "markdown" || options.format == "junit"))
    return fail(Code::invalid, "--format " + options.format + " is for --report");
  return {};
}

/// The base of the command's first word.
std::string default_candidate(const std::string& command) {
  const std::size_t begun = command.find_first_not_of(" \t");
  const std::size_t end = std::min(command.find_first_of(" \t\n", begun), command.size());
  const std::string word = command.substr(begun, end - begun);
  const std::size_t slash = word.rfind('/');
  const std::string base = slash == word.npos ? word : word.substr(slash + 1);
  return base.empty() ? word : base;
}

Result<Rerun> rerun_of(const RerunCommand& options) {
  Rerun rerun{.session_id = {},
              .until = {},
              .candidate = options.candidate.value_or(default_candidate(*options.command)),
              .command = *options.command,
              .prompt = {},
              .own_history = options.history == "rerun",
              .live_tools = options.tools == "live"};
  if (rerun.candidate.empty()) return fail(Code::invalid, "--candidate is empty");
  if (!options.prompt) return rerun;
  auto prompt = read_whole_file(*options.prompt, prompt_bytes_max);
  if (!prompt) return std::unexpected{prompt.error()};
  if (!json::is_utf8(*prompt))
    return fail(Code::invalid, "the prompt " + in_quotes(*options.prompt) + " is not UTF-8");
  rerun.prompt = std::move(*prompt);
  return rerun;
}

/// Asks: reads sessions, and has their turns answered.
class Asking {
 public:
  Asking(Context& context, const RerunCommand& options, Selector& selector, OnCorrupt on_corrupt,
         Gate& gate)
      : context_{context},
        options_{options},
        selector_{selector},
        on_corrupt_{on_corrupt},
        gate_{gate} {}

  /// Errors: what keeps it from beginning.
  Result<void> run() {
    auto rerun = cmd::rerun_of(options_);
    if (!rerun) return std::unexpected{rerun.error()};
    rerun_ = std::move(*rerun);
    const auto interval = Pace::parse(options_.rate);
    if (!interval) return std::unexpected{interval.error()};
    auto chosen = choose();
    if (!chosen) return std::unexpected{chosen.error()};
    gate_.lacks_files(selector_.unreadable());
    auto store = options_.to ? context_.open_store({.create = true}, store_name_of(*options_.to))
                             : context_.open_store({.create = false});
    if (!store) {
      Error error = store.error();
      if (!options_.to && error.code == Code::unsupported)
        error.hint = "--to STORE names another one for the answers";
      return std::unexpected{std::move(error)};
    }
    store_.emplace(std::move(*store));
    tell_changed_prompt();
    const SideBySide how{
        .jobs = options_.jobs,
        .interval = *interval,
        .answering = {.timeout = std::chrono::seconds{options_.timeout_s}, .again = options_.again},
        .sessions = chosen->size()};
    std::size_t at = 0;
    made_ = answer_side_by_side(*store_, how, [&] { return next(*chosen, at); });
    tell();
    return {};
  }

  const std::vector<formats::MadeRerun>& made() const { return made_; }
  const Store& store() const { return *store_; }
  bool all_answered() const {
    return std::ranges::all_of(made_, [](const auto& one) { return one.failed == 0; });
  }
  Result<void> close() { return store_->close(); }

 private:
  Result<Inputs> choose() {
    if (!options_.sessions.empty()) return selector_.choose_each(options_.sessions);
    auto all = options_.since ? since() : selector_.all();
    if (!all) return all;
    std::erase_if(*all, [](const auto& one) {
      return is_rerun(one->session()) || is_superseded(one->session());
    });
    selector_.count_once(*all);
    return all;
  }

  /// Those whose last event is of then or later.
  Result<Inputs> since() {
    FilterOptions activity;
    activity.since = options_.since;
    Where where;
    const auto filter = make_filter(activity, context_.zone, where);
    if (!filter) return std::unexpected{filter.error()};
    auto labels = parse_labels(context_.common.labels);
    if (!labels) return std::unexpected{labels.error()};
    auto found =
        selector_.page({.labels = std::move(*labels), .on_unreadable = context_.on_unreadable()});
    if (found)
      std::erase_if(*found, [&](const auto& one) {
        return one->session().updated_at < filter->since.value_or(Timestamp{});
      });
    return found;
  }

  std::optional<RerunWork> next(const Inputs& chosen, std::size_t& at) {
    while (at < chosen.size()) {
      const Input& input = *chosen[at++];
      auto turns = turns_of(input, on_corrupt_, gate_);
      const auto id = turns ? input.session_id(on_corrupt_) : Result<std::string>{};
      if (!turns) gate_.failed(turns.error());
      else if (!id) gate_.failed(id.error());
      else if (turns->empty()) without_turns_.push_back(input.label());
      else return work_of(input, *id, std::move(*turns));
    }
    return std::nullopt;
  }

  RerunWork work_of(const Input& input, const std::string& id, std::vector<Turn> turns) {
    gate_.count(turns.size());
    RerunWork work{.rerun = rerun_, .path = {}, .turns = std::move(turns)};
    work.rerun.session_id = id;
    work.rerun.until = input.point();
    const std::string path = input.path();
    if (!path.empty() && path != "-") work.path = std::filesystem::absolute(path).string();
    return work;
  }

  /// The same candidate was given another prompt before: what it said then is not asked again, and
  /// is no answer to this one.
  void tell_changed_prompt() {
    const auto before =
        store_->sessions({.labels = {{"candidate", rerun_.candidate}, {"command", rerun_.command}},
                          .fresh_counts = false});
    if (!before || before->empty()) return;
    const auto prompt_of = [](const Session& session) {
      return label_of(session.labels, "prompt_sha256");
    };
    const std::string now = rerun_.prompt_sha256();
    for (const Session& session : *before)
      if (prompt_of(session) == now) return;
    const auto named = [](const std::string& hash) {
      return hash.empty() ? std::string{"none"} : hash.substr(0, shown_hash_digits) + "…";
    };
    context_.note(
        fmt::format("the prompt is another one than before (sha256 {}, was {}): every "
                    "turn is asked anew, in reruns of its own",
                    named(now), named(prompt_of(before->front()))));
  }

  void tell() {
    for (const std::string& label : without_turns_)
      context_.note(in_quotes(label) + " has no message of a user: there is nothing to ask");
    std::uint64_t redacted = 0;
    for (const formats::MadeRerun& one : made_) {
      redacted += one.redacted;
      if (one.refused) gate_.failed(*one.refused);
    }
    if (redacted > 0)
      gate_.lacks(
          {fmt::format("turns that cannot be asked, since their words are redacted: {}", redacted)},
          1);
  }

  Context& context_;
  const RerunCommand& options_;
  Selector& selector_;
  const OnCorrupt on_corrupt_;
  Gate& gate_;
  Rerun rerun_;
  std::optional<Store> store_;
  std::vector<formats::MadeRerun> made_;
  std::vector<std::string> without_turns_;
};

/// The reruns that words name: themselves, those of a session, those with a label; without words
/// all.
Result<Inputs> choose_reruns(Selector& selector, const RerunCommand& options, Gate& gate) {
  constexpr const char* hint = "`agentstore rerun SESSION --exec CMD` makes one";
  const std::vector<std::string>& words = options.sessions;
  auto all = selector.all();
  if (!all) return all;
  std::erase_if(*all, [](const auto& one) { return !is_rerun(one->session()); });
  const bool decides = !options.assertions.empty();
  if (words.empty() && all->empty() && !options.allow_empty) {
    if (!decides) return fail(Code::not_found, "there is no rerun here", hint);
    gate.unmatched("there is no rerun here", hint);
  }
  if (words.empty()) return all;
  Inputs chosen;
  for (const std::string& word : words) {
    const std::size_t before = chosen.size();
    const auto take = [&](const auto& is_meant) {
      for (auto& one : *all)
        if (one && is_meant(one->session())) chosen.push_back(std::move(one));
      std::erase(*all, nullptr);
    };
    const bool is_label = word.contains('=') && !word.contains('/');
    if (is_label) {
      const auto labels = parse_labels({word});
      if (!labels) return std::unexpected{labels.error()};
      const auto& [key, value] = *labels->begin();
      take([&](const Session& session) {
        const auto found = session.labels.find(key);
        return found != session.labels.end() && found->second == value;
      });
    } else {
      const auto named = selector.choose(word);
      if (!named) return std::unexpected{named.error()};
      const auto id = (*named)->session_id(OnCorrupt::strict);
      if (!id) return std::unexpected{id.error()};
      const bool itself = is_rerun((*named)->session());
      take([&](const Session& session) {
        return itself ? session.id == *id : session.labels.at(std::string{rerun_label}) == *id;
      });
    }
    if (chosen.size() > before) continue;
    const std::string none = "there is no rerun of " + in_quotes(word) + " (or it is named twice)";
    if (!is_label || !decides) return fail(Code::not_found, none, hint);
    gate.unmatched(none, hint);
  }
  return chosen;
}

/// Those that were just made.
Result<Inputs> reruns_in(const Store& store, const std::vector<formats::MadeRerun>& made) {
  Inputs inputs;
  for (const formats::MadeRerun& one : made) {
    if (one.session_id.empty()) continue;
    auto session = store.session(one.session_id, false);
    if (!session) return std::unexpected{session.error()};
    inputs.push_back(std::make_unique<StoreInput>(store, std::move(*session)));
  }
  return inputs;
}

formats::RerunAnswer compare(const Inputs& reruns, const TurnComparer& comparer,
                             const RerunCommand& options, Selector& selector, OnCorrupt on_corrupt,
                             Gate& gate) {
  Sources sources{selector, on_corrupt, gate};
  Comparison comparison{comparer, sources, on_corrupt, gate};
  formats::RerunAnswer answer{
      .by = options.by.value_or("candidate"), .results = {}, .incomplete = {}};
  for (const auto& rerun : reruns)
    if (auto result = comparison.of(*rerun)) answer.results.push_back(std::move(*result));
  sort_by_badness(answer.results);
  gate.lacks_files(selector.unreadable());
  answer.incomplete = gate.incomplete();
  return answer;
}

void write(Context& context, const formats::RerunAnswer& answer, const std::string& format) {
  context.start_pager();
  if (format == "json") formats::write_rerun_json(context.out, answer);
  else if (format == "markdown") formats::write_rerun_markdown(context.out, answer);
  else if (format == "junit") formats::write_rerun_junit(context.out, answer);
  else formats::write_rerun_text(context.out, answer, context.screen());
}

}  // namespace

int run(Context& context, const RerunCommand& options) {
  if (auto use = check_use(options, context.common); !use) return context.refuse(use.error());
  const auto on_corrupt = parse_on_corrupt(options.on_corrupt);
  if (!on_corrupt) return context.refuse(on_corrupt.error());
  auto assertions = Assertions::parse(options.assertions);
  if (!assertions) return context.refuse(assertions.error());
  const auto comparer =
      TurnComparer::make({.ignored = options.ignored, .by_words = options.same == "words"});
  if (!comparer) return context.refuse(comparer.error());
  const std::string format = context.common.json ? "json" : options.format;

  Selector selector{context};
  Gate gate{context,
            {.decides = options.command || !options.assertions.empty(),
             .on_corrupt = *on_corrupt,
             .allow_empty = options.allow_empty}};
  Asking asking{context, options, selector, *on_corrupt, gate};
  bool held = true;
  if (options.command) {
    if (auto asked = asking.run(); !asked) return context.refuse(asked.error());
    held = asking.all_answered();
  }
  if (options.report) {
    const auto reruns = options.command ? reruns_in(asking.store(), asking.made())
                                        : choose_reruns(selector, options, gate);
    if (!reruns) return context.refuse(reruns.error());
    const auto answer = compare(*reruns, *comparer, options, selector, *on_corrupt, gate);
    const std::string fields = formats::rerun_fields(answer);
    const auto failures = assertions->failures(fields_of(fields));
    if (!failures) return context.refuse(failures.error());
    write(context, answer, format);
    for (const std::string& failure : *failures) context.find(failure);
    held = held && failures->empty();
  } else {
    if (format == "json") formats::write_made_json(context.out, asking.made());
    else formats::write_made_text(context.out, asking.made(), context.screen());
  }
  if (options.command)
    if (auto closed = asking.close(); !closed) context.warn(closed.error().message);
  return context.finish(gate.status(held));
}

}  // namespace agentstore::cmd
