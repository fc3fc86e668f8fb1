// The text of a settings file of Claude Code, with a hook of ours in it. What others wrote there
// stays as it is, to the byte: the hook is put between, and taken out again.
//
// How the file was before is told by the hook itself, in a comment at the end of its shell command:
// whether the file, `hooks` or `SessionEnd` is new with it. So taking it out needs no copy, and
// works whatever others have changed since.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"

namespace agentstore::cmd {

/// The text with a SessionEnd hook that runs `command`, for at most `timeout_s` seconds; a hook of
/// ours that runs another one is changed. `text`: absent: there is no file.
/// Errors: invalid: the text is no JSON object, or what a hook goes into is of another kind.
Result<std::string> with_hook(const std::optional<std::string>& text, const std::string& command);

/// The text without hooks of ours; nothing where the file was made for one and holds nothing else.
/// Errors: as with_hook.
Result<std::optional<std::string>> without_hook(const std::string& text);

/// Whether the settings have every hook off. Of a text that `with_hook` takes.
bool has_hooks_off(std::string_view text);

/// The difference between two texts, of which either may be no file, as `diff -u` shows it: one
/// hunk, from the first line that differs to the last. Empty where they are the same.
std::string unified_diff(const std::string& path, const std::optional<std::string>& before,
                         const std::optional<std::string>& after);

}  // namespace agentstore::cmd
