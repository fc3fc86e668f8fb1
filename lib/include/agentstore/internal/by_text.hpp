// Values by short texts of which there are few, such as the types of events: found without an
// allocation, in about the time of a comparison.

#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace agentstore {

template <class Value>
class ByText {
 public:
  using Entry = std::pair<std::string, Value>;

  /// The value of a text, or null. Good until the next `add`.
  Value* find(std::string_view text) {
    const Ends ends = ends_of(text);
    for (std::size_t slot = slot_of(ends);; ++slot) {
      const std::uint32_t place = slots_[slot & (slots_.size() - 1)];
      if (place == 0) return nullptr;
      if (ends_[place - 1] == ends && (text.size() <= 16 || entries_[place - 1].first == text))
        return &entries_[place - 1].second;
    }
  }
  /// Adds a text that is not there.
  Value& add(std::string_view text, Value value) {
    entries_.emplace_back(text, std::move(value));
    ends_.push_back(ends_of(text));
    if (entries_.size() * 4 > slots_.size()) {
      slots_.assign(slots_.size() * 2, 0);
      for (std::size_t i = 0; i < entries_.size(); ++i) place(i);
    } else {
      place(entries_.size() - 1);
    }
    return entries_.back().second;
  }
  Value& operator[](std::string_view text) {
    Value* const known = find(text);
    return known != nullptr ? *known : add(text, Value{});
  }
  void clear() {
    entries_.clear();
    ends_.clear();
    slots_.assign(slots_min, 0);
  }

  std::size_t size() const { return entries_.size(); }
  // In the order that they were added.
  auto begin() const { return entries_.begin(); }
  auto end() const { return entries_.end(); }

 private:
  static constexpr std::size_t slots_min = 128;

  // Length, beginning and end tell most texts apart, and those of up to sixteen bytes all.
  struct Ends {
    std::uint64_t size = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    friend bool operator==(const Ends&, const Ends&) = default;
  };

  static Ends ends_of(std::string_view text) {
    Ends ends{text.size()};
    if (text.size() >= 8) {
      std::memcpy(&ends.first, text.data(), 8);
      std::memcpy(&ends.last, text.data() + text.size() - 8, 8);
    } else {
      for (const char c : text) ends.first = ends.first << 8U | static_cast<unsigned char>(c);
    }
    return ends;
  }
  static std::size_t slot_of(const Ends& ends) {
    const std::uint64_t mixed = (ends.first ^ ends.last << 1U ^ ends.size) * 0x9E37'79B9'7F4A'7C15;
    return static_cast<std::size_t>(mixed >> 40U);
  }
  void place(std::size_t index) {
    std::size_t slot = slot_of(ends_[index]);
    while (slots_[slot & (slots_.size() - 1)] != 0) ++slot;
    slots_[slot & (slots_.size() - 1)] = static_cast<std::uint32_t>(index + 1);
  }

  std::vector<Entry> entries_;
  std::vector<Ends> ends_;  // of the entries' texts
  std::vector<std::uint32_t> slots_ = std::vector<std::uint32_t>(slots_min);  // places, from 1
};

}  // namespace agentstore
