// Sources: the logs of other tools, turned into sessions and drafts. One file a source, one table
// of them all (table.cpp). A source is given records in their order and holds no more of them than
// it must; what it makes of a record depends on the records before it alone, so that a file which
// has grown gives what it gave before, and then its new part.

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"
#include "agentstore/result.hpp"
#include "agentstore/session.hpp"
#include "formats/sources/records.hpp"

namespace agentstore::formats {

/// A session that a file speaks of.
struct SourceSession {
  std::string id;      ///< fit to be one of ours
  std::string title;   ///< as recorded, else its first prompt, cut: for people, never stored
  bool named = false;  ///< the user chose the title
  Labels labels;
  Timestamp created_at;
};

/// An event to be, and where it comes from.
struct SourceEvent {
  std::size_t session = 0;  ///< which of the sessions
  Draft draft;
  std::uint64_t line = 0;
  bool compact = false;   ///< the payload has no insignificant white space; false: it may have some
  bool repeated = false;  ///< of a record that was there before
  bool left_out = false;  ///< only made where everything is kept
};

/// How much of an event is made.
enum class Made {
  whole,
  figures,  ///< what sums need: no event id, no causation id, and of the payload what it says of
            ///< failure, alone
};

struct SourceOptions {
  /// What a session is called whose file does not say it; a digest of its first record follows.
  std::string fallback_id;
  Timestamp file_changed_at;  ///< for files without any time
  bool keep_all = false;      ///< also what is left out otherwise
  Made made = Made::whole;
  bool repetitions = false;  ///< also events of records that the file holds twice, as such
};

class EventMaker;

class Converter {
 public:
  virtual ~Converter() = default;
  virtual void take(const SourceRecord& record) = 0;
  /// After the last record.
  virtual void end() {}
};

/// A row of the table.
struct Source {
  std::string_view name;   ///< as for --as
  std::string_view title;  ///< for people
  /// What sessions are labelled with as their source: formats that tell of the same runs have one.
  std::string_view family;
  /// Whether a record is one of this tool's.
  bool (*recognises)(const json::Value& record);
  std::unique_ptr<Converter> (*make)(EventMaker& events);
  /// Raised whenever the same records would give other events: sessions that were imported with
  /// another number stay as they are. Formats of one family have one number.
  int reader = 2;
};

/// "claude-code/2": by which reader a session was made.
std::string reader_of(const Source& source);

std::span<const Source* const> sources();
/// Nothing where there is no such name.
const Source* find_source(std::string_view name);

extern const Source claude_code_source;
extern const Source claude_stream_source;
extern const Source codex_source;
extern const Source codex_exec_source;

}  // namespace agentstore::formats
