// A store in PostgreSQL for tests: on the server that AGENTSTORE_TEST_POSTGRES names, empty.

#pragma once

#include <string>

namespace agentstore::test {

/// Whether there is a server.
bool has_postgres();

/// The address of a store without sessions. One at a time: the schema is the same one.
std::string empty_postgres_store();

}  // namespace agentstore::test
