// Questions that people ask of their agents, as SQL.

#pragma once

#include <span>
#include <string_view>

namespace agentstore::cmd {

struct SqlExample {
  std::string_view question;
  std::string_view sql;
};

std::span<const SqlExample> sql_examples();

}  // namespace agentstore::cmd
