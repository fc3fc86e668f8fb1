// One session, written out whole in one of the formats of `export`.

#pragma once

#include <optional>
#include <string_view>

#include "cmd/context.hpp"
#include "cmd/input/input.hpp"
#include "formats/exports/secrets.hpp"

namespace agentstore::cmd {

enum class ExportFormat { json, jsonl, markdown, html };

/// "json", "jsonl", "markdown" and its short form "md", "html"; nothing for any other word.
std::optional<ExportFormat> export_format(std::string_view word);
/// As the name of a file ends: ".md", ".jsonl", ...; nothing where it says none.
std::optional<ExportFormat> format_by_ending(std::string_view path);
/// ".md", of the files that are written into a folder.
std::string_view ending_of(ExportFormat format);

/// Writes to the context's output, which is handed over by who opened it; not of html, which is
/// session_pages.hpp's. What `mask` is given is masked where it is set. Gives the exit status; what
/// went wrong was said.
int export_session(Context& context, const Input& input, ExportFormat format,
                   formats::SecretMask* mask);

}  // namespace agentstore::cmd
