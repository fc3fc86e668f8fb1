// What each subcommand was asked for: plain values, as they stood on the command line.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace agentstore::cmd {

/// Flags of every subcommand, before or after its name.
struct CommonOptions {
  std::vector<std::string> stores;  ///< none: AGENTSTORE_STORE, else ./agent-data
  std::string color = "auto";
  std::optional<std::string> zone;  ///< absent: the local one on a terminal, else UTC
  bool utc = false;
  bool wide = false;    ///< tables with all columns, ids and texts whole
  std::string upcasts;  ///< a file with rules; of the commands that read events
  bool no_pager = false;
  bool no_cache = false;  ///< nothing is taken from caches, and none are written
  bool verbose = false;
  bool json = false;
  bool extract = false;  ///< of the commands that read logs by path: an extract will do
  // Of the commands that answer; replay and export have their own.
  std::optional<std::string> output;
  bool quiet = false;
  std::string as;                   ///< a format of transcripts; empty: what the content says
  std::vector<std::string> labels;  ///< of all sessions, those with these: "KEY=VALUE"
};

/// Which events; see `make_filter`.
struct FilterOptions {
  std::vector<std::string> types;
  std::vector<std::string> not_types;
  std::optional<std::string> since;
  std::optional<std::string> until;
  std::optional<std::string> before;
  std::optional<std::string> sequence;  ///< "A..B", "A..", "..B", "N"
  std::optional<std::string> grep;
  std::vector<std::string> tools;  ///< names of tools, as types are given
  std::vector<std::string> where;  ///< expressions over the fields of an event
};

/// An expression of --assert or --fail-on: one that must be true, or false. NULL is neither.
struct Condition {
  std::string text;
  bool must_be_false = false;  ///< of --fail-on

  const char* flag() const { return must_be_false ? "--fail-on" : "--assert"; }
};

/// A point in time; see `read_point`.
struct PointOptions {
  std::optional<std::uint64_t> sequence;
  std::optional<std::string> at;
  std::optional<std::string> before;
};

struct CreateCommand {
  std::string id;
  std::string name;
  std::vector<std::string> labels;
  std::optional<std::string> created_at;
};

struct LabelCommand {
  std::string session;
  std::optional<std::string> name;  ///< empty: none any more
  std::vector<std::string> labels;  ///< "K=V"; "K=": taken off
};

/// What an event may be given.
struct EventFlags {
  std::optional<std::string> event_id;
  std::optional<std::string> timestamp;
};

struct AppendCommand {
  std::string session;
  std::string input;  ///< "-": drafts on standard input
  std::optional<std::string> type;
  std::optional<std::string> payload;
  std::optional<std::string> text;
  std::optional<std::string> metadata;
  EventFlags event;
  std::optional<std::uint64_t> expected_version;
  std::string expected_head;
  std::optional<std::uint64_t> lock_timeout_ms;
  std::string durability = "fsync";
  bool batch = false;
};

struct BisectCommand {
  std::string session;
  bool all = false;  ///< or those that are selected, as one
  std::string expression;
  std::optional<std::string> command;  ///< of --exec
  std::optional<std::string> projection;
  bool allow_empty = false;
  std::optional<std::string> ledger;
  std::string on_corrupt = "strict";
};

struct SubmitCommand {
  std::string session;
  std::string command;
  std::optional<std::string> ledger;
  std::optional<std::string> data;
  EventFlags event;
};

struct SessionsCommand {
  bool all = false;  ///< nothing: all are listed anyway
  bool long_form = false;
  bool tree = false;
  std::optional<std::uint64_t> limit;
  std::uint64_t offset = 0;
  std::vector<std::string> labels;
  std::optional<std::string> since;  ///< of last activity
  std::optional<std::string> until;
  std::optional<std::string> sort;  ///< "COLUMN[:desc]"
  bool reverse = false;
};

struct FindCommand {
  std::vector<std::string> words;
  bool in_session = false;              ///< all words in one session, not in one event
  bool ids = false;                     ///< nothing but the sessions' ids
  bool counts = false;                  ///< nothing but the number of hits of each
  std::optional<std::uint64_t> around;  ///< events shown before and after each hit
  std::optional<std::uint64_t> limit;   ///< of sessions
  std::vector<std::string> files;       ///< paths that calls name
  std::vector<std::string> commands;    ///< words in what calls run
  FilterOptions filter;                 ///< types, tools and times
};

