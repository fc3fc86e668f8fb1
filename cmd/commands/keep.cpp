#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cmd/commands.hpp"
#include "cmd/import/importer.hpp"
#include "cmd/keep/hook.hpp"
#include "cmd/keep/keeper.hpp"
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

constexpr std::string_view scheme = "sqlite:";

/// A name that is good in any folder.
std::string absolute_store(const std::string& name) {
  const auto absolute = [](const std::string& path) {
    return std::filesystem::absolute(path).lexically_normal().string();
  };
  if (name.starts_with(scheme)) return std::string{scheme} + absolute(name.substr(scheme.size()));
  return name.find("://") == name.npos ? absolute(name) : name;
}

/// Whether a hook could keep anything there. Errors: as Context::open_store; io, where it would
/// have to be made, and cannot be.
Result<void> check_store(Context& context, const std::string& name) {
  const auto store = context.open_store(store_to_import_into(true), name);
  if (store) return {};
  if (store.error().code != Code::not_found) return std::unexpected{store.error()};
  const bool database = name.starts_with(scheme);
  auto folder = std::filesystem::absolute(database ? name.substr(scheme.size()) : name);
  std::error_code error;
  // Folders are made as far as they are missing.
  do folder = folder.parent_path();
  while (!database && folder.has_relative_path() && !std::filesystem::exists(folder, error));
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return {};
  return fail(Code::io, "cannot make " + in_quotes(name) + ": " + std::strerror(errno),
              "--store DIR names another place");
}

int install(Context& context, const KeepCommand& options, const std::string& store) {
  const KeepFolders folders = folders_to_keep(options.from);
  if (!folders.missing.empty()) return context.refuse(folders.missing.front());
  if (auto checked = check_store(context, store); !checked) return context.refuse(checked.error());
  return change_hook(context, options, folders.folders, absolute_store(store));
}

}  // namespace

int run(Context& context, const KeepCommand& options) {
  if (options.install && options.uninstall)
    return context.refuse(Code::invalid, "--install and --uninstall are given", "choose one");
  const auto store = store_to_keep_in(context);
  if (!store) return context.refuse(store.error());
  if (options.install) return install(context, options, *store);
  if (options.uninstall)
    return change_hook(context, options, folders_to_keep({}).folders, absolute_store(*store));
  return keep(context, options, folders_to_keep(options.from), *store);
}

}  // namespace agentstore::cmd
