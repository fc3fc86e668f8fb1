// An append as the server's own function does it, which other programs call, too.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "backends/postgres_store.hpp"
#include "log/append_validator.hpp"

namespace agentstore {

/// A caller's drafts, less those that repeat an earlier one, as the server is asked to append them.
class PostgresAppend {
 public:
  /// Takes `values`.
  static constexpr const char* statement =
      "SELECT place, number, id, hash, duplicate, problem FROM @S@.append_events($1, $2::text[], "
      "$3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::text[], $9::bigint, $10, "
      "$11::boolean)";

  /// The request, which was prepared, outlives it.
  explicit PostgresAppend(log::Request& request);

  /// Whether there is something to ask.
  bool is_due() const { return request_.result.has_value() && !news_.empty(); }
  /// `again`: whether it may have been appended before.
  PostgresValues values(std::string_view id, bool again) const;
  /// Fills in the request's result by what the statement gave. Errors: those of a session that
  /// cannot be appended to at all.
  Result<void> take(const PostgresRows& rows, const PostgresStore& store, std::string_view id);

 private:
  Result<void> refuse(const PostgresRows& rows, const PostgresStore& store, std::string_view id);

  log::Request& request_;
  std::vector<std::size_t> news_;  // the drafts that are asked for
  std::vector<std::string> new_ids_;
};

}  // namespace agentstore
