#include "cmd/words/argument_words.hpp"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <span>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/json.hpp"

namespace agentstore::cmd {
namespace {

constexpr int depth_max = 64;
constexpr std::size_t path_bytes_max = 4096;
constexpr std::string_view path_keys[] = {
    "file", "path",        "file_path", "filename", "notebook_path", "directory", "dir",
    "cwd",  "workdir",     "folder",    "root",     "paths",         "files",     "source",
    "src",  "destination", "dest",      "target",   "output"};
constexpr std::string_view host_keys[] = {"url",      "uri",  "host",   "hostname", "endpoint",
                                          "base_url", "urls", "domain", "server",   "link"};
constexpr std::string_view devices[] = {"/dev/null", "/dev/stdout", "/dev/stderr", "/dev/stdin",
                                        "/dev/tty"};

bool is_one_of(std::string_view word, std::span<const std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

void add_once(std::vector<std::string>& all, std::string_view one) {
  if (!one.empty() && std::ranges::find(all, one) == all.end()) all.emplace_back(one);
}

/// Tells which arguments of a call are commands.
class Commands {
 public:
  explicit Commands(std::string_view arguments) : input_{input_is_command(arguments)} {}
  bool has(std::string_view key) const {
    return is_one_of(key, command_members()) || (input_ && key == "input");
  }

 private:
  bool input_;
};

/// Gives each text below `value` with the key that it stands under, of arrays theirs.
using Take = std::function<void(std::string_view key, const std::string& text)>;
void walk_texts(const json::Value& value, std::string_view key, int depth, const Take& take) {
  if (depth > depth_max) return;
  const json::Kind kind = json::kind_of(value);
  if (kind == json::Kind::string) return take(key, json::text_of(value));
  for (json::Walk walk{value}; walk.next();) {
    const std::string own = walk.key().empty() ? std::string{} : json::text_of(walk.key());
    walk_texts(walk.value(), own.empty() ? key : std::string_view{own}, depth + 1, take);
  }
}

bool has_any(std::string_view text, std::string_view characters) {
  return text.find_first_of(characters) != text.npos;
}

/// "~/x" of "$HOME/x".
std::string with_tilde(std::string_view word) {
  for (const std::string_view home : {"$HOME", "${HOME}"})
    if (word == home || (word.starts_with(home) && word[home.size()] == '/'))
      return '~' + std::string{word.substr(home.size())};
  return std::string{word};
}

/// How many bytes of a word name a home, of "~/x" and "~bob/x"; 0: none do.
std::size_t home_bytes(std::string_view word) {
  const std::size_t end = std::min(word.find('/'), word.size());
  const std::string_view head = word.substr(0, end);
  const auto is_of_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
  };
  const bool is_tilde =
      head.starts_with('~') && std::ranges::all_of(head.substr(1), is_of_name) &&
      (head.size() == 1 || std::isalpha(static_cast<unsigned char>(head[1])) != 0);
  return is_tilde ? end : 0;
}

/// Whether a word is written as a path that may lead out of where it is used.
bool leads_elsewhere(std::string_view word) {
  return word.starts_with('/') || home_bytes(word) > 0 || word == ".." || word.starts_with("../") ||
         word.contains("/../") || word.ends_with("/..");
}

bool is_device(std::string_view path) {
  return is_one_of(path, devices) || path.starts_with("/dev/fd/");
}

struct Word {
  std::string text = {};
  bool quoted = false;  ///< in part or in whole
  bool first = false;   ///< of a command
};

/// What a shell would take apart; enough of it for paths.
std::vector<Word> words_of(std::string_view command) {
  constexpr std::string_view between = " \t\n\r;|&<>()";
  constexpr std::string_view between_commands = "\n;|&()";
  std::vector<Word> words;
  Word word{.first = true};
  char quote = 0;
  const auto end = [&] {
    const bool first = word.first && word.text.empty() && !word.quoted;
    if (!word.text.empty() || word.quoted) words.push_back(std::move(word));
    word = {.first = first};
  };
  for (std::size_t at = 0; at < command.size(); ++at) {
    const char c = command[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
      else word.text += c;
    } else if (c == '\'' || c == '"') {
      quote = c;
      word.quoted = true;
    } else if (c == '\\' && at + 1 < command.size()) {
      word.text += command[++at];
    } else if (between.contains(c)) {
      end();
      word.first = word.first || between_commands.contains(c);
    } else {
      word.text += c;
    }
  }
  end();
  return words;
}

std::string_view program_of(std::string_view word) {
  return word.substr(word.rfind('/') + 1);  // npos + 1 is 0
}

bool is_shell(std::string_view word) {
  constexpr std::string_view shells[] = {"sh", "bash", "zsh", "dash"};
  return is_one_of(program_of(word), shells);
}

/// Whether one of its arguments is a program or a pattern, which may begin with a slash.
bool takes_program(std::string_view word) {
  constexpr std::string_view takers[] = {"sed",  "awk",   "gawk",  "mawk", "perl", "jq",
                                         "grep", "egrep", "fgrep", "rg",   "ag",   "ack"};
  return is_one_of(program_of(word), takers);
}

/// Whether a quoted word is more than a plain word.
bool is_text(const Word& word) {
  return word.quoted && has_any(word.text, " \t\n{}|()");
}

bool is_option_with_path(std::string_view word) {
  constexpr std::string_view of_curl[] = {"-d", "-F", "-H", "-T", "--json", "--form", "--header"};
  return is_one_of(word, of_curl) || word.starts_with("--data");
}

void add_path(std::vector<std::string>& paths, std::string_view name) {
  constexpr std::string_view file_scheme = "file://";
  if (name.starts_with(file_scheme)) {
    name.remove_prefix(file_scheme.size());
    name.remove_prefix(std::min(name.find('/'), name.size()));
  }
  const std::string word = with_tilde(name);
  if (word.size() <= path_bytes_max && leads_elsewhere(word) && !is_device(word))
    add_once(paths, word);
}

/// "/x" of "@/x", as curl names what it sends.
std::string_view without_at(std::string_view word) {
  return word.starts_with('@') ? word.substr(1) : word;
}

/// A word, and paths within it: "--file=/etc/x", "VAR=/x", "/a:/b", "-C/etc", "-d@/etc/x".
void add_word(std::vector<std::string>& paths, std::string_view word, std::string_view before) {
  if (word.starts_with("file://")) return add_path(paths, word);
  if (word.contains("://")) return;
  add_path(paths, is_option_with_path(before) ? without_at(word) : word);
  if (word.size() > 2 && word[0] == '-' && word[1] != '-')
    add_path(paths, without_at(word.substr(2)));
  for (std::size_t at = word.find_first_of("=:,"); at != word.npos;
       at = word.find_first_of("=:,")) {
    const bool assigned = word[at] == '=';
    word.remove_prefix(at + 1);
    const std::string_view part = word.substr(0, word.find_first_of("=:,"));
    add_path(paths, assigned ? without_at(part) : part);
  }
}

/// A quoted text: a path with a blank in it, as it is or as "--file='/my files/x'"; or prose.
void add_text(std::vector<std::string>& paths, std::string_view text) {
  const std::size_t sign = text.find('=');
  if (sign != text.npos && sign < text.find_first_of(" \t")) text.remove_prefix(sign + 1);
  if (!has_any(text, "\n\r")) add_path(paths, text);
}

void add_paths_of(std::vector<std::string>& paths, std::string_view command, int depth) {
  bool shell = false;
  bool awaits_program = false;
  std::string_view before;
  const std::vector<Word> words = words_of(command);
  for (const Word& word : words) {
    const bool follows_option = before.starts_with('-');
    const bool is_program = (awaits_program && !word.first) || before == "-e";
    if (is_shell(word.text)) shell = true;
    if (!is_text(word)) add_word(paths, word.text, before);
    else if (shell && depth < depth_max) add_paths_of(paths, word.text, depth + 1);
    else if (!is_program) add_text(paths, word.text);
    // The program is the first argument that is neither an option nor an option's.
    if (word.first || takes_program(word.text)) awaits_program = takes_program(word.text);
    else if (!word.text.starts_with('-') && (is_text(word) || !follows_option))
      awaits_program = false;
    before = word.text;
  }
}

/// The lines of a text one after the other, without their ends.
std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

/// What of a command is no line of a patch.
std::string without_patches(std::string_view command) {
  std::string rest;
  bool in_patch = false;
  while (!command.empty()) {
    const std::string_view line = next_line(command);
    if (line == patch_begin) in_patch = true;
    if (!in_patch || (!line.empty() && !std::string_view{"+- @*"}.contains(line[0])))
      rest.append(line) += '\n';
    if (line == "*** End Patch") in_patch = false;
  }
  return rest;
}

/// The files of a patch as agents write it: "*** Update File: src/a.c".
void add_patched(std::vector<std::string>& paths, std::string_view patch) {
  constexpr std::string_view marks[] = {
      "*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: "};
  while (!patch.empty()) {
    const std::string_view line = next_line(patch);
    for (const std::string_view mark : marks)
      if (line.starts_with(mark)) add_once(paths, line.substr(mark.size()));
  }
}

// Hosts.

bool is_scheme(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '-' || c == '.';
}

std::string lowered(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

/// "user:x@Host.:80" is "host".
std::string host_of(std::string_view authority) {
  authority.remove_prefix(authority.rfind('@') + 1);  // npos + 1 is 0
  if (authority.starts_with('['))
    return lowered(authority.substr(0, std::min(authority.find(']'), authority.size() - 1) + 1));
  std::string host = lowered(authority.substr(0, authority.find(':')));
  while (host.ends_with('.')) host.pop_back();
  return host;
}

void add_urls(std::vector<std::string>& hosts, std::string_view text) {
  constexpr std::string_view sign = "://";
  constexpr std::string_view ends = "/?#\\\"'`<> \t\n\r),;|";
  for (std::size_t at = text.find(sign); at != text.npos; at = text.find(sign, at + 1)) {
    std::size_t begin = at;
    while (begin > 0 && is_scheme(text[begin - 1])) --begin;
    if (begin == at) continue;
    const std::string_view rest = text.substr(at + sign.size());
    add_once(hosts, host_of(rest.substr(0, rest.find_first_of(ends))));
  }
}

/// "git@github.com:org/repo"
void add_remotes(std::vector<std::string>& hosts, std::string_view command) {
  for (const Word& word : words_of(command)) {
    const std::string_view text = word.text;
    const std::size_t at = text.find('@');
    const std::size_t colon = text.find(':', at == text.npos ? 0 : at);
    if (at == text.npos || at == 0 || colon == text.npos || text.contains("://") ||
        colon + 1 == text.size() || has_any(text.substr(0, colon), "/ \t\n'\"="))
      continue;
    add_once(hosts, host_of(text.substr(at + 1, colon - at - 1)));
  }
}

bool is_url_whole(std::string_view text) {
  const std::size_t sign = text.find("://");
  return sign != text.npos && sign > 0 && !has_any(text, " \t\n\r") &&
         std::ranges::all_of(text.substr(0, sign), is_scheme);
}

// Folders.

bool climbs(std::string_view normal_path) {
  return normal_path == ".." || normal_path.starts_with("../");
}

/// Without ".", ".." and a slash at the end, as far as its names say. What climbs out of a home
/// lies beside it: "~../bob".
std::string normal(std::string_view path, std::string_view base) {
  if (const std::size_t home = home_bytes(path); home > 0) {
    const std::string name{path.substr(0, home)};
    const std::string_view below = path.substr(home);
    const std::string rest =
        normal(below.substr(std::min(below.find_first_not_of('/'), below.size())), {});
    return name + (rest.empty() || climbs(rest) ? "" : "/") + rest;
  }
  std::filesystem::path whole{path};
  if (!path.starts_with('/') && !base.empty()) whole = std::filesystem::path{base} / whole;
  std::string text = whole.lexically_normal().generic_string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  if (text.starts_with("//")) text.erase(0, 1);
  return text == "." ? std::string{} : text;
}

bool is_absolute(std::string_view normal_path) {
  return normal_path.starts_with('/') || normal_path.starts_with('~');
}

bool lies_in(std::string_view path, std::string_view folder) {
  if (folder == "/") return is_absolute(path);
  if (folder.empty()) return !is_absolute(path) && !climbs(path);
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

std::vector<std::string> paths_named_in(std::string_view arguments_json) {
  std::vector<std::string> paths;
  const Commands commands{arguments_json};
  walk_texts(arguments_json, {}, 0, [&](std::string_view key, const std::string& text) {
    const bool has_patch = text.contains(patch_begin);
    if (has_patch) add_patched(paths, text);
    if (commands.has(key)) return add_paths_of(paths, has_patch ? without_patches(text) : text, 0);
    const std::string_view word = json::trimmed(text);
    if (word.empty() || word.size() > path_bytes_max || has_any(word, "\n\r")) return;
    if (word.contains("://")) return add_path(paths, word);
    if (is_one_of(key, path_keys)) add_once(paths, with_tilde(word));
    else if (!has_any(word, " \t")) add_path(paths, word);
  });
  return paths;
}

std::vector<std::string> hosts_named_in(std::string_view arguments_json) {
  std::vector<std::string> hosts;
  const Commands commands{arguments_json};
  walk_texts(arguments_json, {}, 0, [&](std::string_view key, const std::string& text) {
    const bool command = commands.has(key);
    const bool named = is_one_of(key, host_keys);
    if (command || named || is_url_whole(text)) add_urls(hosts, text);
    if (command) add_remotes(hosts, text);
    if (named && !text.contains("://") && !has_any(text, " \t\n\r"))
      add_once(hosts, host_of(text.substr(0, text.find('/'))));
  });
  return hosts;
}

bool is_within(std::string_view path, const std::vector<std::string>& folders,
               std::string_view base) {
  const std::string own = normal(path, base);
  if (is_device(own)) return true;
  bool any_relative = false;
  for (const std::string& folder : folders) {
    const std::string normal_folder = normal(folder, base);
    any_relative = any_relative || !is_absolute(normal_folder);
    if (lies_in(own, normal_folder)) return true;
  }
  return !is_absolute(own) && !any_relative && !climbs(own);
}

}  // namespace agentstore::cmd
