#include "backends/row_log.hpp"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "backends/naming.hpp"
#include "backends/row_selection.hpp"

namespace agentstore {
namespace {

// Threads that read a log in chunks have one or two each, and share those where chunks meet.
constexpr std::size_t blocks_kept = 8;

class RowLog : public log::ByteSource {
 public:
  RowLog(std::shared_ptr<RowTable> table, std::string_view id)
      : table_(std::move(table)), id_(id) {}

  std::uint64_t size_bytes() const override {
    const std::lock_guard guard{mutex_};
    return size_bytes_;
  }

  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    std::unique_lock guard{mutex_};
    std::size_t got = 0;
    while (got < size && offset < size_bytes_) {
      const auto block = block_at(guard, offset);
      if (!block) return std::unexpected(block.error());
      if (!*block) break;  // Rows are gone.
      const std::size_t copied =
          (*block)->text.copy(into + got, size - got, offset - (*block)->offset);
      got += copied;
      offset += copied;
    }
    return got;
  }

  // What is in a database is there as a whole: no writer is ever seen at work.
  Result<Tail> settle() override {
    const std::lock_guard guard{mutex_};
    return std::exchange(moved_, false) ? Tail::moved : Tail::settled;
  }

  Result<Change> refresh() override {
    const std::lock_guard guard{mutex_};
    Change change = Change::none;
    auto looked = table_->read([&]() -> Result<void> {
      const auto end = table_->end(id_);
      if (!end) return std::unexpected(end.error());
      if (end->rewrites != rewrites_ || end->version < next_version_ - 1) {
        change = Change::replaced;
        return load(*end);
      }
      take(*end);
      const std::uint64_t before = size_bytes_;
      auto read = read_rows();
      if (size_bytes_ > before) change = Change::grown;
      moved_ = moved_ || change == Change::grown;  // for who reads it up to its former end
      return read;
    });
    if (!looked) return std::unexpected(looked.error());
    return change;
  }

  std::string name() const override { return table_->name_of(id_); }
  bool is_shared() const override { return table_->is_shared(); }
  log::DueEvents due() const override {
    const std::lock_guard guard{mutex_};
    return due_;
  }

  // What is read by one question anyway is not picked from.
  bool can_select() const override { return table_->picks() && size_bytes() > row_block_bytes; }

  Result<std::unique_ptr<log::Selection>> select(const log::Wanted& wanted,
                                                 bool check_hashes) override {
    if (!can_select()) return nullptr;
    std::unique_lock guard{mutex_};
    const std::int64_t last = next_version_ - 1;
    const bool lost = static_cast<std::uint64_t>(next_version_) < due_.count();
    guard.unlock();
    if (lost) return nullptr;
    return select_rows(table_, id_, wanted, check_hashes, last);
  }

  /// Errors: not_found; those of reading.
  Result<void> open() {
    auto whole = table_->short_session(id_);
    if (!whole) return std::unexpected(whole.error());
    if (*whole) {
      take(std::move(**whole));
      return {};
    }
    return table_->read([&]() -> Result<void> {
      const auto there = table_->exists(id_);
      if (!there) return std::unexpected(there.error());
      if (!*there) return no_session(id_);
      const auto end = table_->end(id_);
      if (!end) return std::unexpected(end.error());
      return load(*end);
    });
  }

 private:
  // The lines of rows that follow one another.
  struct Block {
    std::uint64_t offset = 0;
    std::string text = {};
    std::uint64_t next = 0;  // the number of one that it reaches into; 0: it does not
    RowPlace begin_of_next = {};
    bool holds(std::uint64_t at) const { return at >= offset && at - offset < text.size(); }
  };
  using SharedBlock = std::shared_ptr<const Block>;

  void take(WholeSession session) {
    take(session.end);
    if (session.lines.empty()) return;
    begin_at({session.end.version + 1, session.lines.size()});
    keep({.text = std::move(session.lines)});
  }

