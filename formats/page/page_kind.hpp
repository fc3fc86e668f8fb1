// What a page holds of its log, and how pages of ours are known again.

#pragma once

#include <string>
#include <string_view>

namespace agentstore::formats {

enum class PageKind {
  whole,    ///< every stored line of a session
  extract,  ///< some of them, as they are stored
  masked,   ///< none: secrets are masked in what it shows
  overview  ///< of many sessions
};

/// "whole"; lives for ever.
std::string_view page_kind_name(PageKind kind);

/// What the head of each page says, before what is read next: its kind and a fingerprint of all
/// that it was made of. A line of its own near the beginning.
inline constexpr std::string_view page_mark = "<meta name=\"agentstore-page\" content=\"";
std::string page_mark_of(PageKind kind, std::string_view fingerprint);

/// How a line begins and ends that holds stored lines, packed; and the session, as JSON.
inline constexpr std::string_view stored_mark =
    "<script type=\"application/gzip\" class=\"stored\"";
inline constexpr std::string_view session_mark =
    "<script type=\"application/json\" id=\"session\">";
inline constexpr std::string_view script_end = "</script>";

}  // namespace agentstore::formats
