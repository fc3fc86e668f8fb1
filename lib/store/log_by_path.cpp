// Logs outside of a store: read and verified by path.

#include "agentstore/store.hpp"
#include "base/system.hpp"
#include "log/file_source.hpp"
#include "log/verify.hpp"
#include "store/parts.hpp"
#include "store/reader.hpp"

namespace agentstore {
namespace {

Result<std::unique_ptr<log::FileSource>> open_log(const std::filesystem::path& path,
                                                  const LogOrigin& origin) {
  return log::FileSource::open(linux_system(), path, {}, false, nullptr, origin.name);
}

log::ScanOptions scan_of(const ReadOptions& options, const LogOrigin& origin,
                         const log::ByteSource& source) {
  return {.on_corrupt = options.on_corrupt,
          .check_hashes = checks_seals(options.seals, source),
          .accept_unterminated = true,
          .extract = true,
          .events_due = origin.events_due,
          .start = {.line = origin.lines_before}};
}

}  // namespace

Result<Verification> verify_log(const std::filesystem::path& path, const VerifyOptions& options,
                                const LogOrigin& origin) {
  const auto source = open_log(path, origin);
  if (!source) return std::unexpected(source.error());
  auto verified = log::verify(**source, {}, true, options, origin.lines_before, origin.events_due);
  if (verified) verified->verdict = beside_findings(verified->verdict, verified->finding_count);
  return verified;
}

Result<std::unique_ptr<EventReader>> read_log(const std::filesystem::path& path,
                                              ReadOptions options, const LogOrigin& origin) {
  auto source = open_log(path, origin);
  if (!source) return std::unexpected(source.error());
  auto scan = scan_of(options, origin, **source);
  return LogReader::open(std::move(*source), std::move(scan), std::move(options.filter),
                         options.raw ? nullptr : options.upcasts);
}

Result<ReadReport> read_log_parts(const std::filesystem::path& path, ReadOptions options,
                                  const Parts& parts, const LogOrigin& origin) {
  const auto source = open_log(path, origin);
  if (!source) return std::unexpected(source.error());
  auto scan = scan_of(options, origin, **source);
  return read_log_in_parts(**source, std::move(scan), std::move(options.filter),
                           options.raw ? nullptr : options.upcasts, parts);
}

}  // namespace agentstore
