#include "cmd/foreign_words.hpp"

#include <algorithm>
#include <array>

#include "agentstore/internal/nearest.hpp"

namespace agentstore::cmd {
namespace {

/// Words between spaces.
bool has_word(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::string_view one = words.substr(0, words.find(' '));
    if (one == word) return true;
    words.remove_prefix(std::min(one.size() + 1, words.size()));
  }
  return false;
}

struct ForeignCommand {
  std::string_view words;
  std::string_view instead;
};

constexpr ForeignCommand commands[] = {
    {"ls list dir history ps runs session all",
     "`agentstore sessions` lists what is there, `agentstore replay S` shows one"},
    {"log cat less view print events timeline trace open read",
     "`agentstore replay S` shows what happened, `agentstore sessions` lists what is there"},
    {"tail head last recent watch follow stream",
     "`agentstore replay @ -n 10` shows the newest events, and -f goes on with them"},
    {"grep search rg ag ack", "`agentstore find WORD` finds a word in every session"},
    {"where filter query select", "`agentstore replay --all --where EXPR` finds events"},
    {"rm delete del remove drop prune purge",
     "a log only grows; `agentstore redact S EVENT --reason TEXT` removes payloads for good"},
    {"mask anonymize erase forget scrub",
     "`agentstore redact S EVENT --reason TEXT` removes payloads for good"},
    {"rename mv move name", "`agentstore label S --name NAME` gives it another name"},
    {"tag tags labels annotate meta metadata",
     "`agentstore label S KEY=VALUE` sets a label, and without any shows those it has"},
    {"cost costs usage spend spent tokens count wc sum totals summary report top bill daily "
     "monthly",
     "`agentstore stats` counts tokens and cost; --by day, model or session"},
    {"fork clone branch cp duplicate",
     "`agentstore copy S@12` makes a new session of its beginning, `agentstore whatif S --without "
     "EVENT --save-as ID` an altered one"},
    {"retry again reproduce regenerate replay-with eval evaluate",
     "`agentstore rerun S --exec CMD` has its turns answered once more"},
    {"checkout at reset rewind revert undo rollback restore",
     "a log only grows; `agentstore state S@12` or --at TIME shows what was, `agentstore whatif` "
     "what would have been"},
    {"simulate what-if counterfactual", "`agentstore whatif S --without EVENT` tells"},
    {"compare cmp difference", "`agentstore diff A B` compares two sessions"},
    {"why who", "`agentstore blame S /POINTER` says which event set a value"},
    {"when", "`agentstore bisect S EXPR` finds the event at which something became true"},
    {"rules rule policy policies guard budget budgets scan secrets compliance",
     "`agentstore audit` holds sessions to rules, `agentstore audit --list` shows them"},
    {"check fsck validate lint doctor integrity",
     "`agentstore verify` checks every log that is there"},
    {"fix recover salvage gc clean", "`agentstore repair S` mends a log, --dry-run says how"},
    {"sign seal", "`agentstore checkpoint S` signs how long a log is"},
    {"new init add start", "`agentstore create` makes a session, `agentstore append S` adds to it"},
    {"commit write emit push put event insert",
     "`agentstore append S --type TYPE --payload JSON` adds an event"},
    {"load ingest pull fetch", "`agentstore import PATH` takes in transcripts and exports"},
    {"save backup dump", "`agentstore export S -o FILE` writes a session out"},
    {"snapshot current get info status describe",
     "`agentstore state S` folds a session into its state, `agentstore stats S` counts"},
    {"funds money account wallet", "`agentstore balance S` says what was held"},
    {"prices price", "`agentstore stats --prices` shows what is known of models"},
};

struct ForeignFlag {
  std::string_view words;
  std::string_view ours;  // the first that the command has counts
};

constexpr ForeignFlag flags_elsewhere[] = {
    {"--limit --last --count --max --max-count --lines --num --number --head --tail --top --newest",
     "-n"},
    {"--from --after --start --begin", "--since"},
    {"--to --end --till", "--until --before"},
    {"--as-of --time --when", "--at --since"},
    {"--filter --match --search --regex --regexp --pattern --contains --find", "--grep --where"},
    {"--query --expr --expression --condition --if", "--where"},
    {"--kind --event --event-type --only", "--type"},
    {"--exclude --skip --not --without --ignore", "--not-type"},
    {"--sort --order --order-by --sort-by --desc --newest-first", "--sort --reverse --by"},
    {"--out --save --to-file --write", "--output"},
    {"--silent", "--quiet"},
    {"--fail-if --fail-when --fail", "--fail-on"},
    {"--check --expect --require", "--assert"},
    {"--group --group-by --per", "--by"},
    {"--dir --path --folder --data --root --db --database --repo", "--store"},
    {"--timezone --zone", "--tz"},
    {"--live --watch --tail", "--follow"},
    {"--dryrun --dry", "--dry-run"},
    {"--no-color --no-colour --colour", "--color"},
    {"--full --no-trunc --no-truncate --complete", "--wide"},
    {"--every --everything --all-sessions", "--all"},
    {"--ndjson --pretty --csv --markdown --output-format", "--format --json"},
    {"--debug", "--verbose"},
    {"--cwd --repository", "--project"},
    {"--tag --tags --meta", "--label"},
    {"--text --content --message --body --data", "--text --payload --data"},
    {"--id", "--event-id"},
};

std::string first_of(std::string_view ours, std::span<const std::string> flags) {
  while (!ours.empty()) {
    const std::string one{ours.substr(0, ours.find(' '))};
    if (std::ranges::find(flags, one) != flags.end()) return one;
    ours.remove_prefix(std::min(one.size() + 1, ours.size()));
  }
  return {};
}

}  // namespace

std::string instead_of_command(std::string_view command) {
  const auto* const found = std::ranges::find_if(
      commands, [&](const ForeignCommand& one) { return has_word(one.words, command); });
  return found == std::end(commands) ? std::string{} : std::string{found->instead};
}

std::string instead_of_flag(const std::string& flag, std::span<const std::string> flags) {
  for (const ForeignFlag& one : flags_elsewhere)
    if (has_word(one.words, flag))
      if (std::string ours = first_of(one.ours, flags); !ours.empty()) return ours;
  // Of a letter nothing is near.
  return flag.size() <= 2 ? std::string{} : nearest(flag, flags);
}

}  // namespace agentstore::cmd
