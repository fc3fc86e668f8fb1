#include "log/verify_clean.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "log/line.hpp"
#include "log/merkle.hpp"
#include "log/redaction.hpp"
#include "log/split.hpp"

namespace agentstore::log {
namespace {

constexpr std::uint64_t stretch_bytes = std::uint64_t{2} << 20;
constexpr unsigned threads_max = 16;

// What links a line to those beside it.
struct Link {
  Hash leaf;
  Hash prev;
  std::uint64_t sequence_number;
  Batch batch;
  bool sealed;
};

// The lines that begin in a stretch; not `plain` where one of them is unusual.
struct Stretch {
  std::vector<Link> links;
  bool plain = true;
  std::optional<Error> error;
};

class Workers {
 public:
  Workers(ByteSource& source, const std::string& session_id)
      : source_(source),
        session_id_(session_id),
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
    std::unique_lock guard{mutex_};
    for (;;) {
      changed_.wait(guard, [&] { return taken_ >= count_ || taken_ < joined_ + ahead_max_; });
      if (taken_ >= count_) return;
      const std::uint64_t index = taken_++;
      guard.unlock();
      Stretch stretch = look_at(index);
      guard.lock();
      done_.emplace(index, std::move(stretch));
      changed_.notify_all();
    }
  }

  Stretch look_at(std::uint64_t index) {
    Stretch stretch;
    const std::uint64_t from = index * stretch_bytes;
    const std::uint64_t to = std::min(from + stretch_bytes, source_.size_bytes());
    LineSplitter lines{source_, from == 0 ? 0 : from - 1, source_.size_bytes()};
    bool inside = from > 0;  // The line that began before belongs to the stretch before.
    while (lines.offset() < to && stretch.plain) {
      const auto raw = lines.take();
      if (!raw) {
        const auto more = lines.refill(lines.offset());
        if (!more) stretch.error = more.error();
        stretch.plain = more && *more && lines.unfinished_bytes() <= line_bytes_max;
      } else if (!std::exchange(inside, false)) {
        stretch.plain = !raw->too_long && add_link(raw->text, stretch.links);
      }
    }
    return stretch;
  }

  bool add_link(std::string_view text, std::vector<Link>& links) const {
    Arena arena;
    Line line;
    if (parse_line(text, arena, line) || check_hashes(line) ||
        line.event.session_id != session_id_ || line.seal == Seal::redacted ||
        line.event.type == redacted_type) {
      return false;
    }
    links.push_back({leaf_of(line), line.prev, line.event.sequence_number, line.batch,
                     line.seal == Seal::sealed});
    return true;
  }

  ByteSource& source_;
  const std::string& session_id_;
  const std::uint64_t count_;
  std::uint64_t ahead_max_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t taken_ = 0;
  std::uint64_t joined_ = 0;
  std::map<std::uint64_t, Stretch> done_;
  std::vector<std::thread> threads_;
};

// The links, joined in order.
class Join {
 public:
  // False: a line does not follow the one before.
  bool add(const Link& link) {
    const std::uint64_t number = tree_.size() + 1;
    const bool follows = link.sequence_number == number && (!link.sealed || link.prev == head_) &&
                         (link.sealed || unsealed_ == tree_.size()) &&
                         (open_ == Batch{} ? link.batch == Batch{} || link.batch.first == number
                                           : link.batch == open_);
    if (!follows) return false;
    open_ = link.batch.last == number ? Batch{} : link.batch;
    unsealed_ += link.sealed ? 0 : 1;
    head_ = link.sealed ? link.leaf : head_after_unsealed(link.leaf, head_);
    tree_.add(link.leaf);
    return true;
  }

  bool write_is_open() const { return open_ != Batch{}; }
  std::uint64_t size() const { return tree_.size(); }
  std::uint64_t unsealed() const { return unsealed_; }
  Mark mark() const {
    return {tree_.size(), to_hex(bytes_of(head_)), to_hex(bytes_of(tree_.root()))};
  }

 private:
  MerkleTree tree_;
  Hash head_{};
  Batch open_;
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
                                                 const VerifyOptions& options) {
  if (session_id.empty()) {
    const auto first = first_session(source);
    if (!first) return std::unexpected(first.error());
    if (!*first) return std::nullopt;
    session_id = **first;
  }
  Join join;
  std::vector<Mark> marks;
  const auto mark = [&] {
    if (std::ranges::find(options.marks, join.size()) != options.marks.end()) {
      marks.push_back(join.mark());
    }
  };
  mark();
  Workers workers{source, session_id};
  for (std::uint64_t i = 0; i < workers.count(); ++i) {
    const Stretch stretch = workers.next();
    if (stretch.error) return std::unexpected(*stretch.error);
    if (!stretch.plain) return std::nullopt;
    for (const Link& link : stretch.links) {
      if (!join.add(link)) return std::nullopt;
      if (!options.marks.empty()) mark();
    }
  }
  if (join.write_is_open()) return std::nullopt;
  const Mark end = join.mark();
  return Verification{
      .session_id = session_id,
      .verdict = join.unsealed() == join.size() ? Verdict::unsealed : Verdict::clean,
      .events = join.size(),
      .unsealed = join.unsealed(),
      .head = end.head,
      .root = end.root,
      .marks = std::move(marks),
      .findings = {},
      .end_offset_bytes = source.size_bytes(),
      .log_name = source.name()};
}

}  // namespace agentstore::log