  void take(const RowEnd& end) {
    rewrites_ = end.rewrites;
    due_ = {static_cast<std::uint64_t>(end.due + 1), end.checkpoint, true};
  }

  // Up to the last place that is known, no row is read.
  Result<void> load(const RowEnd& end) {
    take(end);
    const auto known = table_->place(id_, end.version + 1, UINT64_MAX);
    if (!known) return std::unexpected(known.error());
    begin_at(*known);
    return read_rows();
  }

  void begin_at(const RowPlace& place) {
    places_.clear();
    kept_.clear();
    begins_.clear();
    ++beginnings_;
    known_bytes_ = size_bytes_ = place.offset_bytes;
    next_version_ = place.offset_bytes == 0 ? first_version : place.version;
  }

  // Goes on behind the rows that are known.
  Result<void> read_rows() {
    Block block{.offset = size_bytes_};
    auto read = table_->lines(id_, {next_version_, INT64_MAX, size_bytes_}, block.text,
                              [&](std::int64_t version, const std::optional<std::int64_t>&) {
                                if (block.offset == size_bytes_)
                                  places_.push_back({version, size_bytes_});
                                size_bytes_ = block.offset + block.text.size();
                                next_version_ = version + 1;
                                if (block.text.size() >= row_block_bytes) {
                                  keep(std::move(block));
                                  block = {.offset = size_bytes_};
                                }
                                return true;
                              });
    if (read && !block.text.empty()) keep(std::move(block));
    return read;
  }

  SharedBlock keep(Block block) {
    if (kept_.size() == blocks_kept) kept_.pop_front();
    return kept_.emplace_back(std::make_shared<const Block>(std::move(block)));
  }

  // The place at or before an offset that is nearest to it; nothing where the database is asked.
  std::optional<RowPlace> known_place_before(std::uint64_t offset) const {
    const auto next = std::ranges::upper_bound(places_, offset, {}, &RowPlace::offset_bytes);
    if (next != places_.begin()) return *(next - 1);
    if (known_bytes_ == 0) return RowPlace{first_version, 0};
    const auto found = begins_.find(offset / row_block_bytes);
    return found == begins_.end() ? std::nullopt : std::optional{found->second};
  }

  // Threads read different blocks at once: the lock is left meanwhile. Null where the log ends
  // before the offset.
  Result<SharedBlock> block_at(std::unique_lock<std::mutex>& guard, std::uint64_t offset) {
    const std::uint64_t number = offset / row_block_bytes;
    for (;;) {
      for (const SharedBlock& block : kept_)
        if (block->holds(offset)) return block;
      if (offset >= size_bytes_) return SharedBlock{};
      if (reading_.contains(number)) {
        read_.wait(guard);
        continue;
      }
      const Reading reading{*this, guard, number};
      const Extent extent = extent_at(offset);
      const std::uint64_t began = beginnings_;
      const std::uint64_t rewrites = rewrites_;
      guard.unlock();
      auto block = read_block(extent, offset, rewrites);
      guard.lock();
      if (!block) return std::unexpected(block.error());
      if (began != beginnings_) continue;
      if (!*block) return read_anew(offset);
      if ((*block)->next != 0) begins_[(*block)->next] = (*block)->begin_of_next;
      return keep(std::move(**block));
    }
  }

  // One thread reads a block, and those that want the same one wait.
  struct Reading {
    RowLog& log;
    std::unique_lock<std::mutex>& guard;
    const std::uint64_t number;
    Reading(RowLog& the_log, std::unique_lock<std::mutex>& its_guard, std::uint64_t its_number)
        : log(the_log), guard(its_guard), number(its_number) {
      log.reading_.insert(number);
    }
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() {
      if (!guard.owns_lock()) guard.lock();
      log.reading_.erase(number);
      log.read_.notify_all();
    }
  };

