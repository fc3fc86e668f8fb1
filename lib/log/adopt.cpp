#include "log/adopt.hpp"

#include "log/verify.hpp"

namespace agentstore::log {

Result<void> copy_lines(const std::function<Result<std::optional<std::string_view>>()>& next_line,
                        const std::function<Result<void>(std::string_view)>& write) {
  std::string line;
  for (;;) {
    const auto next = next_line();
    if (!next) return std::unexpected(next.error());
    if (!*next) return {};
    if ((*next)->find('\n') != std::string_view::npos) {
      return fail(Code::invalid, "an event holds a raw line break");
    }
    line.assign(**next);
    line += '\n';
    if (auto written = write(line); !written) return written;
  }
}

Result<std::uint64_t> check_adoptable(ByteSource& source, const std::string& session_id) {
  const auto verified = verify(source, session_id, false);
  if (!verified) return std::unexpected(verified.error());
  const auto bad = [&](const Finding& finding) {
    return fail(Code::invalid, "event line " + std::to_string(finding.line) + " of session " +
                                   session_id + ": " + finding.message);
  };
  for (const Finding& finding : verified->findings) {
    // Unsealed lines are readable after a sealed one, and with double keys in their metadata; they
    // stay what they are.
    if (finding.kind != "unsealed" && finding.kind != "metadata") return bad(finding);
  }
  return verified->events;
}

}  // namespace agentstore::log
