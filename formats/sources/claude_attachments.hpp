// Attachments of a Claude Code transcript: what went to the model beside the messages. Most is the
// work of Claude Code and its hooks; a prompt that was typed while a tool ran is the user's.

#pragma once

#include "formats/sources/claude_talk.hpp"

namespace agentstore::formats {

/// Takes a record of type `attachment` that has one.
void take_claude_attachment(EventMaker& events, ClaudeTalk& talk, const SourceRecord& source,
                            const ClaudeRecord& record);

}  // namespace agentstore::formats
