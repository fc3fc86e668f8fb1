#include "cmd/help.hpp"

#include <algorithm>

namespace agentstore::cmd {
namespace {

struct Topic {
  std::string_view group;
  std::string_view command;
  std::string_view summary;
  std::string_view examples;
};

constexpr Topic topics[] = {
    {"look", "sessions", "List the sessions, newest first",
     R"(Examples:
  agentstore sessions
  agentstore sessions -l -n 20
  agentstore sessions --store claude: --tree
  agentstore sessions --project shop-api --json
)"},
    {"look", "find", "Find words in every session",
     R"(Words are looked for in what was said, called and returned; small letters match
both cases. All of them have to be in one event, or, with --session, in one
session. "two words" as one argument are a phrase, /a.*b/ is a pattern.

Examples:
  agentstore find lint
  agentstore find "merge conflict" rebase --store claude:
  agentstore find --store all /time.?out/ --since 7d
  agentstore find --file cmd/root.go
  agentstore find --command "go test" -C 2
  agentstore find lint --json | jq '.sessions[].session_id'
)"},
    {"look", "replay", "Show what happened, event by event",
     R"(A session is named by its id, its name, the start of its id, or @: the newest;
S@12 is the session at its event 12. Times: 2026-03-07, "2026-03-07 14:00",
14:00, 3h, "2 days ago", monday, "last week", 2026-02, yesterday, now.

Examples:
  agentstore replay flight-search
  agentstore replay @ --follow
  agentstore replay @ --chat
  agentstore replay flight-search --type 'tool_*,error' --since 2026-03
  agentstore replay --all --grep timeout -n 50
  agentstore replay @ --where "cost_total_usd > 0.01 OR tool_name = 'Bash'"
  agentstore replay flight-search --format jsonl | jq .payload
  agentstore replay agent-001 --state --projection balance
  agentstore replay --all --follow --cursor feed.cursor --format jsonl
)"},
    {"look", "show", "Show events whole: what was said, called, changed",
     R"(Of a call, its result, too; edits as differences. What replay and find print
can be pasted.

Examples:
  agentstore show 3f6c0f5e#12
  agentstore show flight-search 5..7
  agentstore show @
  agentstore show --context flight-search#12
  agentstore show transcript.jsonl#14 --json | jq .parts
)"},
    {"look", "state", "Fold a session into its state, now or at a point in time",
     R"(Examples:
  agentstore state flight-search
  agentstore state flight-search@12
  agentstore state flight-search --at 2026-03-07 --json
  agentstore state agent-001 --projection balance --fail-on 'by_asset_PFLEA < 0'
  agentstore state --all --projection pnl --assert 'net_pnl >= 0'
)"},
    {"look", "stats", "Count events, tokens, cost, tool calls and errors",
     R"(Examples:
  agentstore stats
  agentstore stats flight-search --by tool
  agentstore stats --by model,day --since "last month"
  agentstore stats --store claude: --by project
  agentstore stats @ --assert 'cost_total_usd <= 0.50 AND errors = 0'
)"},
    {"look", "balance", "What was held, at any point in time, and how it came about",
     R"(Money is exact. Which events move it: --ledger FILE, ledger.json of the store,
or what is built in.

Examples:
  agentstore balance agent-001
  agentstore balance agent-001 --at 2026-03-01T00:00:00Z
  agentstore balance agent-001 --each day --tz Europe/Berlin
  agentstore balance agent-001 --assert 'by_asset_PFLEA >= 0'
  agentstore balance --all --asset BTC
)"},
    {"ask", "whatif", "Fold as if events had been left out, changed or added",
     R"(Later events are taken as recorded; nothing is executed again.

Examples:
  agentstore whatif agent-001 --without 5 --cascade
  agentstore whatif agent-001 --without 5 7 --fail-on 'by_asset_PFLEA < 0'
  agentstore whatif agent-001 --replace '5={"amount":10}' --projection pnl
  agentstore whatif agent-001 --until 2026-03-01 --save-as agent-001-march
)"},
    {"ask", "blame", "Say which event last set a value, and those before",
     R"(Examples:
  agentstore blame flight-search /errors
  agentstore blame flight-search /tokens/in -n 5
  agentstore blame flight-search --all
)"},
    {"ask", "diff", "Compare two sessions, or one at two points, event by event",
     R"(Ids that were generated and times do not count. Exit status 1: they differ.

Examples:
  agentstore diff flight-search@4 flight-search
  agentstore diff run-0301 run-0302
  agentstore diff run-0301 run-0302 --type 'tool_*' --ignore /duration_ms
)"},
    {"ask", "bisect", "Find the event at which something became true",
     R"(The expression is SQL over the fields of the state: balance, by_asset_BTC,
total_wagered, tokens_out, cost_total_usd, errors, data_state_updated_status.
--exec runs a command for about as many states as the number of events has
bits, with the state on its standard input. Exit status 1: it never became
true.

Examples:
  agentstore bisect agent-001 'total_wagered > 400'
  agentstore bisect @ 'cost_total_usd > 0.01'
  agentstore bisect agent-001 --exec 'jq -e ".balance >= 0"'
)"},
    {"ask", "sql", "Ask every log at once, in SQL",
     R"(Tables: sessions, labels, events, tool_calls, entries; views: session_summary,
agent_current_state, agent_task_progress. It only reads. man agentstore-sql has
all of it.

Examples:
  agentstore sql 'SELECT kind, count(*) FROM events GROUP BY kind'
  agentstore sql 'SELECT * FROM session_summary LIMIT 10' --format csv
  agentstore sql "SELECT seq, text FROM events WHERE kind = 'error'"
  agentstore sql --examples
)"},
    {"trust", "verify", "Check logs: syntax, sequence, chain, seals, batches",
     R"(Examples:
  agentstore verify
  agentstore verify flight-search --require-sealed
  agentstore verify sample-data/events/agent-001.jsonl
  agentstore verify agent-001 --checkpoint agent-001.note --key audit.vkey
)"},
    {"trust", "repair", "Cut off a torn end; rescue what a damaged log still holds",
     R"(An append cuts a torn end by itself. Nothing is thrown away: see quarantine/
in the store.

Examples:
  agentstore repair flight-search --dry-run
  agentstore repair flight-search --salvage
)"},
    {"trust", "redact", "Remove payloads for good; the chain still verifies",
     R"(Examples:
  agentstore redact ticket-48213 1 --reason "GDPR, article 17"
  agentstore redact flight-search 4..9 -t tool_result --copies --reason GDPR
)"},
    {"trust", "checkpoint", "Sign how long a log is, and what it holds",
     R"(Examples:
  openssl genpkey -algorithm ed25519 -out audit.pem && chmod 600 audit.pem
  agentstore checkpoint agent-001 --key audit.pem --name me.org/a > a.note
  agentstore checkpoint --key audit.pem --name me.org/a --verifier-key > a.vkey
  agentstore verify agent-001 --checkpoint a.note --key a.vkey
)"},
    {"trust", "audit", "Hold sessions to rules: budgets, tools, secrets",
     R"(Exit status 1: a rule found something; 7: it could not be judged. A rule is an
SQL file; man agentstore-audit says how to write one.

Examples:
  agentstore audit
  agentstore audit flight-search --max-cost 0.50 --max-tool-calls 40
  agentstore audit --store claude: --forbid-command 'rm -rf' --since 7d
  agentstore audit --json -o base.json; agentstore audit --baseline base.json
  agentstore audit --format github --also audit.sarif --also summary.md
  agentstore audit --list
)"},
    {"move", "keep", "Keep all that agents did here, and say what is lost",
     R"(Finds the transcripts of Claude Code and Codex, imports what is new, and prints
a receipt. The store is --store, AGENTSTORE_STORE, or ~/.local/share/agentstore.

Examples:
  agentstore keep
  agentstore keep --dry-run
  agentstore keep --from /mnt/old-laptop/.claude
  agentstore keep --install
  agentstore keep --json | jq '.lost[].title'
)"},
    {"move", "restore", "Give back a transcript as it was, byte for byte",
     R"(Import keeps every transcript as it was read. Restored, `claude --resume` and
`codex resume` find it again. A file that is there with other bytes is left as
it is (exit 4).

Examples:
  agentstore restore 1284
  agentstore restore 1284 --dry-run
  agentstore restore 1284 --to /tmp/old
  agentstore restore 1284 --kept 1 --to /tmp/old
)"},
    {"move", "export", "Write whole sessions out: JSON, Markdown, HTML, CSV",
     R"(Markdown has the conversation, for an issue or a wiki.

Examples:
  agentstore export flight-search -o flight-search.json
  agentstore export @ --redact -o run.md
  agentstore export --all -o calls.csv
  agentstore export flight-search --format jsonl | gzip > flight-search.jsonl.gz
)"},
    {"move", "import", "Take in transcripts, exports and data folders",
     R"(Transcripts are those of Claude Code and Codex. Folders are walked; .gz and
.zst are read.

Examples:
  agentstore import ~/.claude/projects ~/.codex/sessions
  agentstore import sample-data/transcripts --dry-run
  agentstore export agent-001 | agentstore import - --store /tmp/copy
  agentstore import --as purpleflea --session agent-001 --print-cursor
)"},
    {"move", "copy", "Copy sessions to another store, or one from a point on",
     R"(Stores are folders and databases (sqlite:FILE). Again only what is new is
copied; what was copied is read back and compared, byte for byte. Without --to,
a session, or its beginning, becomes a new one in the same store, to go on
differently from there.

Examples:
  agentstore copy --from sample-data --to sqlite:agents.db --all
  agentstore copy --from sample-data --to backup agent-001
  agentstore copy flight-search@11 --name flight-search-again
)"},
    {"write", "create", "Make a session, and the store where there is none",
     R"(Examples:
  agentstore create
  agentstore create flight-42 --name flights --label env=prod
)"},
    {"write", "label", "Show or change a session's name and labels",
     R"(The log says what changed, sealed, before the list of sessions does.

Examples:
  agentstore label flight-search
  agentstore label flight-search --name flights env=prod
)"},
    {"write", "append", "Append events, durable before they are acknowledged",
     R"(A draft is a line {"type":...} with payload, metadata, event_id, timestamp
where wanted. Each durable event is acknowledged by a line:
  {"sequence_number":7,"event_id":"...","hash":"...","duplicate":false}

Examples:
  agentstore append flight-search --type user_message --text 'hi'
  agentstore append flight-search --type note --payload '{"step":3}'
  echo '{"type":"note"}' | agentstore append flight-search -
)"},
    {"write", "submit", "Submit a command, checked against the account",
     R"(Commands, and the members of their data (those in brackets are optional):
  RegisterAgent  agent_type [display_name]
  DepositFunds   amount [asset] [tx_id]; WithdrawFunds, ClaimFaucet: the same
  PlaceBet       amount bet_id [asset] [game]
  SettleBet      bet_id outcome (won, lost) [amount: what is paid out] [fee]
  ChargeFee      fee [asset] [bet_id]
  LockEscrow     amount [asset] [reason]; ReleaseEscrow: the same
Refused (insufficient funds, an unknown bet): exit status 4, and no event.

Examples:
  agentstore submit agent-001 DepositFunds --data '{"amount":25.50}'
  agentstore submit agent-001 PlaceBet --data '{"bet_id":"b-7","amount":10}'
)"},
    {"write", "rerun", "Put a session's turns to another agent, and compare",
     R"(A candidate is a shell command that reads a line for each turn of a user
  {"turn":1,"prompt":null,"input":"...","history":[],"tools":"recorded"}
and writes drafts, as append takes them, then {"turn_end":true}; after a call
it reads {"tool_result":...} as it was recorded. Its answers are a session of
their own, labelled rerun_of; the session itself is only read. What is answered
is not asked again. Exit status 1: a turn failed, or a condition is not met.

Examples:
  agentstore rerun support-48213 --exec ./candidate --prompt new.txt
  agentstore rerun --since 7d --exec ./candidate --jobs 4 --rate 2/s
  agentstore rerun --report
  agentstore rerun --report candidate=b --fail-on 'tool_calls_changed > 0'
)"},
};

const Topic& topic_of(std::string_view command) {
  const auto* const found =
      std::ranges::find_if(topics, [&](const Topic& topic) { return topic.command == command; });
  return *found;
}

constexpr std::string_view title = "agentstore: git for what your AI agents did\n\n";

/// The group where it is another one than before, as a first column.
std::string group_cell(const Topic& topic, std::string_view& group) {
  std::string cell = "  " + std::string{topic.group == group ? "" : topic.group};
  cell.resize(10, ' ');
  group = topic.group;
  return cell;
}

}  // namespace

std::string one_screen() {
  std::string text{title};
  std::string_view group;
  for (const Topic& topic : topics) {
    if (topic.group == group) text += "  ";
    else text += (group.empty() ? "" : "\n") + group_cell(topic, group);
    text += topic.command;
  }
  return text + R"(

Try: agentstore create --name hello
     agentstore append hello --type user_message --payload '{"content":"hi"}'
     agentstore replay hello
More: agentstore help, agentstore COMMAND --help, man agentstore
)";
}

std::string overview() {
  // One line for both: commands are many.
  std::string text =
      "agentstore COMMAND --help says more, man agentstore all. @: the newest session\n";
  std::string_view group;
  for (const Topic& topic : topics) {
    std::string line = group_cell(topic, group) + std::string{topic.command};
    line.resize(22, ' ');
    text += line + std::string{topic.summary} + "\n";
  }
  return text;
}

std::string_view summary_of(std::string_view command) {
  return topic_of(command).summary;
}

std::string_view examples_of(std::string_view command) {
  return topic_of(command).examples;
}

}  // namespace agentstore::cmd
