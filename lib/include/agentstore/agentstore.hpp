// agentstore: git for what your AI agents did. The whole public interface.

#pragma once

#include "agentstore/bisect.hpp"         // IWYU pragma: export
#include "agentstore/blame.hpp"          // IWYU pragma: export
#include "agentstore/cache_key.hpp"      // IWYU pragma: export
#include "agentstore/checkpoint.hpp"     // IWYU pragma: export
#include "agentstore/command.hpp"        // IWYU pragma: export
#include "agentstore/copies.hpp"         // IWYU pragma: export
#include "agentstore/decimal.hpp"        // IWYU pragma: export
#include "agentstore/diff.hpp"           // IWYU pragma: export
#include "agentstore/event.hpp"          // IWYU pragma: export
#include "agentstore/event_parts.hpp"    // IWYU pragma: export
#include "agentstore/expression.hpp"     // IWYU pragma: export
#include "agentstore/fields.hpp"         // IWYU pragma: export
#include "agentstore/filter.hpp"         // IWYU pragma: export
#include "agentstore/json.hpp"           // IWYU pragma: export
#include "agentstore/kinds.hpp"          // IWYU pragma: export
#include "agentstore/ledger.hpp"         // IWYU pragma: export
#include "agentstore/members.hpp"        // IWYU pragma: export
#include "agentstore/metadata.hpp"       // IWYU pragma: export
#include "agentstore/nearest.hpp"        // IWYU pragma: export
#include "agentstore/parts.hpp"          // IWYU pragma: export
#include "agentstore/patch.hpp"          // IWYU pragma: export
#include "agentstore/point.hpp"          // IWYU pragma: export
#include "agentstore/prices.hpp"         // IWYU pragma: export
#include "agentstore/projection.hpp"     // IWYU pragma: export
#include "agentstore/reader.hpp"         // IWYU pragma: export
#include "agentstore/result.hpp"         // IWYU pragma: export
#include "agentstore/rule_files.hpp"     // IWYU pragma: export
#include "agentstore/session.hpp"        // IWYU pragma: export
#include "agentstore/session_state.hpp"  // IWYU pragma: export
#include "agentstore/stats.hpp"          // IWYU pragma: export
#include "agentstore/store.hpp"          // IWYU pragma: export
#include "agentstore/timestamp.hpp"      // IWYU pragma: export
#include "agentstore/title.hpp"          // IWYU pragma: export
#include "agentstore/upcast.hpp"         // IWYU pragma: export
#include "agentstore/views.hpp"          // IWYU pragma: export
#include "agentstore/whatif.hpp"         // IWYU pragma: export
