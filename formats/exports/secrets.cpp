#include "formats/exports/secrets.hpp"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <memory>
#include <optional>

namespace agentstore::formats {
namespace {

/// What a match has to be beside a match.
enum class Check {
  none,
  mixed,     ///< letters and digits, and not a word of a program
  password,  ///< no name of a variable in its place
  email,     ///< no file name
};

struct Pattern {
  std::string_view name;
  /// Its group, where it has one, is the secret.
  std::string_view expression;
  Check check = Check::none;
};

// The first one that matches takes its part of the text.
constexpr Pattern patterns[] = {
    {"private key",
     R"(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?s:.*?)-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)"},
    {"private key",
     R"(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[A-Za-z0-9+/=\s]{40,})"},
    {"age key", R"(\bAGE-SECRET-KEY-1[A-Z0-9]{58}\b)"},
    {"AWS access key", R"(\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16})\b)"},
    {"AWS secret key",
     R"((?i)aws.{0,20}secret.{0,20}?["']?\s{0,3}[:=]\s{0,3}["']?([A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$))"},
    {"GitHub token", R"(\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})\b)"},
    {"GitLab token", R"(\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_\-]{20,})"},
    {"Anthropic key", R"(\bsk-ant-[A-Za-z0-9_\-]{20,})"},
    {"OpenRouter key", R"(\bsk-or-v1-[0-9a-f]{64}\b)"},
    {"OpenAI key", R"(\bsk-(?:proj-|svcacct-|admin-|None-)?[A-Za-z0-9_\-]{20,})", Check::mixed},
    {"xAI key", R"(\bxai-[A-Za-z0-9]{60,})"},
    {"Groq key", R"(\bgsk_[A-Za-z0-9]{40,})"},
    {"Hugging Face token", R"(\bhf_[A-Za-z0-9]{34,})"},
    {"Google API key", R"(\bAIza[0-9A-Za-z_\-]{35})", Check::mixed},
    {"Google OAuth token", R"(\bya29\.[0-9A-Za-z_\-]{20,}|\bGOCSPX-[A-Za-z0-9_\-]{28})"},
    {"Slack token", R"(\bxox[abeoprs]-[A-Za-z0-9\-]{10,}|\bxapp-[0-9]-[A-Za-z0-9\-]{20,})"},
    {"Slack webhook",
     R"(https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{30,})"},
    {"Discord webhook",
     R"(https://(?:\w+\.)?discord(?:app)?\.com/api/webhooks/[0-9]{15,}/[A-Za-z0-9_\-]{40,})"},
    {"Stripe key", R"(\b(?:[sr]k_(?:live|test)_[0-9A-Za-z]{16,}|whsec_[A-Za-z0-9+/=]{24,}))"},
    {"SendGrid key", R"(\bSG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43})"},
    {"Twilio key", R"(\bSK[0-9a-f]{32}\b)"},
    {"Telegram token", R"(\b[0-9]{8,10}:AA[A-Za-z0-9_\-]{33})"},
    {"npm token", R"(\bnpm_[A-Za-z0-9]{36}\b)"},
    {"PyPI token", R"(\bpypi-AgE[A-Za-z0-9_\-]{50,})"},
    {"DigitalOcean token", R"(\bdo[opr]_v1_[0-9a-f]{64}\b)"},
    {"Vault token", R"(\bhv[sbr]\.[A-Za-z0-9_\-]{24,})"},
    {"Databricks token", R"(\bdapi[0-9a-f]{32}\b)"},
    {"JWT", R"(\beyJ[A-Za-z0-9_\-]{8,}\.eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,})"},
    {"bearer token", R"((?i)\bbearer[ \t]+([A-Za-z0-9._~+/\-]{16,}=*))", Check::mixed},
    {"basic credentials",
     R"((?i)\bauthorization["']?\s{0,3}[:=]\s{0,3}["']?basic[ \t]+([A-Za-z0-9+/]{8,}=*))"},
    {"password in a URL",
     R"([A-Za-z][A-Za-z0-9+.\-]{1,20}://[^\s/:@"'<>|\\]{0,100}:([^\s/:@"'<>|\\]{3,200})@[A-Za-z0-9\[])",
     Check::password},
    {"secret in an assignment",
     R"((?i)\b[a-z0-9_\-]{0,40}(?:password|passwd|secret|token|api_?key|access_?key|private_?key|credential)[a-z0-9_]{0,20}\\?["']?\s{0,3}(?:=|:|=>)\s{0,3}\\?["']([^\s"'\\]{12,200})\\?["'])",
     Check::mixed},
    {"secret in an assignment",
     R"((?m)\b[A-Z0-9_]{0,40}(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_KEY|PRIVATE_KEY)[A-Z0-9_]{0,20}=([^\s"'\\$`]{12,200}))",
     Check::mixed},
    {"e-mail address",
     R"(\b[A-Za-z0-9][A-Za-z0-9._%+\-]{0,63}@(?:[A-Za-z0-9\-]{1,63}\.){1,8}[A-Za-z]{2,24}\b)",
     Check::email},
};

