#include "log/line_beginning.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "agentstore/json.hpp"
#include "agentstore/timestamp.hpp"
#include "log/encode.hpp"

namespace agentstore::log {
namespace {

using json::Beginning;

constexpr std::string_view form_of_time = "0000-00-00T00:00:00.000000000Z";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Each step goes on where what it expects stands; where the text ends inside of that, or something
// else stands there, it says so in `how_`, and gives false.
class Matcher {
 public:
  Matcher(std::string_view text, const DueLine& due) : text_(text), due_(due) {}

  LineBeginning line() {
    (void)(envelope() && payload() && seal());
    return {how_, last_};
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }
  bool stop(Beginning how) {
    how_ = how;
    return false;
  }

  bool literal(std::string_view expected) {
    const std::string_view have = rest().substr(0, expected.size());
    if (!expected.starts_with(have)) return stop(Beginning::bad);
    at_ += have.size();
    return have.size() == expected.size() || stop(Beginning::cut);
  }
  // What may be left out; `there` says whether it is.
  bool optional_literal(std::string_view expected, bool& there) {
    there = rest().starts_with(expected);
    if (there) at_ += expected.size();
    return there || !expected.starts_with(rest()) || stop(Beginning::cut);
  }

  template <class Begin>
  bool value(Begin begin) {
    if (rest().empty()) return stop(Beginning::cut);
    const char* at = text_.data() + at_;
    const Beginning how = begin(at, text_.data() + text_.size());
    if (how != Beginning::whole) return stop(how);
    at_ = static_cast<std::size_t>(at - text_.data());
    return true;
  }
  bool string() {
    return value([](const char*& at, const char* end) {
      return *at == '"' ? json::begin_string(at, end, true) : Beginning::bad;
    });
  }
  bool object() {
    return value([](const char*& at, const char* end) {
      return *at == '{' ? json::begin_value(at, end, {}) : Beginning::bad;
    });
  }

  bool digits(std::uint64_t least, std::uint64_t most, std::uint64_t& number) {
    const char* const start = text_.data() + at_;
    const char* const end = text_.data() + text_.size();
    const auto [at, error] = std::from_chars(start, end, number);
    if (start == end) return stop(Beginning::cut);
    if (error != std::errc{} || *start == '0' || number > most) return stop(Beginning::bad);
    at_ = static_cast<std::size_t>(at - text_.data());
    if (at == end) return stop(Beginning::cut);
    return number >= least || stop(Beginning::bad);
  }

  bool time() {
    for (const char form : form_of_time) {
      if (at_ == text_.size()) return stop(Beginning::cut);
      const char c = text_[at_++];
      if (form == '0' ? !is_digit(c) : c != form) return stop(Beginning::bad);
    }
    const auto begin = at_ - form_of_time.size();
    if (!parse_rfc3339(text_.substr(begin, form_of_time.size()))) return stop(Beginning::bad);
    return literal("\"");
  }

  bool sequence_number() {
    if (!due_.exact) return digits(due_.least, due_.last.value_or(number_max), number_);
    number_ = due_.least;
    return literal(std::to_string(number_));
  }

  bool envelope() {
    const bool any = due_.session_id.empty();
    bool recorded = false;
    return literal(R"({"session_id":)") &&
           (any ? string() : literal(json::quote(due_.session_id))) &&
           literal(R"(,"sequence_number":)") && sequence_number() && literal(R"(,"type":)") &&
           string() && literal(R"(,"timestamp":")") && time() &&
           optional_literal(R"(,"recorded_at":")", recorded) && (!recorded || time()) &&
           literal(R"(,"metadata":)") && object() && literal(R"(,"event_id":)") && string() &&
           batch();
  }

  bool batch() {
    bool there = false;
    if (!optional_literal(R"(,"batch":[)", there)) return false;
    if (!there) {
      // An event alone is a write of its own.
      const bool alone = number_ == due_.first && due_.last.value_or(number_) == number_;
      if (!alone) return stop(Beginning::bad);
      if (rest().size() >= std::string_view{R"(,"payload":)"}.size()) last_ = number_;
      return true;
    }
    std::uint64_t last = 0;
    const std::uint64_t least = std::max(number_, due_.first + 1);
    if (!literal(std::to_string(due_.first)) || !literal(",") ||
        !digits(due_.last.value_or(least), due_.last.value_or(number_max), last)) {
      return false;
    }
    last_ = last;
    return literal("]");
  }

  bool payload() {
    const std::size_t envelope_size = at_;
    if (!literal(R"(,"payload":)")) return false;
    envelope_ = text_.substr(0, envelope_size);
    const std::size_t begin = at_;
    if (!value([](const char*& at, const char* end) { return json::begin_value(at, end, {}); }))
      return false;
    payload_ = text_.substr(begin, at_ - begin);
    return true;
  }

  template <std::size_t size>
  bool hex(std::array<unsigned char, size>& into) {
    const std::string_view have = rest().substr(0, 2 * size);
    if (!is_hex(have)) return stop(Beginning::bad);
    if (have.size() < 2 * size) return stop(Beginning::cut);
    at_ += have.size();
    from_hex(have, into.data(), size);
    return true;
  }

  bool seal() {
    Salt salt{};
    Hash prev{};
    if (!literal(R"(,"salt":")") || !hex(salt) || !literal(R"(","prev":")")) return false;
    if (due_.prev) prev = *due_.prev;
    if (due_.prev ? !literal(view_of(hex_of(prev))) : !hex(prev)) return false;
    const HexText payload_hash = hex_of(payload_hash_of(salt, payload_));
    const HexText prev_hex = hex_of(prev);
    const HexText hash = hex_of(hash_of_entry(envelope_, view_of(payload_hash), view_of(prev_hex)));
    if (!literal(R"(","hash":")") || !literal(view_of(hash)) || !literal("\"}")) return false;
    return stop(rest().empty() ? Beginning::whole : Beginning::bad);
  }

  static constexpr std::uint64_t number_max = (std::uint64_t{1} << 53) - 1;

  std::string_view text_;
  const DueLine& due_;
  std::size_t at_ = 0;
  Beginning how_ = Beginning::bad;
  std::uint64_t number_ = 0;
  std::optional<std::uint64_t> last_;
  std::string_view envelope_;
  std::string_view payload_;
};

}  // namespace

LineBeginning begin_line(std::string_view text, const DueLine& due) {
  return Matcher{text, due}.line();
}

}  // namespace agentstore::log
