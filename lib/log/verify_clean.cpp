#include "log/verify_clean.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "log/line.hpp"
#include "log/redaction.hpp"
#include "log/run.hpp"
#include "log/split.hpp"

namespace agentstore::log {
namespace {

constexpr unsigned threads_max = 16;

bool holds(const std::vector<std::uint64_t>& marks, std::uint64_t size) {
  return std::ranges::find(marks, size) != marks.end();
}

// The lines that begin in a stretch; not `plain` where one of them is unusual.
struct Stretch {
  std::uint64_t unsealed_from = 0;  // their first sequence number
  std::vector<Hash> unsealed;       // leaves
  std::vector<Run> runs;            // what is sealed behind them, cut at the marks
  bool plain = true;
  std::optional<Error> error;
};

class Workers {
 public:
  Workers(ByteSource& source, const std::string& session_id,
          const std::vector<std::uint64_t>& marks, std::uint64_t stretch_bytes)
      : source_(source),
        session_id_(session_id),
        marks_(marks),
        stretch_bytes_(stretch_bytes),
        count_((source.size_bytes() + stretch_bytes - 1) / stretch_bytes) {
    const unsigned cores = std::clamp(std::thread::hardware_concurrency(), 1U, threads_max);
    ahead_max_ = 2 * cores;
    for (unsigned i = 0; i < cores; ++i) threads_.emplace_back([this] { work(); });
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() {
    {
      const std::lock_guard guard{mutex_};
      taken_ = count_;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  std::uint64_t count() const { return count_; }

  // The next stretch in order.
  Stretch next() {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [&] { return done_.contains(joined_); });
    Stretch stretch = std::move(done_.extract(joined_++).mapped());
    guard.unlock();
    changed_.notify_all();
    return stretch;
  }

 private:
  void work() {
    LineSplitter lines{source_, 0, 0};
    std::unique_lock guard{mutex_};
    for (;;) {
      changed_.wait(guard, [&] { return taken_ >= count_ || taken_ < joined_ + ahead_max_; });
      if (taken_ >= count_) return;
      const std::uint64_t index = taken_++;
      guard.unlock();
      Stretch stretch = look_at(index, lines);
      guard.lock();
      done_.emplace(index, std::move(stretch));
      changed_.notify_all();
    }
  }

  Stretch look_at(std::uint64_t index, LineSplitter& lines) const {
    Stretch stretch;
    Arena arena;
    const std::uint64_t from = index * stretch_bytes_;
    const std::uint64_t to = std::min(from + stretch_bytes_, source_.size_bytes());
    lines.restart(from == 0 ? 0 : from - 1, source_.size_bytes());
    bool inside = from > 0;  // The line that began before belongs to the stretch before.
    while (lines.offset() < to && stretch.plain) {
      const auto raw = lines.take();
      if (!raw) {
        const auto more = lines.refill(lines.offset());
        if (!more) stretch.error = more.error();
        stretch.plain = more && *more && lines.unfinished_bytes() <= line_bytes_max;
      } else if (!std::exchange(inside, false)) {
        stretch.plain = !raw->too_long && take(raw->text, arena, stretch);
      }
    }
    return stretch;
  }

  bool take(std::string_view text, Arena& arena, Stretch& into) const {
    Line line;
    arena.clear();
    if (parse_line(text, arena, line) || check_hashes(line) ||
        line.event.session_id != session_id_ || line.seal == Seal::redacted ||
        line.event.type == redacted_type) {
      return false;
    }
    const std::uint64_t number = line.event.sequence_number;
    if (line.seal == Seal::sealed) {
      if (into.runs.empty() || holds(marks_, number - 1))
        into.runs.emplace_back(place_before(line));
      return into.runs.back().add(line);
    }
    if (into.unsealed.empty()) into.unsealed_from = number;
    if (!into.runs.empty() || number != into.unsealed_from + into.unsealed.size()) return false;
    into.unsealed.push_back(leaf_of(line));
    return true;
  }

  ByteSource& source_;
  const std::string& session_id_;
  const std::vector<std::uint64_t>& marks_;
  const std::uint64_t stretch_bytes_;
  const std::uint64_t count_;
  std::uint64_t ahead_max_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t taken_ = 0;
  std::uint64_t joined_ = 0;
  std::map<std::uint64_t, Stretch> done_;
  std::vector<std::thread> threads_;
};

// The stretches, joined in order.
class Join {
 public:
  explicit Join(const std::vector<std::uint64_t>& marks) : wanted_(marks) { reached(); }

  // False: a line does not follow the one before.
  bool add(const Stretch& stretch) {
    if (!stretch.unsealed.empty() &&
        (unsealed_ != size() || stretch.unsealed_from != unsealed_ + 1)) {
      return false;
    }
    for (const Hash& leaf : stretch.unsealed) {
      whole_.add_unsealed(leaf);
      ++unsealed_;
      reached();
    }
    for (const Run& run : stretch.runs) {
      if (!whole_.append(run)) return false;
      reached();
    }
    return true;
  }

  bool write_is_open() const { return whole_.end().open != Batch{}; }
  std::uint64_t size() const { return whole_.end().size; }
  std::uint64_t unsealed() const { return unsealed_; }
  Mark mark() const {
    return {size(), to_hex(bytes_of(whole_.end().head)), to_hex(bytes_of(whole_.root()))};
  }
  std::vector<Mark> marks() && { return std::move(marks_); }

 private:
  void reached() {
    if (holds(wanted_, size())) marks_.push_back(mark());
  }

  const std::vector<std::uint64_t>& wanted_;
  std::vector<Mark> marks_;
  Run whole_{Place{}};
  std::uint64_t unsealed_ = 0;
};

// The session that the first line names; nothing where that cannot be seen.
Result<std::optional<std::string>> first_session(ByteSource& source) {
  LineSplitter lines{source, 0, source.size_bytes()};
  const auto more = lines.refill(0);
  if (!more) return std::unexpected(more.error());
  const auto raw = lines.take();
  Arena arena;
  Line line;
  if (!raw || parse_line(raw->text, arena, line)) return std::nullopt;
  return std::string{line.event.session_id};
}

}  // namespace

Result<std::optional<Verification>> verify_clean(ByteSource& source, std::string session_id,
                                                 const VerifyOptions& options,
                                                 std::uint64_t stretch_bytes) {
  if (session_id.empty()) {
    const auto first = first_session(source);
    if (!first) return std::unexpected(first.error());
    if (!*first) return std::nullopt;
    session_id = **first;
  }
  Join join{options.marks};
  Workers workers{source, session_id, options.marks, stretch_bytes};
  for (std::uint64_t i = 0; i < workers.count(); ++i) {
    const Stretch stretch = workers.next();
    if (stretch.error) return std::unexpected(*stretch.error);
    if (!stretch.plain || !join.add(stretch)) return std::nullopt;
  }
  if (join.write_is_open()) return std::nullopt;
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