  // Somebody changed rows, so that what is known of places is not true: all are read.
  Result<SharedBlock> read_anew(std::uint64_t offset) {
    SharedBlock found;
    auto read = table_->read([&]() -> Result<void> {
      moved_ = true;
      begin_at({});
      if (auto all = read_rows(); !all || offset >= size_bytes_) return all;
      auto block = read_block(extent_at(offset), offset, rewrites_);
      if (!block) return std::unexpected(block.error());
      if (*block) found = keep(std::move(**block));
      return {};
    });
    if (!read) return std::unexpected(read.error());
    return found;
  }

  // What is known of the rows when a block is read.
  struct Extent {
    std::optional<RowPlace> place;  // where to begin, unless the database is asked
    std::int64_t last_version;
    bool ends_known;  // the database says of each row where its line ends
  };

  Extent extent_at(std::uint64_t offset) const {
    return {known_place_before(offset), next_version_ - 1, known_bytes_ != 0};
  }

  // Nothing where the rows are not where they were. Uses nothing that the lock guards.
  Result<std::optional<Block>> read_block(const Extent& extent, std::uint64_t offset,
                                          std::uint64_t rewrites) const {
    std::optional<Block> found;
    auto read = table_->read([&]() -> Result<void> {
      found.reset();
      // Lines have moved against those that were given.
      const auto now = table_->rewrites(id_);
      if (!now) return std::unexpected(now.error());
      if (*now != rewrites)
        return fail(Code::busy, name() + " was redacted while it was read", "read it again");
      auto place = extent.place ? Result<RowPlace>{*extent.place}
                                : table_->place(id_, extent.last_version + 1, offset);
      if (!place) return std::unexpected(place.error());
      if (place->offset_bytes == 0) place->version = first_version;
      Block block{.offset = place->offset_bytes};
      const std::optional<std::uint64_t> begin =
          extent.ends_known ? std::optional{place->offset_bytes} : std::nullopt;
      bool as_known = true;
      std::uint64_t row_begin = block.offset;
      auto lines = table_->lines(
          id_, {place->version, extent.last_version, begin}, block.text,
          [&](std::int64_t version, const std::optional<std::int64_t>& end_bytes) {
            const std::uint64_t end = block.offset + block.text.size();
            as_known =
                !extent.ends_known || !end_bytes || static_cast<std::uint64_t>(*end_bytes) == end;
            if (end_bytes && end / row_block_bytes > row_begin / row_block_bytes) {
              block.next = end / row_block_bytes;
              block.begin_of_next = {version, row_begin};
            }
            row_begin = end;
            return as_known && (block.text.size() < row_block_bytes || !block.holds(offset));
          });
      if (lines && as_known && block.holds(offset)) found = std::move(block);
      return lines;
    });
    if (!read) return std::unexpected(read.error());
    return found;
  }

  static constexpr std::int64_t first_version = -(std::int64_t{1} << 62);
  const std::shared_ptr<RowTable> table_;
  const std::string id_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable read_;
  std::set<std::uint64_t> reading_;           // the blocks that threads read now, by their number
  std::uint64_t beginnings_ = 0;              // times that all which was known was given up
  std::vector<RowPlace> places_;              // behind those that the database knows
  std::map<std::uint64_t, RowPlace> begins_;  // where blocks begin, by their number
  std::deque<SharedBlock> kept_;
  std::uint64_t known_bytes_ = 0;  // up to here the database knows places; 0: asks for none
  std::uint64_t size_bytes_ = 0;
  std::int64_t next_version_ = first_version;
  std::uint64_t rewrites_ = 0;
  bool moved_ = false;  // it was read anew, and nobody was told
  log::DueEvents due_;
};

}  // namespace

void end_row_line(std::string& lines, std::size_t start) {
  std::replace(lines.begin() + static_cast<std::ptrdiff_t>(start), lines.end(), '\n', '\1');
  lines += '\n';
}

Result<std::unique_ptr<log::ByteSource>> open_row_log(std::shared_ptr<RowTable> table,
                                                      std::string_view id) {
  auto log = std::make_unique<RowLog>(std::move(table), id);
  if (auto opened = log->open(); !opened) return std::unexpected(opened.error());
  return log;
}

}  // namespace agentstore
