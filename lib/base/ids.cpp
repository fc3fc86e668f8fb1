#include "base/ids.hpp"

#include <array>

#include "base/sha256.hpp"
#include "base/system.hpp"
#include "base/utf8.hpp"

namespace agentstore {
namespace {

constexpr std::size_t name_bytes_max = 128;
constexpr std::size_t session_name_bytes_max = 1024;
constexpr std::size_t event_id_bytes_max = 256;

constexpr bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// What may stand in a name: asked of every byte of every append.
constexpr std::array<bool, 256> make_name_bytes() {
  std::array<bool, 256> allowed{};
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    const char c = static_cast<char>(i);
    allowed[i] = is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == ':' || c == '-';
  }
  return allowed;
}
constexpr auto name_bytes = make_name_bytes();

bool is_name(std::string_view text) {
  bool allowed = !text.empty() && text.size() <= name_bytes_max;
  for (const char c : text) allowed &= name_bytes[static_cast<unsigned char>(c)];
  return allowed;
}

std::string shown(std::string_view name) {
  return "\"" + std::string{name.substr(0, name_bytes_max)} +
         (name.size() > name_bytes_max ? "…\"" : "\"");
}

std::string uuid_text(UuidBytes bytes, unsigned version) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | version << 4U);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U);
  char text[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
  std::size_t from = 0;
  std::size_t to = 0;
  for (const std::size_t size : {4, 2, 2, 2, 6}) {
    put_hex(text + to, {reinterpret_cast<const char*>(bytes.data()) + from, size});
    from += size;
    to += 2 * size + 1;
  }
  return {text, sizeof text - 1};
}

}  // namespace

std::string uuid4() {
  UuidBytes bytes;
  random_bytes(bytes.data(), bytes.size());
  return uuid_text(bytes, 4);
}

std::string uuid7(Timestamp at) {
  UuidBytes random;
  random_bytes(random.data(), random.size());
  return uuid7(at, random);
}

std::string uuid7(Timestamp at, UuidBytes bytes) {
  const auto milliseconds = static_cast<std::uint64_t>(at.seconds) * 1000 +
                            static_cast<std::uint64_t>(at.nanoseconds) / 1'000'000;
  for (int i = 0; i < 6; ++i) {
    bytes[static_cast<std::size_t>(i)] = static_cast<unsigned char>(milliseconds >> (40 - 8 * i));
  }
  return uuid_text(bytes, 7);
}

std::string random_hex(std::size_t bytes) {
  std::string random(bytes, '\0');
  random_bytes(random.data(), random.size());
  return to_hex(random);
}

bool is_session_id(std::string_view id) {
  return is_name(id) && (is_letter(id[0]) || is_digit(id[0]));
}

bool is_event_type(std::string_view type) {
  return is_name(type) && is_letter(type[0]);
}

Result<void> check_session_id(std::string_view id) {
  if (!is_session_id(id)) {
    return fail(Code::invalid, shown(id) + " is not a session id",
                "use up to 128 letters, digits, '.', '_', ':' and '-', a letter or digit first");
  }
  if (id.starts_with(reserved_prefix)) {
    return fail(Code::invalid, shown(id) + " is reserved: ids that begin with \"agentstore.\" are");
  }
  return {};
}

Result<void> check_session_name(std::string_view name) {
  if (name.size() > session_name_bytes_max)
    return fail(Code::invalid, "the session's name is over 1024 bytes");
  if (!is_utf8(name)) return fail(Code::invalid, "the session's name is not UTF-8");
  const std::size_t last_other = name.find_last_not_of("0123456789");
  const bool ends_in_point =
      last_other != name.npos && last_other + 1 < name.size() && name[last_other] == '@';
  if (name.starts_with('@') || ends_in_point) {
    return fail(Code::invalid, shown(name) + " cannot be a session's name",
                "@ is the newest session, and S@12 session S at its event 12: a name begins with "
                "no @, and ends in no @ and digits");
  }
  return {};
}

Result<void> check_event_type(std::string_view type) {
  if (!is_event_type(type)) {
    return fail(Code::invalid, shown(type) + " is not an event type",
                "use up to 128 letters, digits, '_', '.', ':' and '-', a letter first");
  }
  if (type.starts_with(reserved_prefix)) {
    return fail(Code::invalid,
                shown(type) + " is reserved: types that begin with \"agentstore.\" are");
  }
  return {};
}

Result<void> check_event_id(std::string_view id) {
  const char* const end = id.data() + id.size();
  bool formed = !id.empty() && id.size() <= event_id_bytes_max;
  for (const char* at = id.data(); formed && at != end;) {
    const std::size_t length = utf8_length(at, end);
    formed = length > 0 && static_cast<unsigned char>(*at) >= 0x20 && *at != 0x7F;
    at += length;
  }
  if (!formed) {
    return fail(Code::invalid, shown(id) + " is not an event id",
                "use 1 to 256 bytes of UTF-8 without control characters");
  }
  return {};
}

}  // namespace agentstore