struct ReplayCommand {
  std::string session;
  bool all = false;
  std::string format = "timeline";
  std::optional<std::string> time;  ///< "clock", "iso", "elapsed", "delta"
  bool pairs = false;
  bool no_pairs = false;
  bool fold = false;
  bool no_fold = false;
  FilterOptions filter;
  std::optional<std::uint64_t> newest;
  bool reverse = false;
  bool follow = false;
  std::optional<std::string> cursor;  ///< a file: what was read of all sessions
  bool ack = false;                   ///< the cursor moves as event ids come back
  bool lag = false;                   ///< how far the cursor is behind, and no events
  std::optional<std::string> max_lag;
  std::optional<std::uint64_t> from_position;  ///< of a database
  bool quiet = false;
  bool raw = false;
  bool state = false;
  bool patch = false;
  bool step = false;
  std::optional<std::string> projection;  ///< of these three
  std::optional<std::string> ledger;      ///< likewise
  bool chat = false;
  std::optional<std::string> output;
  std::optional<std::string> fields;  ///< names, with commas; empty: those that every event has
  std::vector<Condition> assertions;  ///< of each event
  bool allow_empty = false;
  std::string on_corrupt = "strict";
};

struct ShowCommand {
  std::string session;              ///< "S", or "S#12" with an event
  std::vector<std::string> events;  ///< numbers, ranges, ids; none: the last
  bool context = false;             ///< what the model had seen there
  std::string on_corrupt = "strict";
};

struct StateCommand {
  std::string session;
  bool all = false;  ///< or those that are selected, as one
  std::string projection = "session";
  std::vector<Condition> assertions;
  bool allow_empty = false;
  std::optional<std::string> ledger;  ///< a file
  PointOptions point;
  std::string on_corrupt = "strict";
};

struct BalanceCommand {
  std::string session;
  bool all_sessions = false;
  PointOptions point;
  std::optional<std::string> asset;
  std::optional<std::string> each;    ///< "event", "hour", "day"
  std::optional<std::string> ledger;  ///< a file
  std::vector<Condition> assertions;
  bool allow_empty = false;
  std::string on_corrupt = "strict";
};

struct StatsCommand {
  std::vector<std::string> sessions;
  bool all = false;
  std::string format;  ///< "html"; empty: text, or JSON
  std::vector<std::string> by;
  std::optional<std::string> sort;  ///< "COLUMN[:desc]", of the groups
  std::optional<std::uint64_t> limit;
  bool reverse = false;
  bool no_bars = false;
  std::vector<Condition> assertions;
  bool allow_empty = false;
  bool explain = false;
  std::optional<std::string> prices;  ///< a table's path; empty: show the one of this version
  FilterOptions filter;
  std::string on_corrupt = "strict";
};

struct DiffCommand {
  std::string a;
  std::string b;
  bool stat = false;  ///< a summary instead of the steps
  std::vector<std::string> only;
  std::vector<std::string> ignored;
  std::vector<std::string> unordered;  ///< types, as they are given to --type
  bool allow_empty = false;
  std::string on_corrupt = "strict";
};

struct WhatIfCommand {
  std::string session;
  bool all = false;               ///< or those that are selected, as one
  std::vector<std::string> more;  ///< events after that of --without
  std::vector<std::string> without;
  std::vector<std::string> without_types;
  std::vector<std::string> replaced;  ///< "EVENT=JSON"
  std::vector<std::string> inserted;  ///< "EVENT=DRAFT"
  std::optional<std::string> until;
  bool cascade = false;
  std::optional<std::string> projection;
  std::vector<Condition> assertions;  ///< of the altered state
  std::optional<std::string> save_as;
  bool allow_empty = false;
  std::optional<std::string> ledger;
  std::string on_corrupt = "strict";
};

struct BlameCommand {
  std::string session;
  std::string pointer;
  bool all = false;
  std::optional<std::uint64_t> newest;
  std::optional<std::string> ledger;
  std::string on_corrupt = "strict";
};

struct ExportCommand {
  std::vector<std::string> sessions;
  bool all = false;
  std::string format;                 ///< empty: by the ending of the output, else json
  std::optional<std::string> by;      ///< of csv: "call" or "session"
  bool redact = false;                ///< secrets and addresses are masked
  std::optional<std::string> output;  ///< of several sessions a folder
  FilterOptions filter;               ///< of html
};

struct ImportCommand {
  std::vector<std::string> paths;
  std::string as;  ///< a format; empty: what the content says
  bool dry_run = false;
  bool strict = false;
  bool keep_all = false;
  bool again = false;
  std::string session;        ///< of records that do not say whose they are
  bool print_cursor = false;  ///< the newest record's id
};

struct KeepCommand {
  std::vector<std::string> from;  ///< folders beside those that are found
  bool dry_run = false;
  bool install = false;  ///< the hook
  bool uninstall = false;
  bool yes = false;  ///< without a question
};

