// Values as bytes and back, for caches on this machine. A whole number takes as few bytes as it
// needs, a text stands after its length, members after their count, and what may be absent after a
// 0 or 1. A type joins in with a function `list_fields(way, value)` beside it, which names its
// fields once for both ways.

#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "agentstore/decimal.hpp"
#include "agentstore/timestamp.hpp"

namespace agentstore {

template <class T, class Whole>
concept Any = std::same_as<std::remove_const_t<T>, Whole>;

class ByteWriter {
 public:
  /// `out` outlives it.
  explicit ByteWriter(std::string& out) : out_(out) {}

  template <class... Fields>
  void fields(const Fields&... fields) {
    (put(fields), ...);
  }

  void put(bool value) { out_ += value ? '\1' : '\0'; }
  template <std::integral T>
  void put(T number) {
    if constexpr (std::is_signed_v<T>) {
      const auto wide = static_cast<std::int64_t>(number);
      put_number(static_cast<std::uint64_t>(wide) << 1U ^ static_cast<std::uint64_t>(wide >> 63));
    } else {
      put_number(number);
    }
  }
  void put(std::string_view text) {
    put_number(text.size());
    out_ += text;
  }
  void put(const std::string& text) { put(std::string_view{text}); }
  void put(const Decimal& number) { put(number.to_string()); }
  void put(Timestamp at) { fields(at.seconds, at.nanoseconds); }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class A, class B>
  void put(const std::pair<A, B>& both) {
    fields(both.first, both.second);
  }
  template <class T>
  void put(const std::vector<T>& elements) {
    put_number(elements.size());
    for (const T& element : elements) put(element);
  }
  template <class T, class Less>
  void put(const std::set<T, Less>& elements) {
    put_number(elements.size());
    for (const T& element : elements) put(element);
  }
  template <class Key, class T, class Less>
  void put(const std::map<Key, T, Less>& members) {
    put_number(members.size());
    for (const auto& [key, value] : members) fields(key, value);
  }
  template <class... Rest>
  void put(const std::unordered_map<Rest...>& members) {
    put_number(members.size());
    for (const auto& [key, value] : members) fields(key, value);
  }
  template <class... Rest>
  void put(const std::unordered_set<Rest...>& elements) {
    put_number(elements.size());
    for (const auto& element : elements) put(element);
  }
  template <class T>
    requires std::is_class_v<T>
  void put(const T& whole) {
    list_fields(*this, whole);
  }
  /// As it is in memory.
  template <class T>
  void memory(const T& value) {
    static_assert(std::has_unique_object_representations_v<T>);
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }

 private:
  void put_number(std::uint64_t number) {
    for (; number >= 0x80; number >>= 7U) out_ += static_cast<char>(number | 0x80U);
    out_ += static_cast<char>(number);
  }

  std::string& out_;
};

/// Where bytes are missing, or say what they cannot, all that follows is refused.
class ByteReader {
 public:
  /// `bytes` outlive it.
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}
  bool sound() const { return sound_; }
  bool at_end() const { return sound_ && bytes_.empty(); }
  /// What is left; it is taken by this.
  std::string_view rest() { return std::exchange(bytes_, {}); }

  template <class... Fields>
  void fields(Fields&... fields) {
    (take(fields), ...);
  }

  void take(bool& value) {
    const std::uint8_t byte = take_byte();
    value = byte == 1;
    if (byte > 1) sound_ = false;
  }
  template <std::integral T>
  void take(T& number) {
    const std::uint64_t told = take_number();
    if constexpr (std::is_signed_v<T>) {
      const auto wide = static_cast<std::int64_t>(told >> 1U ^ (0 - (told & 1U)));
      number = static_cast<T>(wide);
      sound_ = sound_ && number == wide;
    } else {
      number = static_cast<T>(told);
      sound_ = sound_ && number == told;
    }
  }
  /// A view into the bytes.
  void take(std::string_view& text) {
    const std::uint64_t size = take_number();
    if (!has(size)) return;
    text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
  }
  void take(std::string& text) {
    std::string_view view;
    take(view);
    text = view;
  }
  void take(Decimal& number) {
    std::string_view text;
    take(text);
    const auto parsed = Decimal::parse(text);
    if (parsed) number = *parsed;
    else sound_ = false;
  }
  void take(Timestamp& at) { fields(at.seconds, at.nanoseconds); }
  template <class T>
  void take(std::optional<T>& value) {
    bool there = false;
    take(there);
    if (there) take(value.emplace());
  }
  template <class A, class B>
  void take(std::pair<A, B>& both) {
    fields(both.first, both.second);
  }
  template <class T>
  void take(std::vector<T>& elements) {
    for (std::uint64_t count = take_number(); sound_ && count > 0; --count)
      take(elements.emplace_back());
  }
  template <class T, class Less>
  void take(std::set<T, Less>& elements) {
    for (std::uint64_t count = take_number(); sound_ && count > 0; --count) {
      T element{};
      take(element);
      const std::size_t before = elements.size();
      elements.insert(elements.end(), std::move(element));
      sound_ = sound_ && elements.size() > before;
    }
  }
  template <class Key, class T, class Less>
  void take(std::map<Key, T, Less>& members) {
    for (std::uint64_t count = take_number(); sound_ && count > 0; --count) {
      Key key{};
      take(key);
      const std::size_t before = members.size();
      take(members.emplace_hint(members.end(), std::move(key), T{})->second);
      sound_ = sound_ && members.size() > before;
    }
  }
  template <class Key, class T, class... Rest>
  void take(std::unordered_map<Key, T, Rest...>& members) {
    for (std::uint64_t count = take_number(); sound_ && count > 0; --count) {
      Key key{};
      take(key);
      take(members[std::move(key)]);
    }
  }
  template <class T, class... Rest>
  void take(std::unordered_set<T, Rest...>& elements) {
    for (std::uint64_t count = take_number(); sound_ && count > 0; --count) {
      T element{};
      take(element);
      elements.insert(std::move(element));
    }
  }
  template <class T>
    requires std::is_class_v<T>
  void take(T& whole) {
    list_fields(*this, whole);
  }
  template <class T>
  void memory(T& value) {
    static_assert(std::has_unique_object_representations_v<T>);
    if (!has(sizeof value)) return;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
  }

 private:
  std::uint8_t take_byte() {
    if (!has(1)) return 0;
    const auto byte = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte;
  }
  std::uint64_t take_number() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t byte = take_byte();
      number |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
      if (byte >= 0x80) continue;
      const bool padded = shift > 0 && byte == 0;
      if (padded || (shift == 63 && byte > 1)) break;
      return number;
    }
    sound_ = false;
    return 0;
  }
  bool has(std::uint64_t size) {
    sound_ = sound_ && size <= bytes_.size();
    return sound_;
  }

  std::string_view bytes_;
  bool sound_ = true;
};

}  // namespace agentstore
