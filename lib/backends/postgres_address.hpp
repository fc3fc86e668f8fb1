// Where a store in PostgreSQL is: postgresql://[user@]host[,host…]/database?schema=S&…

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agentstore/internal/store_name.hpp"
#include "agentstore/result.hpp"

namespace agentstore {

/// Whether the name of a store is one of PostgreSQL's URIs.
bool is_postgres_address(std::string_view store_name);

struct PostgresAddress {
  /// What libpq is to connect by, in pairs; passwords among it.
  std::vector<std::pair<std::string, std::string>> parameters;
  std::string schema = "agentstore";
  /// For messages: without passwords.
  std::string name;

  /// The value of a parameter; empty where it has none.
  std::string_view parameter(std::string_view keyword) const;
  /// Whether it names several hosts.
  bool names_several() const { return parameter("host").find(',') != std::string_view::npos; }
  /// Whether of several hosts the one is meant that may be written.
  bool follows_primary() const {
    const std::string_view wanted = parameter("target_session_attrs");
    return names_several() && (wanted == "read-write" || wanted == "primary");
  }
  /// A text without the password that the address has.
  std::string without_secrets(std::string text) const;

  /// Errors: invalid; as PostgresLibrary::load.
  static Result<PostgresAddress> parse(std::string_view store_name);
};

}  // namespace agentstore
