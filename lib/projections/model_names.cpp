#include "projections/model_names.hpp"

#include <algorithm>

namespace agentstore {
namespace {

bool are_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// "20250929" or "2025-09-29".
bool is_date(std::string_view text) {
  if (!text.starts_with("20")) return false;
  if (text.size() == 8) return are_digits(text);
  return text.size() == 10 && are_digits(text.substr(0, 4)) && text[4] == '-' &&
         are_digits(text.substr(5, 2)) && text[7] == '-' && are_digits(text.substr(8));
}

bool drop_end(std::string_view& text, std::string_view end) {
  if (!text.ends_with(end)) return false;
  text.remove_suffix(end.size());
  return true;
}

// "-v1:0", "-v2".
bool drop_version(std::string_view& text) {
  const std::size_t at = text.rfind("-v");
  if (at == text.npos) return false;
  const std::string_view version = text.substr(at + 2);
  const std::size_t colon = std::min(version.find(':'), version.size());
  if (!are_digits(version.substr(0, colon))) return false;
  if (colon < version.size() && !are_digits(version.substr(colon + 1))) return false;
  text = text.substr(0, at);
  return true;
}

bool drop_date(std::string_view& text, char before) {
  for (const std::size_t bytes : {8, 10}) {
    if (text.size() <= bytes + 1 || text[text.size() - bytes - 1] != before) continue;
    if (!is_date(text.substr(text.size() - bytes))) continue;
    text.remove_suffix(bytes + 1);
    return true;
  }
  return false;
}

}  // namespace

std::string_view without_prefix(std::string_view model, std::span<const std::string> prefixes) {
  for (const std::string& prefix : prefixes)
    if (model.size() > prefix.size() && model.starts_with(prefix))
      return model.substr(prefix.size());
  return model;
}

std::string_view without_ending(std::string_view model) {
  std::string_view rest = model;
  if (drop_end(rest, "[1m]") || drop_version(rest) || drop_date(rest, '@') ||
      drop_end(rest, "@default") || drop_end(rest, "@latest") || drop_end(rest, "-latest") ||
      drop_date(rest, '-'))
    return rest;
  return model;
}

}  // namespace agentstore
