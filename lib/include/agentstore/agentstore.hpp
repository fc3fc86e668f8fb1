// agentstore: git for what your AI agents did. The log, its readers and its folds.
// What answers questions about a log is in agentstore/analysis.hpp.

#pragma once

#include "agentstore/append.hpp"         // IWYU pragma: export
#include "agentstore/cache_key.hpp"      // IWYU pragma: export
#include "agentstore/checkpoint.hpp"     // IWYU pragma: export
#include "agentstore/command.hpp"        // IWYU pragma: export
#include "agentstore/decimal.hpp"        // IWYU pragma: export
#include "agentstore/event.hpp"          // IWYU pragma: export
#include "agentstore/filter.hpp"         // IWYU pragma: export
#include "agentstore/json.hpp"           // IWYU pragma: export
#include "agentstore/ledger.hpp"         // IWYU pragma: export
#include "agentstore/members.hpp"        // IWYU pragma: export
#include "agentstore/metadata.hpp"       // IWYU pragma: export
#include "agentstore/parts.hpp"          // IWYU pragma: export
#include "agentstore/point.hpp"          // IWYU pragma: export
#include "agentstore/projection.hpp"     // IWYU pragma: export
#include "agentstore/reader.hpp"         // IWYU pragma: export
#include "agentstore/repair.hpp"         // IWYU pragma: export
#include "agentstore/result.hpp"         // IWYU pragma: export
#include "agentstore/session.hpp"        // IWYU pragma: export
#include "agentstore/session_state.hpp"  // IWYU pragma: export
#include "agentstore/source_file.hpp"    // IWYU pragma: export
#include "agentstore/store.hpp"          // IWYU pragma: export
#include "agentstore/timestamp.hpp"      // IWYU pragma: export
#include "agentstore/upcast.hpp"         // IWYU pragma: export
#include "agentstore/verification.hpp"   // IWYU pragma: export
