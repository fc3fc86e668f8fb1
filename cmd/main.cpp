#include <algorithm>
#include <cstdio>
#include <exception>
#include <variant>

#include "cmd/cli.hpp"
#include "cmd/commands.hpp"
#include "cmd/context.hpp"
#include "cmd/transcript_folder.hpp"
#include "formats/escape.hpp"

namespace agentstore::cmd {
namespace {

/// What other tools have left on this machine, and the commands to look at it.
std::string transcripts_hint() {
  std::string text;
  for (const std::string& store : transcript_folders_here())
    text += "     agentstore stats --store " + formats::printable(store) + "\n";
  return text.empty() ? text : "\nTranscripts found here; nothing is imported or written:\n" + text;
}

int tell(const Misuse& misuse) {
  if (misuse.message.empty()) {
    std::fputs((misuse.help + transcripts_hint()).c_str(), stderr);
    return Status::usage;
  }
  CommonOptions common;
  common.json = misuse.json;
  Context context{misuse.command, common};
  return context.refuse(Code::invalid, misuse.message, misuse.hint);
}

int tell(const Answer& answer) {
  Context context{{}, {}};
  context.out.write(answer.text);
  return context.finish(Status::fine);
}

int tell(const Invocation& invocation) {
  Context context{invocation.command, invocation.common};
  if (auto prepared = context.prepare(); !prepared) return context.refuse(prepared.error());
  return std::visit([&](const auto& options) { return run(context, options); }, invocation.options);
}

}  // namespace
}  // namespace agentstore::cmd

int main(int count, char** words) {
  using namespace agentstore::cmd;
  guard_standard_descriptors();
  have_writes_fail();
  try {
    const auto parsed = parse_command_line({words + std::min(count, 1), words + count});
    return std::visit([](const auto& outcome) { return tell(outcome); }, parsed);
  } catch (const std::exception& error) {
    // Ours or of a library's, and of no input that we know: out of memory, mostly.
    std::fprintf(stderr, "agentstore: cannot go on: %s\n", error.what());
  } catch (...) {
    std::fputs("agentstore: cannot go on\n", stderr);
  }
  return Status::io_failed;
}
