// The receipts of `keep`: what is safe now, and what is lost; and of its hook, what was changed.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/timestamp.hpp"
#include "formats/answers/import.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// A folder of an agent's.
struct KeptFolder {
  std::string agent;  ///< "claude-code", "codex"; empty: not told
  std::string path;
  std::uint64_t transcripts = 0;
};

/// A session that an agent's index names, whose transcript is gone, and which is not in the store.
struct LostSession {
  std::string session_id;
  std::string agent;
  std::string title;    ///< may be empty
  std::string project;  ///< its folder; may be empty
  std::optional<Timestamp> last_at;
  std::string index;  ///< the path of what names it
};

/// A file that could not be kept, or not all of it.
struct UnkeptFile {
  std::string path;  ///< empty: the error names it
  std::string error;
};

/// When an agent deletes transcripts of a folder.
struct TranscriptRetention {
  struct Oldest {
    std::string path;
    Timestamp changed_at;
    Timestamp goes_at;
  };
  std::string agent;
  std::string path;
  std::uint64_t days = 0;
  bool chosen = false;        ///< by a setting; else it is the agent's default
  std::uint64_t due = 0;      ///< transcripts that it may delete at its next start
  std::uint64_t in_week = 0;  ///< these, and those that are due within 7 days
  std::vector<Oldest> oldest;
};

struct KeepAnswer {
  std::string store;
  bool dry_run = false;
  std::vector<KeptFolder> folders;
  std::uint64_t unchanged = 0;  ///< of their transcripts, since they were kept: not opened
  std::uint64_t kept = 0;       ///< agents' sessions that are in the store
  std::uint64_t made = 0;       ///< sessions that are new there
  std::uint64_t grown = 0;
  std::uint64_t events = 0;  ///< that are new
  std::vector<LostSession> lost;
  std::vector<ChangedSource> changed;  ///< transcripts that are no longer what was kept of them
  std::vector<std::string> kept_only_here;  ///< ids; their transcripts are gone
  std::vector<UnkeptFile> unkept;
  std::uint64_t prompts_of_nobody = 0;  ///< entries of indexes that name no session
  std::vector<TranscriptRetention> retention;
  std::string look_command;  ///< what shows the sessions
};

/// agentstore/keep/1, on one line.
void write_keep_json(Sink& sink, const KeepAnswer& answer);
/// A line a figure.
void write_keep_text(Sink& sink, const KeepAnswer& answer, const Screen& screen);

/// What a hook's coming or going changes.
struct KeepHookAnswer {
  struct File {
    std::string path;
    std::string diff;  ///< empty: nothing
  };
  bool install = true;  ///< or uninstall
  bool dry_run = false;
  std::vector<File> files;
  std::string command;  ///< of the hook
  std::string crontab;  ///< the line that does the same once an hour
};

/// agentstore/keep-hook/1, on one line.
void write_keep_hook_json(Sink& sink, const KeepHookAnswer& answer);
/// The differences.
void write_keep_hook_text(Sink& sink, const KeepHookAnswer& answer, const Screen& screen);

}  // namespace agentstore::formats
