// Pages of ours read back: the stored lines that a page carries.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agentstore/result.hpp"
#include "cmd/input/byte_input.hpp"
#include "formats/page/page_kind.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::cmd {

/// What a page says that it holds, by its first kilobytes; nothing: it is no page of ours.
std::optional<formats::PageKind> page_kind_of(std::string_view head);

/// The fingerprint that such a head names; empty: it names none.
std::string page_fingerprint_of(std::string_view head);

/// The first kilobytes of a file; empty where it cannot be read.
std::string head_of_file(const std::string& path);

/// Writes what a page holds as an export of JSON lines: the session, then the lines, their bytes as
/// they were stored. Errors: io; invalid (it carries no stored lines: an overview, a masked page;
/// it is damaged).
Result<void> unpack_page(ByteInput input, formats::Sink& into);

}  // namespace agentstore::cmd
