#include "query/sql_grouped.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

namespace agentstore::sql {
namespace {

constexpr std::size_t rows_a_block = 4096;

class GroupedRows final : public RowStream {
 public:
  GroupedRows(std::unique_ptr<RowStream> rows, int slot, std::size_t width)
      : rows_{std::move(rows)}, slot_{static_cast<std::size_t>(slot)}, width_{width} {}

  std::unique_ptr<Block> next() override {
    if (!read_) read();
    if (at_ == order_.size()) return nullptr;
    auto& blocks = order_[at_]->blocks;
    auto block = std::move(blocks.front());
    blocks.pop_front();
    if (blocks.empty()) ++at_;
    return block;
  }

 private:
  struct Group {
    std::string key;
    std::deque<std::unique_ptr<Block>> blocks;
  };

  void read() {
    read_ = true;
    while (const auto block = rows_->next())
      for (std::size_t i = 0; i < block->rows(); ++i) add(block->row(i));
    rows_.reset();
    for (auto& [key, group] : groups_) order_.push_back(&group);
    std::ranges::sort(order_, {}, &Group::key);
    if (!nulls_.blocks.empty()) order_.insert(order_.begin(), &nulls_);
  }

  void add(const Cell* row) {
    Group& group = group_of(row[slot_]);
    if (group.blocks.empty() || group.blocks.back()->rows() == rows_a_block)
      group.blocks.push_back(std::make_unique<Block>(width_));
    Block& block = *group.blocks.back();
    Cell* const copy = block.add_row();
    // Texts that recur are fixed, but for those of a column that has too many.
    for (std::size_t i = 0; i < width_; ++i)
      copy[i] = row[i].kind == Cell::Kind::text ? block.text(row[i].view()) : row[i];
  }

  Group& group_of(const Cell& key) {
    if (!key.is_text()) return nulls_;
    // A fixed text has one place.
    if (key.kind == Cell::Kind::fixed && key.text == last_text_ && key.bytes == last_bytes_)
      return *last_;
    if (key.kind == Cell::Kind::fixed) {
      if (const auto found = by_place_.find(key.text); found != by_place_.end()) {
        remember(key, *found->second);
        return *found->second;
      }
    }
    Group& group = groups_[std::string{key.view()}];
    group.key = key.view();
    if (key.kind == Cell::Kind::fixed) {
      by_place_.emplace(key.text, &group);
      remember(key, group);
    }
    return group;
  }

  void remember(const Cell& key, Group& group) {
    last_text_ = key.text;
    last_bytes_ = key.bytes;
    last_ = &group;
  }

  std::unique_ptr<RowStream> rows_;
  const std::size_t slot_;
  const std::size_t width_;
  bool read_ = false;
  std::unordered_map<std::string, Group> groups_;
  std::unordered_map<const char*, Group*> by_place_;
  Group nulls_;
  const char* last_text_ = nullptr;
  std::uint32_t last_bytes_ = 0;
  Group* last_ = nullptr;
  std::vector<Group*> order_;
  std::size_t at_ = 0;
};

}  // namespace

std::unique_ptr<RowStream> group_rows(std::unique_ptr<RowStream> rows, int slot,
                                      std::size_t width) {
  return std::make_unique<GroupedRows>(std::move(rows), slot, width);
}

}  // namespace agentstore::sql
