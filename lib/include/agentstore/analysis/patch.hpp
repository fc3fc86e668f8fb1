// Patches: what turns one JSON text into another, as RFC 6902 has it.

#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace agentstore {

/// An array of add, remove and replace operations, which a later one may build upon; `[]` where
/// nothing differs. Numbers keep their digits. An array that only grew is added to, any other that
/// differs is replaced.
std::string json_patch(std::string_view from, std::string_view to);

/// Takes the next part of a patch's text.
using WritePatch = std::function<void(std::string_view)>;

/// The same, written as it is found: it may be longer than both texts.
void write_json_patch(std::string_view from, std::string_view to, const WritePatch& write);

}  // namespace agentstore
