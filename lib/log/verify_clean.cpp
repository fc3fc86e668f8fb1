#include "log/verify_clean.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "log/chunk.hpp"
#include "log/equal_ids.hpp"
#include "log/fast_parse.hpp"
#include "log/in_order.hpp"
#include "log/line.hpp"
#include "log/redaction.hpp"
#include "log/run.hpp"
#include "log/tail.hpp"

namespace agentstore::log {
namespace {

constexpr Hash no_hash{};  // before the first event

bool holds(const std::vector<std::uint64_t>& marks, std::uint64_t size) {
  return std::ranges::find(marks, size) != marks.end();
}

// The lines that begin in a chunk; not `plain` where one of them is unusual.
struct Chunk {
  std::uint64_t unsealed_from = 0;  // their first sequence number
  std::vector<Hash> unsealed;       // leaves
  std::vector<Run> runs;            // what is sealed behind them, cut at the marks
  IdRun ids;
  bool plain = true;
  std::optional<Error> error;
};

class Worker {
 public:
  Worker(ByteSource& source, const std::string& session_id, const std::vector<std::uint64_t>& marks,
         const Cuts& cuts)
      : session_id_(session_id),
        marks_(marks),
        parser_(session_id),
        lines_(source, 0, source.size_bytes(), cuts) {}

  Chunk operator()(std::uint64_t index) {
    Chunk chunk;
    const auto plain =
        lines_.each(index, [&](const RawLine& raw) { return take(raw.text, chunk); }, [] {});
    chunk.plain = plain && *plain;
    if (!plain) chunk.error = plain.error();
    return chunk;
  }

 private:
  bool take(std::string_view text, Chunk& into) {
    Line line;
    arena_.clear();
    if (take_apart(text, parser_, arena_, line) || check_hashes(line) ||
        line.event.session_id != session_id_ || line.double_keys || line.seal == Seal::redacted ||
        line.event.type == redacted_type) {
      return false;
    }
    into.ids.add(line.event.event_id);
    const std::uint64_t number = line.event.sequence_number;
    if (line.seal == Seal::sealed) {
      if (into.runs.empty() || holds(marks_, number - 1))
        into.runs.emplace_back(boundary_before(line));
      return into.runs.back().add(line);
    }
    if (into.unsealed.empty()) into.unsealed_from = number;
    if (!into.runs.empty() || number != into.unsealed_from + into.unsealed.size()) return false;
    into.unsealed.push_back(leaf_of(line));
    return true;
  }

  const std::string& session_id_;
  const std::vector<std::uint64_t>& marks_;
  FastParser parser_;
  ChunkLines lines_;
  Arena arena_;
};

// The chunks, joined in order.
class Join {
 public:
  explicit Join(const std::vector<std::uint64_t>& marks) : wanted_(marks) { reached(); }

  // False: a line does not follow the one before.
  bool add(const Chunk& chunk) {
    if (!chunk.unsealed.empty() && (unsealed_ != size() || chunk.unsealed_from != unsealed_ + 1)) {
      return false;
    }
    for (const Hash& leaf : chunk.unsealed) {
      whole_.add_unsealed(leaf);
      ++unsealed_;
      reached();
    }
    for (const Run& run : chunk.runs) {
      if (!whole_.append(run)) return false;
      reached();
    }
    return true;
  }

  bool write_is_open() const { return whole_.end().open != Batch{}; }
  std::uint64_t size() const { return whole_.end().sequence_number; }
  std::uint64_t unsealed() const { return unsealed_; }
  Mark mark() const { return {size(), to_hex(whole_.end().head), to_hex(bytes_of(whole_.root()))}; }
  std::vector<Mark> marks() && { return std::move(marks_); }

 private:
  void reached() {
    if (holds(wanted_, size())) marks_.push_back(mark());
  }

  const std::vector<std::uint64_t>& wanted_;
  std::vector<Mark> marks_;
  Run whole_{Boundary{0, bytes_of(no_hash), Batch{}}};
  std::uint64_t unsealed_ = 0;
};

}  // namespace

Result<std::optional<Verification>> verify_clean(ByteSource& source, std::string session_id,
                                                 const VerifyOptions& options, const Cuts& cuts) {
  if (session_id.empty()) {
    const auto first = first_session(source);
    if (!first) return std::unexpected(first.error());
    if (!*first) return std::nullopt;
    session_id = **first;
  }
  Join join{options.marks};
  EqualIds ids{source.size_bytes()};
  const std::uint64_t count = ChunkLines::count(0, source.size_bytes(), cuts);
  InOrder<Chunk> chunks{count, [&] { return Worker{source, session_id, options.marks, cuts}; }};
  for (std::uint64_t i = 0; i < count; ++i) {
    const Chunk chunk = chunks.next();
    if (chunk.error) return std::unexpected(*chunk.error);
    if (!chunk.plain || !join.add(chunk)) return std::nullopt;
    ids.add(chunk.ids);
  }
  if (join.write_is_open() || join.size() < source.due().count()) return std::nullopt;
  bool equal = false;
  const auto compared = ids.find(source, session_id, [&](const Finding&) { equal = true; });
  if (!compared) return std::unexpected(compared.error());
  if (equal) return std::nullopt;
  const Mark end = join.mark();
  return Verification{.session_id = session_id,
                      .verdict = join.unsealed() > 0 && join.unsealed() == join.size()
                                     ? Verdict::unsealed
                                     : Verdict::clean,
                      .events = join.size(),
                      .unsealed = join.unsealed(),
                      .head = end.head,
                      .root = end.root,
                      .marks = std::move(join).marks(),
                      .findings = {},
                      .end_offset_bytes = source.size_bytes(),
                      .log_name = source.name()};
}

}  // namespace agentstore::log
