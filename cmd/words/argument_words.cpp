#include "cmd/words/argument_words.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <span>

#include "agentstore/json.hpp"

namespace agentstore::cmd {
namespace {

constexpr int depth_max = 64;
constexpr std::size_t path_bytes_max = 4096;
constexpr std::string_view path_keys[] = {
    "file", "path",        "file_path", "filename", "notebook_path", "directory", "dir",
    "cwd",  "workdir",     "folder",    "root",     "paths",         "files",     "source",
    "src",  "destination", "dest",      "target",   "output"};
constexpr std::string_view command_keys[] = {"command", "cmd",  "script",
                                             "args",    "argv", "commands"};
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

/// Whether a word is written as a path that may lead out of where it is used.
bool leads_elsewhere(std::string_view word) {
  return word.starts_with('/') || word == "~" || word.starts_with("~/") || word == ".." ||
         word.starts_with("../") || word.contains("/../") || word.ends_with("/..");
}

bool is_device(std::string_view path) {
  return is_one_of(path, devices) || path.starts_with("/dev/fd/");
}

/// A word of a command, and whether it stood in quotes.
struct Word {
  std::string text;
  bool quoted = false;
};

/// What a shell would take apart; enough of it for paths.
std::vector<Word> words_of(std::string_view command) {
  constexpr std::string_view between = " \t\n\r;|&<>()";
  std::vector<Word> words;
  Word word;
  char quote = 0;
  const auto end = [&] {
    if (!word.text.empty()) words.push_back(std::move(word));
    word = {};
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
    } else {
      word.text += c;
    }
  }
  end();
  return words;
}

bool is_shell(std::string_view word) {
  word.remove_prefix(std::min(word.rfind('/') + 1, word.size()));  // npos + 1 is 0
  return word == "sh" || word == "bash" || word == "zsh" || word == "dash";
}

/// Whether a quoted word is a program (of sed, of awk) and no path.
bool is_program(const Word& word) {
  return word.quoted && has_any(word.text, " \t\n{}|()");
}

void add_path(std::vector<std::string>& paths, std::string_view word) {
  for (const std::string_view home : {"$HOME", "${HOME}"})
    if (word.starts_with(home)) return add_path(paths, "~" + std::string{word.substr(home.size())});
  if (word.size() <= path_bytes_max && leads_elsewhere(word) && !is_device(word))
    add_once(paths, word);
}

void add_paths_of(std::vector<std::string>& paths, std::string_view command, int depth) {
  const std::vector<Word> words = words_of(command);
  bool shell = false;
  for (const Word& word : words) {
    if (is_shell(word.text)) shell = true;
    if (is_program(word)) {
      if (shell && depth < depth_max) add_paths_of(paths, word.text, depth + 1);
      continue;
    }
    if (word.text.contains("://")) continue;
    add_path(paths, word.text);
    // "--file=/etc/x", "VAR=/x", "/a:/b"
    std::string_view rest = word.text;
    for (std::size_t at = rest.find_first_of("=:,"); at != rest.npos;
         at = rest.find_first_of("=:,")) {
      rest.remove_prefix(at + 1);
      add_path(paths, rest.substr(0, rest.find_first_of("=:,")));
    }
  }
}

/// The files of a patch as agents write it: "*** Update File: src/a.c".
void add_patched(std::vector<std::string>& paths, std::string_view patch) {
  constexpr std::string_view marks[] = {
      "*** Add File: ", "*** Update File: ", "*** Delete File: ", "*** Move to: "};
  while (!patch.empty()) {
    const std::size_t end = std::min(patch.find('\n'), patch.size());
    std::string_view line = patch.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    for (const std::string_view mark : marks)
      if (line.starts_with(mark)) add_once(paths, line.substr(mark.size()));
    patch.remove_prefix(std::min(end + 1, patch.size()));
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

/// Without ".", ".." and a slash at the end, as far as its names say.
std::string normal(std::string_view path, std::string_view base) {
  const bool relative = !path.starts_with('/') && path != "~" && !path.starts_with("~/");
  std::filesystem::path whole{path};
  if (relative && !base.empty()) whole = std::filesystem::path{base} / whole;
  std::string text = whole.lexically_normal().generic_string();
  while (text.size() > 1 && text.ends_with('/')) text.pop_back();
  if (text.starts_with("//")) text.erase(0, 1);
  return text == "." ? std::string{} : text;
}

bool is_absolute(std::string_view normal_path) {
  return normal_path.starts_with('/') || normal_path.starts_with('~');
}

bool climbs(std::string_view normal_path) {
  return normal_path == ".." || normal_path.starts_with("../");
}

bool lies_in(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.starts_with('/');
  if (folder.empty()) return !is_absolute(path) && !climbs(path);
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace

std::vector<std::string> paths_named_in(std::string_view arguments_json) {
  std::vector<std::string> paths;
  walk_texts(arguments_json, {}, 0, [&](std::string_view key, const std::string& text) {
    if (text.contains("*** Begin Patch")) return add_patched(paths, text);
    if (is_one_of(key, command_keys)) return add_paths_of(paths, text, 0);
    if (text.empty() || text.size() > path_bytes_max || has_any(text, "\n\r")) return;
    if (text.contains("://")) return;
    if (is_one_of(key, path_keys)) add_once(paths, text);
    else if (!has_any(text, " \t")) add_path(paths, text);
  });
  return paths;
}

std::vector<std::string> hosts_named_in(std::string_view arguments_json) {
  std::vector<std::string> hosts;
  walk_texts(arguments_json, {}, 0, [&](std::string_view key, const std::string& text) {
    const bool command = is_one_of(key, command_keys);
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
