#include "formats/sources/made_texts.hpp"

#include <algorithm>
#include <string>

namespace agentstore::formats {
namespace {

/// Every word in a text of formats/sources and of the vocabulary of types, in small letters, but
/// for those that are a part of another; tests/cli/test_find.py has the list to be whole.
constexpr std::string_view words =
    "016llx 1h 5m 64 abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz aborted accept "
    "advisormodel after again agentid agentmessage agentregistered agentstore agenttype "
    "aider aititle alive ambiguous amount answer applied archive args arguments array "
    "assessment assistant atif attachment attribution auth auto available away background "
    "bash before begin begun betlost betplaced betwon boundary break bridge bytes "
    "cachecreationinputtokens cached cachereadinputtokens called calls cancel causation "
    "caveat chat checkpoint claude closed codex collabagenttoolcall color "
    "commandexecution commandmode commit communication compacted completed composerdata "
    "configured const content contextcompaction control conversation copied copilot "
    "costusd count created cross crush cursor customtitle cwd database db decision "
    "declined default delta deprecation details diff dir display does droid "
    "dynamictoolcall else empty ended enteredreviewmode entire entries entry ephemeral "
    "escrowlocked escrowreleased events exitedreviewmode exitplanmode exports extra "
    "factory failed fallback false faucetclaimed feecharged filechange files find fire "
    "first folder follows forkedfrom function fundsdeposited fundswithdrawn gemini geo "
    "ghost gitbranch github global goose grok guardian gzip header hermes history "
    "hookprompt hrtime human iflow imagegeneration imageview imported imports index "
    "inference informational inherited init insert inspect instructions interrupted "
    "isapierrormessage iscompactsummary ismeta issidechain issynthetic item iterations "
    "itself journal json keep kept key killed kind langfuse last latest leafuuid limit "
    "lines link list llm local log longer made many marble mcptoolcall md memory "
    "messageid messages metadata method mib modelusage msg names notes nothing notice "
    "notification null number nuuid object observations occurred off one openai openclaw "
    "opencode openhands opentelemetry operation origami origin others outputtokens over "
    "packed page params parentid path paused payload permissionmode persisted pk "
    "placeholder post process progress projecthash prompts provenance purpleflea query "
    "queued qwen rate reads realtime reasoning received records redacted redaction "
    "refusal repeated replacement replay requestid reroute resourcespans response rest "
    "resumed retry rewind role run saved says scheduled schema scopemetrics screen "
    "searches seconds sequence servers service sessionid sessions setting shared shell "
    "shutdown size skills snapshot something spanid spawn speculation speed sqlite "
    "standard stands started starttime startup state stats status stderr stdout "
    "stopreason storable stream string subagentactivity substr subtype such suggestion "
    "system tag takes taskcreate teammate than that them there thinking this thought "
    "thread tier timestamp todowrite told tools tooluseresult totaldurationms traceid "
    "trajectory transactions transcript trigger true turns twice tx unchanged "
    "unknowntransaction unread updated usermessage utf utterance v1 valid value "
    "verification version vs wall warning was websearchrequests what which while whole "
    "window words worker workflows worktrees world writes x03 x04 x1f x8b xbb xbf xef yet "
    "you ";

bool is_of_digests(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

}  // namespace

bool may_be_made(std::string_view text) {
  std::string lower{text};
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  return std::ranges::all_of(lower, is_of_digests) || words.find(lower) != words.npos;
}

}  // namespace agentstore::formats
