// Questions about a log: sums, differences, what if, who set it, when it went wrong.

#pragma once

#include "agentstore/analysis/bisect.hpp"           // IWYU pragma: export
#include "agentstore/analysis/blame.hpp"            // IWYU pragma: export
#include "agentstore/analysis/copies.hpp"           // IWYU pragma: export
#include "agentstore/analysis/diff.hpp"             // IWYU pragma: export
#include "agentstore/analysis/event_parts.hpp"      // IWYU pragma: export
#include "agentstore/analysis/expression.hpp"       // IWYU pragma: export
#include "agentstore/analysis/fields.hpp"           // IWYU pragma: export
#include "agentstore/analysis/kinds.hpp"            // IWYU pragma: export
#include "agentstore/analysis/patch.hpp"            // IWYU pragma: export
#include "agentstore/analysis/prices.hpp"           // IWYU pragma: export
#include "agentstore/analysis/rerun.hpp"            // IWYU pragma: export
#include "agentstore/analysis/stats.hpp"            // IWYU pragma: export
#include "agentstore/analysis/title.hpp"            // IWYU pragma: export
#include "agentstore/analysis/turn_difference.hpp"  // IWYU pragma: export
#include "agentstore/analysis/turns.hpp"            // IWYU pragma: export
#include "agentstore/analysis/views.hpp"            // IWYU pragma: export
#include "agentstore/analysis/whatif.hpp"           // IWYU pragma: export
