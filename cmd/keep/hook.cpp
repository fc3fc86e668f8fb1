#include "cmd/keep/hook.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "cmd/keep/settings_text.hpp"
#include "cmd/read_whole.hpp"
#include "formats/answers/keep.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t settings_bytes_max = std::size_t{16} << 20;

/// The path of this program.
std::string program() {
  std::error_code error;
  const auto path = std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? "agentstore" : path.string();
}

std::string keep_command(const std::vector<KeepFolder>& folders, const std::string& store) {
  std::string command = shell_word(program()) + " keep -q --store " + shell_word(store);
  for (const KeepFolder& folder : folders) {
    // What a variable names now need not be named by one then.
    const bool chosen = folder.found && folder.home.chosen;
    const std::string from =
        chosen ? std::filesystem::absolute(folder.home.path).string() : folder.named;
    if (!from.empty()) command += " --from " + shell_word(from);
  }
  return command;
}

/// What keeps quiet, and never fails: not even where the program is gone.
std::string hook_command(const std::string& keep) {
  return keep + " </dev/null >/dev/null 2>&1 || :";
}

/// A percent sign begins a new line there.
std::string crontab_line(const std::string& keep) {
  std::string line = "17 * * * * ";
  for (const char c : keep) (c == '%' ? line += '\\' : line) += c;
  return line;
}

struct Change {
  std::string path;
  std::optional<std::string> before;  // absent: there is no file
  std::optional<std::string> after;

  bool any() const { return before != after; }
};

/// Errors: io; invalid (a link to nothing).
Result<std::optional<std::string>> read_settings_file(const std::string& path) {
  auto text = read_regular_file(path, settings_bytes_max);
  if (text) return std::move(*text);
  std::error_code ignored;
  if (text.error().code != Code::not_found) return std::unexpected{text.error()};
  if (std::filesystem::is_symlink(path, ignored))
    return fail(Code::invalid, in_quotes(path) + " is a link to nothing");
  return std::nullopt;
}

Result<Change> change_of(const std::string& path, bool install, const std::string& command) {
  auto before = read_settings_file(path);
  if (!before) return std::unexpected{before.error()};
  Change change{.path = path, .before = *before, .after = *before};
  if (!install && !*before) return change;
  const auto refused = [&](const Error& error) {
    return fail(error.code, "cannot change " + in_quotes(path) + ": " + error.message,
                install ? "nothing was changed; mend it, or add the hook by hand: " + command
                        : "nothing was changed; mend it first");
  };
  if (install) {
    auto after = with_hook(*before, command);
    if (!after) return refused(after.error());
    change.after = std::move(*after);
  } else {
    auto after = without_hook(**before);
    if (!after) return refused(after.error());
    change.after = std::move(*after);
  }
  return change;
}

Result<void> make(const Change& change) {
  const auto now = read_settings_file(change.path);
  if (!now) return std::unexpected{now.error()};
  if (*now != change.before)
    return fail(Code::conflict, in_quotes(change.path) + " was changed meanwhile",
                "it stays as it is; run this again");
  if (!change.after) {
    std::error_code error;
    std::filesystem::remove(change.path, error);
    if (error)
      return fail(Code::io, "cannot remove " + in_quotes(change.path) + ": " + error.message());
    return {};
  }
  auto file = Output::to_file(change.path);
  if (!file) return std::unexpected{file.error()};
  file->keep_bytes();
  file->write(*change.after);
  return file->commit();
}

bool is_yes() {
  std::fputs("Make this change? [y/N] ", stderr);
  std::string answer;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar())
    answer += static_cast<char>(c);
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace

int change_hook(Context& context, const KeepCommand& options,
                const std::vector<KeepFolder>& folders, const std::string& store) {
  const std::string keep = keep_command(folders, store);
  const std::string command = hook_command(keep);
  formats::KeepHookAnswer answer{.install = options.install,
                                 .dry_run = options.dry_run,
                                 .files = {},
                                 .command = options.install ? command : "",
                                 .crontab = options.install ? crontab_line(keep) : ""};
  std::vector<Change> changes;
  for (const KeepFolder& folder : folders) {
    if (!folder.found || folder.home.source != &formats::claude_code_source) continue;
    auto change = change_of(folder.home.path + "/settings.json", options.install, command);
    if (!change) return context.refuse(change.error());
    answer.files.push_back(
        {change->path, unified_diff(change->path, change->before, change->after)});
    if (options.install && has_hooks_off(*change->after))
      context.warn(in_quotes(change->path) +
                   " has all hooks off (disableAllHooks): it will not run");
    changes.push_back(std::move(*change));
  }
  if (changes.empty())
    return context.refuse(Code::not_found, "there is no folder of Claude Code to add a hook to",
                          "for `crontab -e`: " + crontab_line(keep));
  const bool any = std::ranges::any_of(changes, &Change::any);
  const bool makes = any && !options.dry_run;
  const bool asks = makes && !options.yes;
  if (asks && (context.common.json || ::isatty(0) != 1 || ::isatty(2) != 1))
    return context.refuse(Code::invalid, "nothing was changed: there is nobody to ask",
                          "--yes makes the change, --dry-run shows it");
  if (context.common.json) formats::write_keep_hook_json(context.out, answer);
  else formats::write_keep_hook_text(context.out, answer, context.screen());
  // What could not be shown is not done.
  if (!context.out.flush() && !context.out.unread()) return context.finish(Status::fine);
  if (asks && !is_yes()) {
    context.note("nothing was changed");
    return context.finish(Status::finding);
  }
  for (const Change& change : changes) {
    if (!makes || !change.any()) continue;
    if (auto made = make(change); !made) return context.refuse(made.error());
    if (!context.common.json)
      context.note(in_quotes(change.path) +
                   (options.install ? ": the hook was added" : ": the hook was taken out"));
  }
  return context.finish(Status::fine);
}

}  // namespace agentstore::cmd
