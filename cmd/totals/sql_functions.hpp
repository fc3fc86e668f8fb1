// Functions of SQL for questions about what agents did: regexp, secrets, paths, within, hosts.

#pragma once

#include <vector>

#include "agentstore/analysis/sql.hpp"

namespace agentstore::cmd {

/// For SqlOptions::functions. Of NULL each is NULL. See agentstore-sql(5).
///   regexp(PATTERN, TEXT)       1 where RE2 finds the pattern in the text; also TEXT REGEXP
///   PATTERN secrets(JSON)               an array [{"name":…,"bytes":…}], each secret of a value
///   once paths(ARGS)                 an array of the paths that the arguments of a call name
///   within(PATH, FOLDERS, CWD)  1 where the path lies in one of the folders, an array
///   hosts(ARGS)                 an array of the hosts that the arguments of a call name
std::vector<SqlFunction> sql_functions();

}  // namespace agentstore::cmd
