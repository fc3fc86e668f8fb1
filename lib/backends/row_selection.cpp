#include "backends/row_selection.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "log/fast_parse.hpp"

namespace agentstore {
namespace {

// Of how many rows the database is asked at once: as many as make about a block of lines, once it
// is known how many of them pass.
constexpr std::int64_t first_span = 4096;
constexpr std::int64_t span_min = 16;
constexpr std::int64_t span_max = std::int64_t{1} << 18;

class RowSelection : public log::Selection {
 public:
  RowSelection(std::shared_ptr<RowTable> table, std::string_view id, const log::Wanted& wanted,
               bool check_hashes, const RowRange& range)
      : table_(std::move(table)),
        id_(id),
        wanted_(wanted),
        check_hashes_(check_hashes),
        next_(range.from),
        last_(range.to),
        parser_(id) {
    report_.log_name = table_->name_of(id_);
    report_.seals_checked = check_hashes;
  }

  Result<std::span<const log::Line>> next() override {
    if (failure_) return std::unexpected(*failure_);
    lines_.clear();
    arena_.clear();
    parser_.forget();
    while (rows_.empty() && next_ <= last_)
      if (auto read = read_rows(); !read) return std::unexpected(read.error());
    if (rows_.empty()) {
      if (auto ended = end(); !ended) return std::unexpected(ended.error());
      return lines_;
    }
    for (const Row& row : std::exchange(rows_, {})) {
      if (auto taken = take(row); taken) continue;
      else failure_ = std::move(taken.error());
      if (lines_.empty()) return std::unexpected(*failure_);
      break;
    }
    return lines_;
  }

  const log::Position& position() const override { return position_; }
  const ReadReport& report() const override { return report_; }

 private:
  struct Row {
    std::uint64_t number;
    std::uint64_t end_bytes;  // in the log
    std::string_view text;    // without its newline
    std::uint64_t begin_bytes() const { return end_bytes - std::min(end_bytes, text.size() + 1); }
  };

  Result<void> read_rows() {
    const std::int64_t to = std::min(last_, next_ + span_ - 1);
    std::vector<std::size_t> ends;
    bool whole = false;
    auto read = table_->read([&]() -> Result<void> {
      text_.clear();
      ends.clear();
      rows_.clear();
      const auto picked =
          table_->pick(id_, {next_, to}, wanted_, text_,
                       [&](std::int64_t version, const std::optional<std::int64_t>& end_bytes) {
                         rows_.push_back({static_cast<std::uint64_t>(version) + 1,
                                          static_cast<std::uint64_t>(end_bytes.value_or(0)),
                                          {}});
                         ends.push_back(text_.size());
                         return true;
                       });
      if (!picked) return std::unexpected(picked.error());
      whole = *picked;
      return {};
    });
    if (!read) return read;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < ends.size(); begin = ends[i++])
      rows_[i].text = std::string_view{text_}.substr(begin, ends[i] - begin - 1);
    const std::int64_t from = next_;
    next_ = whole || rows_.empty() ? to + 1 : static_cast<std::int64_t>(rows_.back().number);
    const std::int64_t seen = next_ - from;
    report_.events += static_cast<std::uint64_t>(seen);
    const auto bytes = static_cast<std::int64_t>(text_.size());
    const auto block = static_cast<std::int64_t>(row_block_bytes);
    span_ = std::clamp(bytes > block / 4 ? seen * block / bytes : 4 * seen, span_min, span_max);
    return {};
  }

  Result<void> take(const Row& row) {
    log::Line& line = lines_.emplace_back();
    auto bad = log::take_apart(row.text, parser_, arena_, line);
    if (!bad && check_hashes_) bad = log::check_hashes(line);
    const bool behind_last = row.number == position_.sequence_number + 1;
    if (!bad && behind_last && position_.head_known && line.prev != position_.head)
      bad = {FindingKind::chain, 0, "its \"prev\" is not the hash of the event before it"};
    line.event.offset_bytes = row.begin_bytes();
    if (bad) {
      lines_.pop_back();
      return damaged(row, std::move(*bad));
    }
    line.number = row.number;
    stand_behind(line, row);
    return {};
  }

  void stand_behind(const log::Line& line, const Row& row) {
    position_ = {.sequence_number = row.number,
                 .offset_bytes = row.end_bytes,
                 .line = row.number,
                 .head = line.hash,
                 .sealed = true};
    report_.last_sequence_number = row.number;
    report_.end_offset_bytes = row.end_bytes;
  }

  // The last row is looked at even if it does not pass.
  Result<void> end() {
    if (last_ < 0 || position_.sequence_number == static_cast<std::uint64_t>(last_) + 1) return {};
    std::string text;
    std::optional<std::int64_t> end_bytes;
    auto read = table_->read([&]() -> Result<void> {
      text.clear();
      return table_->lines(id_, {last_, last_}, text,
                           [&](std::int64_t, const std::optional<std::int64_t>& ends_at) {
                             end_bytes = ends_at;
                             return false;
                           });
    });
    if (!read) return read;
    if (!end_bytes) return fail(Code::corrupt, report_.log_name + " changed while it was read");
    text.pop_back();
    auto taken =
        take({static_cast<std::uint64_t>(last_) + 1, static_cast<std::uint64_t>(*end_bytes), text});
    lines_.clear();
    return taken;
  }

  std::unexpected<Error> damaged(const Row& row, log::LineError error) {
    report_.verdict = Verdict::damaged;
    const std::uint64_t offset_bytes = row.begin_bytes() + error.offset_bytes;
    report_.findings.push_back({error.kind, row.number, offset_bytes, row.number, error.message});
    ++report_.finding_count;
    return fail(Code::corrupt, report_.log_name + " is damaged at line " +
                                   std::to_string(row.number) + ", byte " +
                                   std::to_string(offset_bytes) + ": " + error.message);
  }

  const std::shared_ptr<RowTable> table_;
  const std::string id_;
  const log::Wanted wanted_;
  const bool check_hashes_;
  std::int64_t next_;
  const std::int64_t last_;
  std::int64_t span_ = first_span;
  log::FastParser parser_;
  log::Arena arena_;
  std::string text_;
  std::vector<Row> rows_;  // read, and not given
  std::vector<log::Line> lines_;
  std::optional<Error> failure_;
  log::Position position_;
  ReadReport report_;
};

}  // namespace

Result<std::unique_ptr<log::Selection>> select_rows(std::shared_ptr<RowTable> table,
                                                    std::string_view id, const log::Wanted& wanted,
                                                    bool check_hashes, std::int64_t last) {
  const RowRange range{
      static_cast<std::int64_t>(std::clamp<std::uint64_t>(wanted.first, 1, INT64_MAX)) - 1,
      std::min(last, static_cast<std::int64_t>(
                         std::min<std::uint64_t>(wanted.last, std::uint64_t{INT64_MAX})) -
                         1)};
  bool can = false;
  auto read = table->read([&]() -> Result<void> {
    const auto whole = table->can_pick(id, range);
    if (!whole) return std::unexpected(whole.error());
    can = *whole;
    return {};
  });
  if (!read) return std::unexpected(read.error());
  if (!can) return nullptr;
  return std::make_unique<RowSelection>(std::move(table), id, wanted, check_hashes, range);
}

}  // namespace agentstore
