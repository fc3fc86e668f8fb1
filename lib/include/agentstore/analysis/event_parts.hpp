// The parts of events under one name each, whatever their source called them: `text`, `tool_name`,
// `tool_args`, `file`, `command`, `failed`, `cost_total_usd`. Computed; the stored event stays.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"

namespace agentstore {

/// In the order above.
std::span<const std::string_view> event_part_names();

/// A part as JSON text: a string, an object (tool_args), true or false, or a number. Nothing where
/// the event has no such part, where its payload was redacted, and for a name that is no part's.
///
///   text            what was said, or came out: by people, models and tools, and of errors
///   tool_name       of a call or a result
///   tool_args       of a call: an object, also where the source wrote JSON text; a text that is
///                   none is its member `input`
///   file            that a call names among its arguments, or that its patch changes first
///   command         that a call runs: an argument of one of `command_members`, a text or a list
///                   of words; or arguments that are nothing but such a text or list
///   failed          of a result: whether it says so; true of an error
///   cost_total_usd  of a response: as recorded, else by list prices
std::optional<std::string> event_part(const EventView& event, std::string_view name);

/// The names of arguments that say what a call runs, the likeliest first.
std::span<const std::string_view> command_members();
/// Whether what a call runs stands in `input`: `tool_args` that have no other member.
bool input_is_command(std::string_view tool_args);

/// What begins a patch as agents write it, on a line of its own.
inline constexpr std::string_view patch_begin = "*** Begin Patch";

/// The name of the tool that an event calls, or whose result it is.
std::optional<std::string> tool_name_of(const EventView& event);

}  // namespace agentstore
