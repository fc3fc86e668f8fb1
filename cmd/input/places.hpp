// The places that --store names: stores, and folders of other tools' transcripts.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agentstore/store.hpp"
#include "cmd/context.hpp"
#include "cmd/input/transcript_folder.hpp"

namespace agentstore::cmd {

struct Place {
  std::string name;                                            ///< as --store takes it
  std::optional<TranscriptFolder> transcripts = std::nullopt;  ///< absent: it is a store
  std::optional<Store> store = std::nullopt;                   ///< once it was opened
};

/// Finds and opens them when they are first needed. They live as long as it does.
class Places {
 public:
  explicit Places(Context& context) : context_{context} {}

  /// Those that were chosen, in their order; for `all` every one that is on this machine. Not
  /// empty. Errors: not_found (no such folder, nothing on this machine).
  Result<std::vector<Place*>> chosen();
  /// The store of a folder, whether or not it was chosen.
  Result<Place*> of_folder(const std::string& folder);
  /// Opens the store. Errors: as Store::open, with what else is on this machine as a hint;
  /// unsupported, where it is another tool's folder.
  Result<Store*> store_of(Place& place);

 private:
  Result<void> add(const std::string& name);
  Result<void> add_all_here();
  Error with_hint(Error error, const std::string& name) const;

  Context& context_;
  std::vector<std::unique_ptr<Place>> chosen_;
  std::map<std::string, Place> others_;  // by their folders
};

}  // namespace agentstore::cmd
