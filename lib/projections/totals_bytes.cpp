// Totals as bytes and back. One list of the fields serves both ways, and does not compile where one
// is missing. A number is itself, in this machine's order of bytes; a text stands behind its
// length, members behind their count, and what may be absent behind a 0 or 1.

#include <concepts>
#include <cstring>
#include <type_traits>
#include <utility>

#include "agentstore/analysis/stats.hpp"

namespace agentstore {
namespace {

template <class T, class Whole>
concept Any = std::same_as<std::remove_const_t<T>, Whole>;

void list_fields(auto& way, Any<UnreadUsage> auto& unread) {
  auto& [session_id, sequence_number, why] = unread;
  way.fields(session_id, sequence_number, why);
}

void list_fields(auto& way, Any<Totals> auto& totals) {
  auto& [events, by_type, tool_calls, errors, tool_errors, in, out, cache_read, cache_write,
         reasoning, cost, cost_computed, without_cost, unpriced, silent, usage_records, begun,
         ended, others, unread, unread_count, first_at, last_at] = totals;
  way.fields(events, by_type, tool_calls, errors, tool_errors, in, out, cache_read, cache_write,
             reasoning, cost, cost_computed, without_cost, unpriced, silent, usage_records, begun,
             ended, others, unread, unread_count, first_at, last_at);
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  template <class... Fields>
  void fields(Fields&... fields) {
    (put(fields), ...);
  }

  void put(const std::integral auto& number) {
    out_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void put(const std::string& text) {
    put(text.size());
    out_ += text;
  }
  void put(const Decimal& number) { put(number.to_string()); }
  void put(Timestamp at) { fields(at.seconds, at.nanoseconds); }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  template <class T>
  void put(const std::map<std::string, T, std::less<>>& members) {
    put(members.size());
    for (const auto& [key, value] : members) {
      put(key);
      put(value);
    }
  }
  template <class T>
  void put(const std::vector<T>& elements) {
    put(elements.size());
    for (const T& element : elements) put(element);
  }
  void put(const auto& whole) { list_fields(*this, whole); }

 private:
  std::string& out_;
};

// Where bytes are missing, or say what they cannot, all that follows is refused.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}
  bool at_end() const { return sound_ && bytes_.empty(); }

  template <class... Fields>
  void fields(Fields&... fields) {
    (take(fields), ...);
  }

  void take(std::integral auto& number) {
    if (!has(sizeof number)) return;
    std::memcpy(&number, bytes_.data(), sizeof number);
    bytes_.remove_prefix(sizeof number);
  }
  void take(bool& value) {
    std::uint8_t byte = 0;
    take(byte);
    value = byte == 1;
    if (byte > 1) sound_ = false;
  }
  void take(std::string& text) {
    std::size_t size = 0;
    take(size);
    if (!has(size)) return;
    text = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
  }
  void take(Decimal& number) {
    std::string text;
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
  template <class T>
  void take(std::map<std::string, T, std::less<>>& members) {
    std::size_t count = 0;
    take(count);
    for (; sound_ && count > 0; --count) {
      std::string key;
      take(key);
      take(members[std::move(key)]);
    }
  }
  template <class T>
  void take(std::vector<T>& elements) {
    std::size_t count = 0;
    take(count);
    for (; sound_ && count > 0; --count) take(elements.emplace_back());
  }
  void take(auto& whole) { list_fields(*this, whole); }

 private:
  bool has(std::size_t size) {
    sound_ = sound_ && size <= bytes_.size();
    return sound_;
  }

  std::string_view bytes_;
  bool sound_ = true;
};

}  // namespace

std::string to_bytes(const TotalsByType& totals) {
  std::string out;
  Writer{out}.put(totals);
  return out;
}

std::optional<TotalsByType> totals_from_bytes(std::string_view bytes) {
  TotalsByType totals;
  Reader reader{bytes};
  reader.take(totals);
  if (!reader.at_end()) return std::nullopt;
  return totals;
}

}  // namespace agentstore
