#include "backends/sqlite_log.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace agentstore {
namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::size_t blocks_kept = 4;

class SqliteLog : public log::ByteSource {
 public:
  SqliteLog(std::shared_ptr<SqliteStore> store, std::string_view id)
      : store_(std::move(store)), id_(id) {}

  std::uint64_t size_bytes() const override {
    const std::lock_guard guard{mutex_};
    return size_bytes_;
  }

  Result<std::size_t> read_at(std::uint64_t offset, char* into, std::size_t size) override {
    const std::lock_guard guard{mutex_};
    std::size_t got = 0;
    while (got < size && offset < size_bytes_) {
      const auto next = std::ranges::upper_bound(blocks_, offset, {}, &Block::offset);
      const auto index = static_cast<std::size_t>(next - blocks_.begin()) - 1;
      const auto text = text_of(index);
      if (!text) return std::unexpected(text.error());
      const std::size_t copied =
          (*text)->copy(into + got, size - got, offset - blocks_[index].offset);
      got += copied;
      offset += copied;
    }
    return got;
  }

  // What is in a database is there as a whole: no writer is ever seen at work.
  Result<Tail> settle() override { return Tail::settled; }

  Result<Change> refresh() override {
    const std::lock_guard guard{mutex_};
    Change change = Change::none;
    auto looked = store_->database().read([&]() -> Result<void> {
      const auto end = store_->end(id_);
      if (!end) return std::unexpected(end.error());
      if (end->rewrites != rewrites_ || end->version < next_version_ - 1) {
        change = Change::replaced;
        return load(*end);
      }
      take(*end);
      const std::uint64_t before = size_bytes_;
      auto read = read_rows();
      if (size_bytes_ > before) change = Change::grown;
      return read;
    });
    if (!looked) return std::unexpected(looked.error());
    return change;
  }

  std::string name() const override { return store_->name_of(id_); }
  bool is_shared() const override { return true; }
  log::DueEvents due() const override {
    const std::lock_guard guard{mutex_};
    return due_;
  }

  /// Errors: not_found; those of reading.
  Result<void> open() {
    return store_->database().read([&]() -> Result<void> {
      const auto there = store_->exists(id_);
      if (!there) return std::unexpected(there.error());
      if (!*there) return fail(Code::not_found, "there is no session \"" + id_ + "\"");
      const auto end = store_->end(id_);
      if (!end) return std::unexpected(end.error());
      return load(*end);
    });
  }

 private:
  // Rows that follow one another, and where their lines begin.
  struct Block {
    std::uint64_t offset;
    std::int64_t first_version;
  };
  struct Kept {
    std::size_t index;
    std::shared_ptr<const std::string> text;
  };

  void take(const SqliteEnd& end) {
    rewrites_ = end.rewrites;
    due_ = {static_cast<std::uint64_t>(end.due + 1), end.checkpoint};
  }

  Result<void> load(const SqliteEnd& end) {
    take(end);
    blocks_.clear();
    kept_.clear();
    size_bytes_ = 0;
    next_version_ = first_version_;
    return read_rows();
  }

  // Goes on behind the rows that are known.
  Result<void> read_rows() {
    std::string text;
    auto read = store_->rows(id_, next_version_, INT64_MAX, [&](const SqliteRow& row) {
      if (text.empty()) blocks_.push_back({size_bytes_, row.version});
      const std::size_t before = text.size();
      append_line(text, row);
      size_bytes_ += text.size() - before;
      next_version_ = row.version + 1;
      if (text.size() >= block_bytes) keep(blocks_.size() - 1, std::exchange(text, {}));
      return true;
    });
    if (read && !text.empty()) keep(blocks_.size() - 1, std::move(text));
    return read;
  }

  std::shared_ptr<const std::string> keep(std::size_t index, std::string text) {
    if (kept_.size() == blocks_kept) kept_.pop_front();
    kept_.push_back({index, std::make_shared<const std::string>(std::move(text))});
    return kept_.back().text;
  }

  Result<std::shared_ptr<const std::string>> text_of(std::size_t index) {
    const auto known = std::ranges::find(kept_, index, &Kept::index);
    if (known != kept_.end()) return known->text;
    const bool last = index + 1 == blocks_.size();
    const std::uint64_t end = last ? size_bytes_ : blocks_[index + 1].offset;
    const std::int64_t to = (last ? next_version_ : blocks_[index + 1].first_version) - 1;
    std::string text;
    const std::lock_guard guard{store_->database().mutex};
    auto read = store_->rows(id_, blocks_[index].first_version, to, [&](const SqliteRow& row) {
      append_line(text, row);
      return true;
    });
    if (!read) return std::unexpected(read.error());
    if (text.size() != end - blocks_[index].offset)
      return fail(Code::io, name() + " was changed while it was read", "try again");
    return keep(index, std::move(text));
  }

  static constexpr std::int64_t first_version_ = -(std::int64_t{1} << 62);
  const std::shared_ptr<SqliteStore> store_;
  const std::string id_;
  mutable std::mutex mutex_;  // guards what follows
  std::vector<Block> blocks_;
  std::deque<Kept> kept_;
  std::uint64_t size_bytes_ = 0;
  std::int64_t next_version_ = first_version_;
  std::uint64_t rewrites_ = 0;
  log::DueEvents due_;
};

}  // namespace

Result<std::unique_ptr<log::ByteSource>> open_sqlite_log(std::shared_ptr<SqliteStore> store,
                                                         std::string_view id) {
  auto log = std::make_unique<SqliteLog>(std::move(store), id);
  if (auto opened = log->open(); !opened) return std::unexpected(opened.error());
  return log;
}

}  // namespace agentstore
