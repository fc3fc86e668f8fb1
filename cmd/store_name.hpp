// What a person calls a store, and what it is opened by.

#pragma once

#include <string>
#include <string_view>

namespace agentstore::cmd {

/// The name by which a store that was typed is known from here on: with the home folder, where "~"
/// stands for it, and without a password, which is kept apart, so that no message can show it.
std::string store_name_of(std::string_view typed);

/// The name with the password that it was typed with, if any: to open the store by.
std::string with_password(const std::string& store_name);

/// Where `keep` has its store, if none is chosen: `$XDG_DATA_HOME/agentstore`, else
/// `~/.local/share/agentstore`; empty without HOME.
std::string store_of_keep();

}  // namespace agentstore::cmd
