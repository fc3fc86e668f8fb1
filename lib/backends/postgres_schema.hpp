// The schema of a store in PostgreSQL: tables, the functions that seal, and the relations that
// other programs know. See agentstore-postgresql(5).

#pragma once

#include <string>
#include <string_view>

namespace agentstore {

/// Of what is made here; a schema of a greater one is not ours to touch.
inline constexpr int postgres_format = 3;

/// A name as SQL has it, in quotes.
std::string postgres_identifier(std::string_view name);
/// A text with the name of a schema, which is in quotes, for each "@S@".
std::string with_schema(std::string_view text, std::string_view schema);

/// The statements that make everything in a schema of that name, which is made where it is missing.
/// Without a transaction of their own.
std::string postgres_schema(std::string_view name);

/// The statements that bring a schema of an older format up to this one, whose tables and views are
/// the same. Without a transaction of their own; for the owner of what is there.
std::string postgres_upgrade(std::string_view name);

/// Parts of it, in the order in which they are run, "@S@" for the schema.
extern const char* const postgres_tables;
extern const char* const postgres_checks;
extern const char* const postgres_functions;
extern const char* const postgres_views;

}  // namespace agentstore
