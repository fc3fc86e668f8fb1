// What each subcommand takes on its command line. This is the one definition of flags: parsing,
// help, completion and "did you mean" all read it.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agentstore/result.hpp"
#include "cmd/options.hpp"

namespace agentstore::cmd {

/// A flag, or a word that stands alone.
struct Flag {
  /// Gets the values that were given, of which there is one: the last one, or all of `several`.
  /// Errors: invalid.
  using Take = std::function<Result<void>(const std::vector<std::string>&)>;

  std::string names;  ///< "-n,--newest"; of a word its name alone: "session"
  std::string value;  ///< what it takes: "N", "TIME"; empty: nothing
  std::string help;
  Take take;
  bool required = false;
  bool several = false;                   ///< each time it is given counts, not the last one alone
  bool value_optional = false;            ///< an empty value is taken where none is given
  std::vector<std::string> allowed = {};  ///< the only values, where there are some
  std::string where_missing = {};         ///< of a required word: what to do
  std::vector<std::string> offered = {};  ///< words that completion offers, among others
  bool common = false;                    ///< a flag of every command
  bool hidden = false;                    ///< an old spelling: accepted, and shown nowhere

  bool is_word() const { return !names.starts_with('-'); }
};

/// The flags of a subcommand, in the order of its help. What they write to has to outlive them.
class Flags {
 public:
  /// The returned flag is good until the next one is added.
  Flag& add(Flag flag) { return all_.emplace_back(std::move(flag)); }
  Flag& value(const char* names, std::string& into, const char* value, const char* help);
  Flag& value(const char* names, std::optional<std::string>& into, const char* value,
              const char* help);
  Flag& value(const char* names, std::vector<std::string>& into, const char* value,
              const char* help);
  Flag& number(const char* names, std::uint64_t& into, const char* help);
  Flag& number(const char* names, std::optional<std::uint64_t>& into, const char* help);
  Flag& toggle(const char* names, bool& into, const char* help);
  /// An old spelling of a flag.
  void hidden(Flag& flag) { flag.hidden = true; }

  const std::vector<Flag>& all() const { return all_; }
  /// Those from the flag of that index on are of every command.
  void are_common(std::size_t from) {
    for (std::size_t i = from; i < all_.size(); ++i) all_[i].common = true;
  }

 private:
  std::vector<Flag> all_;
};

/// A subcommand by its name, with the flags that it has; what they say goes to the two structs.
struct Subcommand {
  const char* name;
  void (*add_flags)(Flags& flags, CommandOptions& options, CommonOptions& common);
};

/// The flags that may stand where there is no subcommand.
void add_overview_flags(Flags& flags, CommandOptions& options, CommonOptions& common);

/// Every subcommand.
const std::vector<Subcommand>& subcommands();

}  // namespace agentstore::cmd
