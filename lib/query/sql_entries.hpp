// The table `entries`: what each event of the ledger did to an asset, and what was held then.

#pragma once

#include <memory>
#include <span>

#include "agentstore/analysis/sql.hpp"
#include "query/sql_rows.hpp"

namespace agentstore::sql {

struct EntryColumn {
  enum : int {
    session_id,
    seq,
    timestamp,
    ms,
    type,
    asset,
    amount,
    amount_text,
    balance,
    balance_text,
    count
  };
};

std::span<const ColumnInfo> entry_columns();

std::unique_ptr<RowStream> scan_entries(SqlSource& source, Interner& intern, Scan scan);

}  // namespace agentstore::sql