constexpr std::size_t names_max = std::size(patterns);

struct Names {
  std::array<std::string_view, names_max> all{};
  std::size_t count = 0;
};

constexpr Names distinct_names() {
  Names names;
  for (const Pattern& pattern : patterns) {
    bool known = false;
    for (std::size_t i = 0; i < names.count; ++i) known = known || names.all[i] == pattern.name;
    if (!known) names.all[names.count++] = pattern.name;
  }
  return names;
}
constexpr Names names = distinct_names();

std::string plural_of(std::string_view name) {
  if (name == "password in a URL") return "passwords in URLs";
  if (name == "secret in an assignment") return "secrets in assignments";
  if (name.ends_with("credentials")) return std::string{name};
  return std::string{name} + (name.ends_with("ss") ? "es" : "s");
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Bits of a character: below 3 are words and runs of one character.
double entropy_of(std::string_view text) {
  std::array<std::size_t, 256> counts{};
  for (const char c : text) ++counts[static_cast<unsigned char>(c)];
  double bits = 0;
  for (const std::size_t count : counts) {
    if (count == 0) continue;
    const double share = static_cast<double>(count) / static_cast<double>(text.size());
    bits -= share * std::log2(share);
  }
  return bits;
}

// Keys are drawn by lot. Names of programs, paths and calls are not.
bool is_mixed(std::string_view text) {
  constexpr double bits_min = 3.2;
  const auto digits = std::ranges::count_if(text, is_digit);
  const auto letters = std::ranges::count_if(text, is_letter);
  const bool code = text.find_first_of("(){}[]<>$*,;&|") != text.npos || text.contains("...") ||
                    text.contains("xxxx") || text.contains("://") || text.starts_with('/');
  return !code && digits >= 2 && letters >= 2 && entropy_of(text) >= bits_min;
}

bool is_password(std::string_view text) {
  if (text.find_first_of("${}<>*()%") == 0) return false;
  constexpr std::string_view stand_ins[] = {"password", "pass", "pwd", "secret", "token", "xxx"};
  std::string small{text};
  std::ranges::transform(small, small.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return std::ranges::find(stand_ins, small) == std::end(stand_ins);
}

bool is_email(std::string_view text) {
  constexpr std::string_view file_endings[] = {
      "png", "jpg",  "jpeg", "svg",     "gif",   "webp", "tgz",  "zip",   "js",
      "ts",  "py",   "go",   "rs",      "json",  "md",   "html", "css",   "txt",
      "yml", "yaml", "lock", "service", "timer", "sh",   "test", "local", "invalid"};
  const std::size_t at = text.find('@');
  const std::string_view host = text.substr(at + 1);
  const std::string_view ending = host.substr(host.rfind('.') + 1);
  if (text.starts_with("git@") || is_digit(host.front())) return false;
  return std::ranges::find(file_endings, ending) == std::end(file_endings);
}

bool passes(Check check, std::string_view secret) {
  switch (check) {
    case Check::none: return true;
    case Check::mixed: return is_mixed(secret);
    case Check::password: return is_password(secret);
    case Check::email: return is_email(secret);
  }
  return true;
}

/// The table, compiled: one pass says which patterns a text has at all.
class Matcher {
 public:
  Matcher() : any_{RE2::Latin1, RE2::UNANCHORED} {
    RE2::Options options{RE2::Latin1};
    options.set_max_mem(std::int64_t{64} << 20);
    any_ = RE2::Set{options, RE2::UNANCHORED};
    for (const Pattern& pattern : patterns) {
      const re2::StringPiece expression{pattern.expression.data(), pattern.expression.size()};
      [[maybe_unused]] const int index = any_.Add(expression, nullptr);
      assert(index == static_cast<int>(each_.size()) &&
             "each pattern has to be one that RE2 takes");
      each_.push_back(std::make_unique<RE2>(expression, options));
    }
    any_.Compile();
  }

  std::vector<int> those_in(std::string_view text) const {
    std::vector<int> found;
    RE2::Set::ErrorInfo error{};
    if (!any_.Match({text.data(), text.size()}, &found, &error) &&
        error.kind != RE2::Set::kNoError) {
      found.clear();
      for (std::size_t i = 0; i < each_.size(); ++i) found.push_back(static_cast<int>(i));
    }
    std::ranges::sort(found);
    return found;
  }

  template <class Take>
  void each(int at, std::string_view text, Take take) const {
    const Pattern& pattern = patterns[static_cast<std::size_t>(at)];
    const RE2& expression = *each_[static_cast<std::size_t>(at)];
    const int groups = 1 + std::min(expression.NumberOfCapturingGroups(), 1);
    const re2::StringPiece all{text.data(), text.size()};
    re2::StringPiece match[2];
    for (std::size_t from = 0;
         expression.Match(all, from, text.size(), RE2::UNANCHORED, match, groups);) {
      const re2::StringPiece& secret = match[groups - 1];
      const auto begin = static_cast<std::size_t>(secret.data() - text.data());
      if (passes(pattern.check, {secret.data(), secret.size()}))
        take(FoundSecret{pattern.name, begin, secret.size()});
      from = std::max(begin + secret.size(), from + 1);
    }
  }

 private:
  RE2::Set any_;
  std::vector<std::unique_ptr<RE2>> each_;
};

const Matcher& matcher() {
  static const Matcher one;
  return one;
}

}  // namespace

std::span<const std::string_view> secret_names() {
  return {names.all.data(), names.count};
}

std::vector<FoundSecret> find_secrets(std::string_view text) {
  std::vector<FoundSecret> found;
  const auto overlaps = [&](const FoundSecret& one) {
    return std::ranges::any_of(found, [&](const FoundSecret& other) {
      return one.begin_bytes < other.begin_bytes + other.bytes &&
             other.begin_bytes < one.begin_bytes + one.bytes;
    });
  };
  for (const int at : matcher().those_in(text))
    matcher().each(at, text, [&](const FoundSecret& one) {
      if (!overlaps(one)) found.push_back(one);
    });
  std::ranges::sort(found, {}, &FoundSecret::begin_bytes);
  return found;
}

std::string SecretMask::mask(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  for (const FoundSecret& secret : find_secrets(text)) {
    found_[secret.name].emplace(text.substr(secret.begin_bytes, secret.bytes));
    ++places_;
    out += text.substr(at, secret.begin_bytes - at);
    out += "[redacted: ";
    out += secret.name;
    out += ']';
    at = secret.begin_bytes + secret.bytes;
  }
  return out += text.substr(at);
}

void SecretMask::merge(const SecretMask& other) {
  for (const auto& [name, values] : other.found_) found_[name].insert(values.begin(), values.end());
  places_ += other.places_;
}

std::string SecretMask::told() const {
  std::string text;
  std::size_t all = 0;
  for (const std::string_view name : secret_names()) {
    const auto found = found_.find(name);
    if (found == found_.end()) continue;
    const std::size_t count = found->second.size();
    all += count;
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " ";
    text += count == 1 ? std::string{name} : plural_of(name);
  }
  if (places_ > all) text += ", in " + std::to_string(places_) + " places";
  return text;
}

}  // namespace agentstore::formats
