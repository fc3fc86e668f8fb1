// Names of stores, as people may see them.

#pragma once

#include <string>
#include <string_view>

namespace agentstore {

/// A store's name without a password, where it is an address of PostgreSQL that has one.
std::string without_password(std::string_view store_name);

}  // namespace agentstore