struct RestoreCommand {
  std::string session;
  std::optional<std::string> to;         ///< a folder; absent: that of the tool that wrote it
  std::optional<std::uint64_t> version;  ///< of the session's own files
  bool partial = false;                  ///< without lines that are gone
  bool dry_run = false;
};

struct VerifyCommand {
  std::vector<std::string> sessions;
  bool all = false;
  bool require_sealed = false;
  bool allow_empty = false;
  bool snapshots = false;
  std::optional<std::string> head;        ///< "HASH@N"
  std::optional<std::string> checkpoint;  ///< a note's path
  std::optional<std::string> key;         ///< a verifier key, or the path of one
};

struct RepairCommand {
  std::string session;
  bool salvage = false;
  bool accept_loss = false;
  bool dry_run = false;
};

struct RedactCommand {
  std::string session;
  std::vector<std::string> events;  ///< numbers, ranges, ids
  std::vector<std::string> types;
  std::vector<std::string> where;
  bool copies = false;
  std::string reason;
  std::string requested_by;
};

struct CheckpointCommand {
  std::string session;
  std::string key;
  std::string name;
  bool verifier_key = false;
};

/// The store to copy from is that of CommonOptions.
struct CopyCommand {
  std::string to;  ///< empty: one session, or its beginning, becomes a new one in the same store
  std::vector<std::string> sessions;
  bool all = false;
  std::optional<std::string> id;  ///< of that one
  std::optional<std::string> name;
};

struct RerunCommand {
  std::vector<std::string> sessions;  ///< with --report labels, too: "K=V"
  bool all = false;
  std::optional<std::string> since;    ///< of last activity
  std::optional<std::string> command;  ///< of --exec
  std::optional<std::string> prompt;   ///< a file
  std::optional<std::string> candidate;
  std::string history = "recorded";  ///< or "rerun"
  std::string tools = "recorded";    ///< or "live"
  std::uint64_t jobs = 1;
  std::optional<std::string> rate;  ///< "N/s"
  std::uint64_t timeout_s = 300;
  std::optional<std::string> to;
  bool again = false;
  bool report = false;
  std::string format;
  std::optional<std::string> by;  ///< a label
  std::vector<std::string> ignored;
  std::string same = "exact";  ///< or "words"
  std::vector<Condition> assertions;
  bool allow_empty = false;
  std::string on_corrupt = "strict";
};

struct SqlCommand {
  std::string query;                  ///< SQL, or @FILE
  std::vector<std::string> sessions;  ///< none: all
  std::vector<std::string> parameters;
  std::string format;
  std::optional<std::string> output;
  std::optional<std::uint64_t> timeout_s;
  std::uint64_t memory_mib = 1024;
  bool schema = false;
  bool examples = false;
  bool views = false;
  std::string dialect = "sqlite";
  std::optional<std::string> ledger;
  std::string on_corrupt = "strict";
};

struct AuditCommand {
  std::vector<std::string> sessions;
  bool all = false;
  std::vector<std::string> rule_paths;  ///< files of rules, and folders of them
  std::vector<std::string> with;        ///< rules that are applied, too: names, patterns
  std::vector<std::string> without;     ///< and those that are not
  std::vector<std::string> parameters;  ///< "NAME=VALUE"
  std::map<std::string, std::vector<std::string>> lists;  ///< of parameters that are arrays
  std::map<std::string, std::string> spans;               ///< of parameters in milliseconds: "30m"
  bool list = false;
  std::optional<std::string> show;
  std::optional<std::string> baseline;
  std::optional<std::string> since;
  std::string severity = "note";  ///< the least that counts
  std::string format;             ///< empty: by the ending of the output, else text
  std::vector<std::string> also;  ///< files that get the same answer, by their endings
  std::uint64_t timeout_s = 10;
  std::optional<std::string> ledger;
  bool allow_empty = false;
  std::string on_corrupt = "strict";
};

/// No command at all.
struct OverviewCommand {};

/// What a shell asks to complete: the words after the program's name, the last one in the making.
struct CompleteCommand {
  std::vector<std::string> words;
};

using CommandOptions =
    std::variant<OverviewCommand, CompleteCommand, CreateCommand, AppendCommand, SessionsCommand,
                 FindCommand, ReplayCommand, ShowCommand, StateCommand, StatsCommand,
                 BalanceCommand, WhatIfCommand, BlameCommand, DiffCommand, ExportCommand,
                 ImportCommand, VerifyCommand, RepairCommand, RedactCommand, CheckpointCommand,
                 SubmitCommand, BisectCommand, LabelCommand, SqlCommand, CopyCommand, AuditCommand,
                 RerunCommand, KeepCommand, RestoreCommand>;

}  // namespace agentstore::cmd
