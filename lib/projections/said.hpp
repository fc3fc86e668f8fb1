// What events say beside their types: who acted, for whom, what was said.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agentstore/event.hpp"

namespace agentstore {

/// The text of that member of the payload, of the metadata or of its `extra`, in this order.
std::optional<std::string> said_of(const EventView& event, std::string_view name);

/// The words in a message's payload: a text, a list of texts and text blocks joined by line breaks,
/// or an object with either as its content, text, message or response. Empty where there are none.
std::string words_of(std::string_view payload);

/// The first member of those names that is there and not null.
std::optional<std::string_view> first_member(std::string_view object,
                                             std::initializer_list<std::string_view> names);

}  // namespace agentstore
