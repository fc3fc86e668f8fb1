#include "backends/postgres_address.hpp"

#include <algorithm>
#include <array>

#include "backends/postgres_library.hpp"

namespace agentstore {
namespace {

constexpr std::array<std::string_view, 2> schemes = {"postgresql://", "postgres://"};
constexpr std::size_t schema_bytes_max = 63;
constexpr std::string_view schema_key = "schema=";
constexpr std::string_view password_keys[] = {"password=", "sslpassword="};

bool is_schema_name(std::string_view name) {
  const auto is_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && name.size() <= schema_bytes_max && std::ranges::all_of(name, is_word) &&
         !(name[0] >= '0' && name[0] <= '9') && !name.starts_with("pg_");
}

struct Split {
  std::string address;            // without its own parameters
  std::vector<std::string> rest;  // its parameters, as they are
};

// As libpq does: what comes before the first '@' may have a '?' of its own.
Split split(std::string_view name) {
  const std::size_t at = name.find_first_of("@/", name.find("://") + 3);
  const std::size_t query = name.find('?', at == name.npos || name[at] == '/' ? 0 : at);
  Split parts{std::string{name.substr(0, query)}, {}};
  if (query == name.npos) return parts;
  std::string_view left = name.substr(query + 1);
  while (!left.empty()) {
    const std::size_t end = std::min(left.find('&'), left.size());
    parts.rest.emplace_back(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return parts;
}

std::string joined(const Split& parts, std::string_view without) {
  std::string out = parts.address;
  char glue = '?';
  for (const std::string& one : parts.rest) {
    if (!without.empty() && one.starts_with(without)) continue;
    out += glue + one;
    glue = '&';
  }
  return out;
}

}  // namespace

bool is_postgres_address(std::string_view store_name) {
  return std::ranges::any_of(
      schemes, [&](std::string_view scheme) { return store_name.starts_with(scheme); });
}

std::string without_password(std::string_view store_name) {
  if (!is_postgres_address(store_name)) return std::string{store_name};
  Split parts = split(store_name);
  const std::size_t start = parts.address.find("://") + 3;
  const std::size_t at = parts.address.rfind('@');
  if (at != std::string::npos) {
    const std::size_t colon = parts.address.find(':', start);
    if (colon < at) parts.address.erase(colon, at - colon);
  }
  std::erase_if(parts.rest, [](const std::string& one) {
    const bool encoded = one.find('%') < one.find('=');  // what is it the value of?
    return encoded || std::ranges::any_of(password_keys, [&](std::string_view key) {
             return one.starts_with(key);
           });
  });
  return joined(parts, {});
}

std::string_view PostgresAddress::parameter(std::string_view keyword) const {
  const auto found = std::ranges::find(
      parameters, keyword, [](const auto& pair) { return std::string_view{pair.first}; });
  return found == parameters.end() ? std::string_view{} : found->second;
}

std::string PostgresAddress::without_secrets(std::string text) const {
  for (const std::string_view keyword : {"password", "sslpassword"}) {
    const std::string_view secret = parameter(keyword);
    if (secret.empty()) continue;
    for (std::size_t at = text.find(secret); at != text.npos; at = text.find(secret, at + 3))
      text.replace(at, secret.size(), "***");
  }
  return text;
}

Result<PostgresAddress> PostgresAddress::parse(std::string_view store_name) {
  PostgresAddress address;
  address.name = without_password(store_name);
  const Split parts = split(store_name);
  for (const std::string& one : parts.rest)
    if (one.starts_with(schema_key)) address.schema = one.substr(schema_key.size());
  if (!is_schema_name(address.schema))
    return fail(Code::invalid,
                "\"" + address.schema.substr(0, 200) + "\" cannot be the schema of a store",
                "use up to 63 letters, digits and '_', not a digit first, nor \"pg_\"");
  const auto library = PostgresLibrary::load();
  if (!library) return std::unexpected(library.error());
  char* why = nullptr;
  PostgresOption* const options =
      (*library)->conninfoParse(joined(parts, schema_key).c_str(), &why);
  if (options == nullptr) {
    (*library)->freemem(why);  // It may quote a password.
    return fail(Code::invalid, "\"" + address.name + "\" is not an address of PostgreSQL",
                "write postgresql://USER@HOST:PORT/DATABASE?schema=NAME, with % and two hex digits "
                "for a character that has a meaning there");
  }
  for (const PostgresOption* one = options; one->keyword != nullptr; ++one)
    if (one->value != nullptr) address.parameters.emplace_back(one->keyword, one->value);
  (*library)->conninfoFree(options);
  return address;
}

}  // namespace agentstore
