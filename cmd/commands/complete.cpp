// What a shell offers for the word in the making: `agentstore __complete WORD...`, the last of
// which is that one. A candidate a line; ":files" and ":folders" stand for those that the shell
// knows. Only what is defined in cmd/flags is offered, and what is in the store at hand: whatever
// goes wrong there, or takes too long, is left out without a word.

#include <fcntl.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "agentstore/analysis/event_parts.hpp"
#include "agentstore/analysis/kinds.hpp"
#include "agentstore/parts.hpp"
#include "cmd/commands.hpp"
#include "cmd/flags/flags.hpp"
#include "cmd/front.hpp"
#include "cmd/input/selector.hpp"

namespace agentstore::cmd {
namespace {

constexpr auto time_to_read = std::chrono::milliseconds{300};
constexpr int seconds_at_most = 2;
constexpr std::size_t sessions_read_max = 50;
constexpr std::size_t offered_max = 1000;

using Names = std::set<std::string>;

/// A word that a shell cannot take for anything else.
bool is_plain(std::string_view word) {
  return !word.empty() && word.front() != '-' &&
         word.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
             "._-=:/@") == word.npos;
}

/// The types and tools of some events.
class NamesPart final : public Part {
 public:
  void restart() override { types.clear(), tools.clear(); }
  Result<void> take(std::span<const EventView> events) override {
    for (const EventView& event : events) {
      if (!types.contains(std::string{event.type})) types.emplace(event.type);
      if (const auto tool = tool_name_of(event)) tools.insert(*tool);
    }
    return {};
  }
  Names types;
  Names tools;
};

/// What is in the store at hand.
class Here {
 public:
  explicit Here(Context& context) : context_{context}, selector_{context} {}

  Names sessions() {
    Names names;
    for (const auto& one : all()) {
      names.insert(one->session().id);
      names.insert(one->session().name);
    }
    return names;
  }
  Names labels(std::string_view prefix = {}) {
    Names names;
    for (const auto& one : all())
      for (const auto& [key, value] : one->session().labels)
        if (prefix.empty()) names.insert(key + "=" + value);
        else if (prefix == key) names.insert(value);
    return names;
  }
  Names types() {
    Names names = read().types;
    for (const KnownType& known : known_types()) names.emplace(known.type);
    return names;
  }
  Names tools() { return read().tools; }

 private:
  const Inputs& all() {
    if (auto found = selector_.all()) all_ = std::move(*found);
    return all_;
  }

  /// Of the newest sessions, while there is time.
  NamesPart read() {
    NamesPart found;
    const Parts parts{.make = [] { return std::make_unique<NamesPart>(); },
                      .join =
                          [&](Part& part) {
                            found.types.merge(dynamic_cast<NamesPart&>(part).types);
                            found.tools.merge(dynamic_cast<NamesPart&>(part).tools);
                            return Joined::taken;
                          }};
    const auto end = std::chrono::steady_clock::now() + time_to_read;
    std::size_t count = 0;
    for (const auto& one : all()) {
      if (count++ == sessions_read_max || std::chrono::steady_clock::now() > end) break;
      (void)one->read_parts({.on_corrupt = OnCorrupt::prefix}, parts);
    }
    return found;
  }

  Context& context_;
  Selector selector_;
  Inputs all_;
};

const Subcommand* find(std::string_view name) {
  const auto& all = subcommands();
  const auto found = std::ranges::find(all, name, &Subcommand::name);
  return found == all.end() ? nullptr : &*found;
}

bool has_name(const Flag& flag, std::string_view name) {
  std::string_view names = flag.names;
  while (!names.empty()) {
    const std::string_view one = names.substr(0, names.find(','));
    if (one == name) return true;
    names.remove_prefix(std::min(one.size() + 1, names.size()));
  }
  return false;
}

class Completer {
 public:
  Completer(Context& context, std::vector<std::string> words)
      : context_{context}, words_{std::move(words)} {
    if (words_.empty()) words_.emplace_back();
    current_ = words_.back();
    words_.pop_back();
    read_words();
  }

  /// The stores that the words name.
  CommonOptions common() const { return common_; }

  void complete() {
    if (waiting_ != nullptr) return offer_values(*waiting_, current_);
    if (const std::size_t equals = current_.find('=');
        current_.starts_with("--") && equals != current_.npos) {
      const Flag* const flag = flag_named(current_.substr(0, equals));
      before_ = current_.substr(0, equals + 1);
      if (flag != nullptr) offer_values(*flag, current_.substr(equals + 1));
      return;
    }
    if (current_.starts_with('-')) return offer_flags();
    if (command_ == nullptr || command_name_ == "help") return offer_commands();
    offer_word();
  }

 private:
  void read_words() {
    add_overview_flags(flags_, options_, common_);
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const std::string& word = words_[i];
      if (word.starts_with('-') && word != "-") {
        take_flag(i);
      } else if (command_name_.empty()) {
        command_name_ = word;
        command_ = find(word);
        if (command_ == nullptr) continue;
        flags_ = {};
        command_->add_flags(flags_, options_, common_);
      } else {
        ++positionals_;
      }
    }
  }

