#include "formats/text/code_points.hpp"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <utility>

namespace agentstore::formats {
namespace {

struct Range {
  std::int32_t first;
  std::int32_t last;
};

// Of Unicode's Cc, Cf, Zl and Zp all but the Arabic number signs (which are visible); the fillers
// and selectors that draw nothing; the whole plane of tags.
constexpr Range unprintable_ranges[] = {
    {0x0, 0x1F},        {0x7F, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},
    {0x61C, 0x61C},     {0x70F, 0x70F},     {0x115F, 0x1160},   {0x17B4, 0x17B5},
    {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},
    {0x3164, 0x3164},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
    {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1345F}, {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
};

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int bound_class_of(std::int32_t point) {
  return static_cast<int>(utf8proc_get_property(point)->boundclass);
}

bool is_key_cap(std::int32_t point) {
  return (point >= '0' && point <= '9') || point == '#' || point == '*';
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const auto follows = [&](std::size_t at) { return (byte(at) & 0xC0U) == 0x80U; };
  const auto tail = [&](std::size_t at) { return byte(at) & 0x3F; };
  const int lead = byte(0);
  if (lead < 0x80) return {lead, 1};
  // Most characters have two or three bytes; what is special about some of them, and all others,
  // is left to the library.
  if (lead >= 0xC2 && lead < 0xE0 && text.size() >= 2 && follows(1))
    return {(lead & 0x1F) << 6 | tail(1), 2};
  if (lead > 0xE0 && lead < 0xF0 && lead != 0xED && text.size() >= 3 && follows(1) && follows(2))
    return {(lead & 0x0F) << 12 | tail(1) << 6 | tail(2), 3};
  const auto length = static_cast<utf8proc_ssize_t>(std::min<std::size_t>(text.size(), 4));
  utf8proc_int32_t point = -1;
  const utf8proc_ssize_t used =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), length, &point);
  if (used <= 0) return {};
  return {point, static_cast<std::size_t>(used)};
}

std::string_view cut_utf8(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xC0U) == 0x80U)
    --bytes_max;
  return text.substr(0, bytes_max);
}

std::size_t utf8_bytes(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;
  std::size_t at = 0;
  while (at < text.size()) {
    if (std::uint64_t eight = 0; text.size() - at >= sizeof eight) {
      std::memcpy(&eight, text.data() + at, sizeof eight);
      if ((eight & high_bits) == 0) {
        at += sizeof eight;
        continue;
      }
    }
    const CodePoint point = first_code_point(text.substr(at));
    if (point.value < 0) break;
    at += point.bytes;
  }
  return at;
}

std::string valid_utf8(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t good = utf8_bytes(text);
    out += text.substr(0, good);
    if (good == text.size()) return out;
    out += "\uFFFD";
    text.remove_prefix(good + 1);
  }
}

std::size_t put_code_point(char* into, std::int32_t point) {
  const utf8proc_ssize_t bytes =
      utf8proc_encode_char(point, reinterpret_cast<utf8proc_uint8_t*>(into));
  return static_cast<std::size_t>(bytes);
}

bool is_unprintable(std::int32_t point) {
  if (point >= 0x20 && point < 0x7F) return false;
  const auto* const range = std::ranges::lower_bound(unprintable_ranges, point, {}, &Range::last);
  return range != std::end(unprintable_ranges) && point >= range->first;
}

std::size_t columns_of(std::int32_t point) {
  if (point < 0x80) return 1;
  const utf8proc_property_t& property = *utf8proc_get_property(point);
  const bool known = property.category != UTF8PROC_CATEGORY_CN;
  if (!known || property.category == UTF8PROC_CATEGORY_CO) return 1;
  return std::min(property.charwidth, 2U);
}

Look look_of(std::int32_t point) {
  if (point >= 0x20 && point < 0x7F) return {};
  struct Known {
    std::int32_t point = 0;
    Look look{.columns = 1, .unprintable = true, .bound_class = UTF8PROC_BOUNDCLASS_CONTROL};
  };
  thread_local std::array<Known, 1024> kept;
  Known& known = kept[static_cast<std::size_t>(point) % kept.size()];
  if (known.point != point)
    known = {point, {columns_of(point), is_unprintable(point), bound_class_of(point)}};
  return known.look;
}

bool is_emoji(std::int32_t point) {
  return point >= 0x80 && bound_class_of(point) == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

bool Clusters::ends_in_emoji() const {
  return state_ == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

Clusters::Step Clusters::next(std::int32_t point, const Look& look) {
  constexpr std::int32_t emoji_selector = 0xFE0F;
  constexpr std::size_t cluster_columns_max = 2;
  const bool may_join = previous_ != 0 && look.bound_class != UTF8PROC_BOUNDCLASS_OTHER;
  if (!may_join || utf8proc_grapheme_break_stateful(previous_, point, &state_)) {
    begin(point, look);
    return {look.columns, false};
  }
  // "1", the selector, and the mark of a key cap are an emoji, too.
  const bool selects =
      point == emoji_selector && (ends_in_emoji() || is_key_cap(previous_)) && columns_ == 1;
  const std::size_t columns =
      std::min(columns_ + (selects ? 1 : look.columns), cluster_columns_max);
  previous_ = point;
  return {columns - std::exchange(columns_, columns), true};
}

bool starts_runner_command(std::string_view text) {
  if (!text.starts_with("##")) return false;
  const std::string_view rest = text.substr(2, runner_command_bytes_max - 2);
  const auto* const end = std::ranges::find_if_not(rest, is_letter);
  return end != rest.end() && *end == '[';
}

}  // namespace agentstore::formats
