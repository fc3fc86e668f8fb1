// The rules that a user wrote into a data folder.

#pragma once

#include <filesystem>

#include "agentstore/ledger.hpp"
#include "agentstore/upcast.hpp"

namespace agentstore {

/// Those of `upcasts.json`; none where there is no such file. Errors: invalid, naming the file; io.
Result<Upcasts> read_upcasts(const std::filesystem::path& folder);

/// That of `ledger.json`; `otherwise` where there is no such file. Errors: likewise.
Result<Ledger> read_ledger(const std::filesystem::path& folder, const Ledger& otherwise);

}  // namespace agentstore