  void take_flag(std::size_t& i) {
    const std::string& word = words_[i];
    const std::size_t equals = word.find('=');
    const Flag* const flag = flag_named(word.substr(0, equals));
    if (flag == nullptr || flag->value.empty()) return;
    if (equals == word.npos && i + 1 == words_.size()) {
      waiting_ = flag;
      return;
    }
    const std::string value = equals == word.npos ? words_[++i] : word.substr(equals + 1);
    if (has_name(*flag, "--store")) common_.stores.push_back(value);
  }

  const Flag* flag_named(std::string_view name) const {
    for (const Flag& flag : flags_.all())
      if (!flag.is_word() && has_name(flag, name)) return &flag;
    return nullptr;
  }

  void offer_commands() {
    for (const Subcommand& command : subcommands()) offer(command.name);
  }

  void offer_flags() {
    for (const Flag& flag : flags_.all()) {
      if (flag.is_word() || flag.hidden) continue;
      std::string_view names = flag.names;
      while (!names.empty()) {
        const std::string_view one = names.substr(0, names.find(','));
        offer(one);
        names.remove_prefix(std::min(one.size() + 1, names.size()));
      }
    }
    offer("-h");
    offer("--help");
    if (command_ == nullptr) offer("--version");
  }

  /// The word at hand; the last one that may be repeated takes all that follow.
  void offer_word() {
    std::size_t index = 0;
    const Flag* last = nullptr;
    for (const Flag& flag : flags_.all()) {
      if (!flag.is_word()) continue;
      last = &flag;
      if (index++ == positionals_) return offer_values(flag, current_);
      if (flag.several) return offer_values(flag, current_);
    }
    if (last != nullptr && last->several) offer_values(*last, current_);
  }

  void offer_values(const Flag& flag, const std::string& value) {
    const bool is_list = flag.value == "TYPES" || flag.value == "NAMES" || flag.value == "WHAT";
    if (const std::size_t comma = value.rfind(','); is_list && comma != value.npos)
      before_ += value.substr(0, comma + 1);
    begun_ = value.substr(is_list && value.rfind(',') != value.npos ? value.rfind(',') + 1 : 0);
    for (const std::string& word : flag.allowed) offer_value(word);
    for (const std::string& word : flag.offered) offer_value(word);
    if (!flag.allowed.empty()) return;
    const std::string& kind = flag.value;
    if (kind == "SESSION" || kind == "A" || kind == "B") return offer_sessions(value);
    if (kind == "DIR") return offer_files(":folders");
    if (kind == "FILE" || kind == "PATH" || kind == "NOTE" || kind == "VKEY")
      return offer_files(":files");
    Here here{context_};
    if (kind == "TYPES" || kind == "TYPE") offer_all(here.types());
    else if (has_name(flag, "--tool")) offer_all(here.tools());
    else if (kind == "KEY=VALUE") offer_all(here.labels());
    else if (has_name(flag, "--project")) offer_all(here.labels("project"));
  }

  void offer_sessions(const std::string& value) {
    if (value.find('/') != value.npos || value.starts_with('.') || value.starts_with('~'))
      return offer_files(":files");
    if (std::string_view{"@"}.starts_with(value) && command_name_ != "append") offer_value("@");
    offer_all(Here{context_}.sessions());
  }

  void offer_files(const char* kind) { context_.out.write(std::string{kind} + "\n"); }

  void offer_all(const Names& names) {
    std::size_t count = 0;
    for (const std::string& name : names)
      if (is_plain(name) && name.starts_with(begun_) && count++ < offered_max) offer_value(name);
  }

  void offer_value(const std::string& word) {
    if (word.starts_with(begun_)) context_.out.write(before_ + word + "\n");
  }

  void offer(std::string_view word) {
    if (word.starts_with(current_)) context_.out.write(std::string{word} + "\n");
  }

  Context& context_;
  std::vector<std::string> words_;
  std::string current_;
  std::string before_;  // what stands before each value: "--type=", "error,"
  std::string begun_;
  CommonOptions common_;
  CommandOptions options_;
  Flags flags_;
  std::string command_name_;
  const Subcommand* command_ = nullptr;
  const Flag* waiting_ = nullptr;  // the flag whose value is in the making
  std::size_t positionals_ = 0;
};

void be_quiet_and_quick() {
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) ::dup2(nowhere, 2);
  std::signal(SIGALRM, SIG_DFL);
  ::alarm(seconds_at_most);
}

}  // namespace

int run(Context& context, const CompleteCommand& options) {
  be_quiet_and_quick();
  Completer words{context, options.words};
  Context of_stores{{}, words.common()};
  Completer{of_stores, options.words}.complete();
  return of_stores.finish(Status::fine);
}

}  // namespace agentstore::cmd
