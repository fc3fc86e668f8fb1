#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <type_traits>
#include <variant>

#include "cmd/cli.hpp"
#include "cmd/commands.hpp"
#include "cmd/context.hpp"
#include "cmd/ending_signals.hpp"
#include "cmd/input/known_files.hpp"
#include "cmd/time_limit.hpp"

namespace agentstore::cmd {
namespace {

bool answers_in_json = false;

int tell(const Misuse& misuse) {
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

/// Whether something is decided on the answer: then all of it is read.
bool decides(const Invocation& invocation) {
  const auto command_decides = [](const auto& options) {
    using Options = std::remove_cvref_t<decltype(options)>;
    bool decides = std::is_same_v<Options, VerifyCommand> || std::is_same_v<Options, AuditCommand>;
    if constexpr (requires { options.assertions; }) decides = !options.assertions.empty();
    if constexpr (requires { options.quiet; }) decides = decides || options.quiet;
    return decides;
  };
  return invocation.common.quiet || std::visit(command_decides, invocation.options);
}

int tell(const Invocation& invocation) {
  CommonOptions common = invocation.common;
  // What is here is asked of the whole machine.
  if (std::holds_alternative<OverviewCommand>(invocation.options) && common.stores.empty())
    common.stores = {"all"};
  Context context{invocation.command, std::move(common)};
  if (auto prepared = context.prepare(); !prepared) return context.refuse(prepared.error());
  report_time_limit_to(context);
  if (decides(invocation)) context.known_files().never_use();
  if (auto ready = context.choose_output(); !ready) return context.refuse(ready.error());
  answers_in_json = invocation.common.json;
  return std::visit([&](const auto& options) { return run(context, options); }, invocation.options);
}

/// No memory is left, on whatever thread: nothing can be done any more that takes some.
[[noreturn]] void end_without_memory() {
  constexpr std::string_view text = "agentstore: cannot go on: out of memory\n";
  constexpr std::string_view json =
      R"({"error":{"code":5,"kind":"io","message":"out of memory","hint":null,"retryable":false}})"
      "\n";
  const std::string_view line = answers_in_json ? json : text;
  (void)!::write(2, line.data(), line.size());
  clean_up_now();
  ::_exit(Status::io_failed);
}

/// Of an exception of ours or of a library's, and of no input that we know.
int give_up(const char* why) {
  std::fprintf(stderr,
               answers_in_json
                   ? "{\"error\":{\"code\":5,\"kind\":\"io\",\"message\":\"cannot go on: %s\","
                     "\"hint\":null,\"retryable\":false}}\n"
                   : "agentstore: cannot go on: %s\n",
               why);
  return Status::io_failed;
}

}  // namespace
}  // namespace agentstore::cmd

int main(int count, char** words) {
  using namespace agentstore::cmd;
  guard_standard_descriptors();
  have_writes_fail();
  std::set_new_handler(end_without_memory);
  answers_in_json =
      std::any_of(words, words + count, [](std::string_view word) { return word == "--json"; });
  try {
    const auto parsed = parse_command_line({words + std::min(count, 1), words + count});
    return std::visit([](const auto& outcome) { return tell(outcome); }, parsed);
  } catch (const std::bad_alloc&) {
    end_without_memory();
  } catch (const std::exception& error) {
    return give_up(error.what());
  } catch (...) {
    return give_up("an exception of an unknown kind");
  }
}
