#include <filesystem>

#include "cmd/commands.hpp"
#include "cmd/keep/hook.hpp"
#include "cmd/keep/keeper.hpp"
#include "cmd/keep/store_lock.hpp"
#include "cmd/store_name.hpp"

namespace agentstore::cmd {
namespace {

/// The store that was chosen, else one of the user's, which is the same in every folder.
Result<std::string> store_to_keep_in(const Context& context) {
  const auto names = context.store_names();
  if (names.size() > 1 || names.front() == "all")
    return fail(Code::invalid, "several stores are given, and this is done in one",
                "give one --store");
  if (!context.common.stores.empty() || context.has_own_store()) return names.front();
  if (std::string store = store_of_keep(); !store.empty()) return store;
  return fail(Code::invalid, "HOME is not set, and so there is no place to keep anything in",
              "--store DIR names one");
}

/// A name that is good in any folder.
std::string absolute_store(const std::string& name) {
  constexpr std::string_view scheme = "sqlite:";
  const auto absolute = [](const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal().string();
  };
  if (name.starts_with(scheme)) return std::string{scheme} + absolute(name.substr(scheme.size()));
  return is_folder_name(name) ? absolute(name) : name;
}

}  // namespace

int run(Context& context, const KeepCommand& options) {
  if (options.install && options.uninstall)
    return context.refuse(Code::invalid, "--install and --uninstall are given", "choose one");
  const auto store = store_to_keep_in(context);
  if (!store) return context.refuse(store.error());
  if (options.install || options.uninstall)
    return change_hook(context, options, tool_homes_here(), absolute_store(*store));
  const auto folders = folders_to_keep(options.from);
  if (!folders) return context.refuse(folders.error());
  return keep(context, options, *folders, *store);
}

}  // namespace agentstore::cmd
