// The answers of `verify`.

#pragma once

#include <span>
#include <string>

#include "agentstore/internal/rule_files.hpp"
#include "agentstore/store.hpp"
#include "formats/text/sink.hpp"

namespace agentstore::formats {

/// Whether there is something to tell: torn, damaged, lost, or any finding.
bool has_findings(const Verification& verification);

/// One finding, as it is in agentstore/verify/1.
std::string finding_json(const Finding& finding);
/// "line 4, byte 1731 (#4): why", safe to print.
std::string finding_text(const Finding& finding);

/// agentstore/verify/1, on one line.
void write_verify_json(Sink& sink, std::span<const Verification> verifications,
                       const RuleFiles& rules = {});

/// A line a session, its findings under it; last, how many sessions have any. `of_store`: some have
/// names, labels and times of creation, of which it says that nothing seals them.
/// `of_page`: some are in a page, of which it says that what it shows was not looked at.
void write_verify_text(Sink& sink, std::span<const Verification> verifications,
                       const Screen& screen, bool of_store, bool of_page = false);

}  // namespace agentstore::formats
