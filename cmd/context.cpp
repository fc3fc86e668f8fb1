#include "cmd/context.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "cmd/home_folder.hpp"
#include "cmd/input/known_files.hpp"
#include "cmd/inside_store.hpp"
#include "cmd/read_whole.hpp"
#include "cmd/rules.hpp"
#include "cmd/store_name.hpp"
#include "formats/text/escape.hpp"

namespace agentstore::cmd {
namespace {

constexpr std::size_t message_bytes_max = 1500;
constexpr std::size_t columns_default = 100;
constexpr std::size_t rules_bytes_max = std::size_t{16} << 20;

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view{} : value;
}

std::string_view kind_of(Code code) {
  switch (code) {
    case Code::invalid: return "invalid";
    case Code::not_found: return "not_found";
    case Code::conflict: return "conflict";
    case Code::io: return "io";
    case Code::busy: return "busy";
    case Code::corrupt: return "corrupt";
    case Code::unsupported: return "unsupported";
    case Code::closed: return "closed";
    case Code::overflow: return "overflow";
  }
  return "invalid";
}

bool wants_color(const std::string& choice, int descriptor) {
  if (choice != "auto") return choice == "always";
  if (!environment("NO_COLOR").empty()) return false;
  if (!environment("FORCE_COLOR").empty()) return environment("FORCE_COLOR") != "0";
  return ::isatty(descriptor) == 1 && environment("TERM") != "dumb";
}

// What is asked for, as git and ls take it, before what the terminal says.
std::size_t screen_columns() {
  const auto text = environment("COLUMNS");
  std::size_t columns = 0;
  std::from_chars(text.data(), text.data() + text.size(), columns);
  if (columns > 0) return std::clamp<std::size_t>(columns, 20, 10'000);
  winsize size{};
  if (::ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return columns_default;
}

std::string zone_name(const CommonOptions& common) {
  if (common.utc) return "UTC";
  if (common.zone) return *common.zone;
  return ::isatty(1) == 1 ? "local" : "UTC";
}

std::string pager_command() {
  for (const char* const name : {"AGENTSTORE_PAGER", "PAGER"})
    if (std::getenv(name) != nullptr) return std::string{environment(name)};
  return "less";
}

// Whether the shell will find what it is to start: a bare machine has no pager. What is more than
// a name with arguments is the shell's own affair.
bool can_be_run(std::string_view shell_command) {
  const std::string_view word = shell_command.substr(0, shell_command.find(' '));
  if (word.find_first_of("=$`'\"\\;|&<>(){}*?~") != std::string_view::npos) return true;
  if (word.contains('/')) return ::access(std::string{word}.c_str(), X_OK) == 0;
  std::string_view folders = environment("PATH");
  while (!folders.empty()) {
    const std::size_t end = std::min(folders.find(':'), folders.size());
    const auto file = std::filesystem::path{folders.substr(0, end)} / word;
    if (::access(file.c_str(), X_OK) == 0) return true;
    folders.remove_prefix(std::min(end + 1, folders.size()));
  }
  return false;
}

bool is_database_of(const std::vector<std::string>& stores, const std::string& path) {
  constexpr std::string_view scheme = "sqlite:";
  return std::ranges::any_of(stores, [&](const std::string& name) {
    std::error_code ignored;
    return name.starts_with(scheme) &&
           std::filesystem::equivalent(path, name.substr(scheme.size()), ignored);
  });
}

}  // namespace

Status status_of(Code code) {
  switch (code) {
    case Code::invalid:
    case Code::unsupported: return Status::usage;
    case Code::not_found: return Status::not_found;
    case Code::conflict: return Status::conflict;
    case Code::io:
    case Code::closed: return Status::io_failed;
    case Code::busy: return Status::busy;
    case Code::corrupt:
    case Code::overflow: return Status::finding;
  }
  return Status::usage;
}

Context::Context(std::string command_name, CommonOptions common_options)
    : command{std::move(command_name)}, common{std::move(common_options)} {}

Context::~Context() {
  if (pager_ != 0) finish(Status::fine);
}

Result<void> Context::prepare() {
  color = wants_color(common.color, 1);
  width = screen_columns();
  auto loaded = Zone::load(zone_name(common));
  if (!loaded) return std::unexpected{loaded.error()};
  zone = *loaded;
  return {};
}

formats::Screen Context::screen() const {
  return {.columns = on_screen_ && ::isatty(1) == 1 ? width : 0,
          .color = color,
          .wide = common.wide,
          .clock = zone.clock()};
}

Result<void> Context::write_to(const std::string& path, const std::string& input) {
  if (is_database_of(store_names(), path))
    return fail(Code::invalid, "cannot write to " + in_quotes(path) + ": it is the store",
                "name another file");
  if (const auto store = store_holding(path))
    return fail(Code::invalid,
                "cannot write to " + in_quotes(path) + ": it is in the store " + in_quotes(*store),
                "name a file somewhere else");
  std::error_code ignored;
  if (std::filesystem::is_regular_file(path, ignored) &&
      std::filesystem::equivalent(path, input, ignored))
    return fail(Code::invalid,
                "cannot write to " + in_quotes(path) + ": it is the file that is read",
                "name another file");
  auto file = Output::to_file(path);
  if (!file) return std::unexpected{file.error()};
  out = std::move(*file);
  color = common.color == "always";
  on_screen_ = false;
  return {};
}

Result<void> Context::choose_output() {
  if (common.output) return write_to(expand_home(*common.output), {});
  return common.quiet ? write_to("/dev/null", {}) : Result<void>{};
}

bool Context::writes_to(const std::string& path) const {
  std::error_code error;
  return common.output && std::filesystem::equivalent(path, expand_home(*common.output), error) &&
         !error;
}

void Context::start_pager() {
  if (!on_screen_ || common.no_pager || common.json || ::isatty(1) != 1) return;
  const std::string pager = pager_command();
  if (pager.empty() || pager == "cat" || !can_be_run(pager)) return;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return;
  // less: quits where one screen is enough, shows colours, leaves the screen as it is.
  ::setenv("LESS", "FRX", 0);
  // What is shown is UTF-8 whatever the locale: without one, less would print its bytes in hex.
  ::setenv("LESSCHARSET", "utf-8", 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[0], 0);
    have_writes_end_it();
    ::execl("/bin/sh", "sh", "-c", pager.c_str(), nullptr);
    ::_exit(127);
  }
  ::close(ends[0]);
  if (child < 0) {
    ::close(ends[1]);
    return;
  }
  pager_ = child;
  out.redirect(ends[1]);
  // The pager decides what an interrupt means.
  std::signal(SIGINT, SIG_IGN);
}

void Context::say(std::string_view text) {
  write_error_text(
      formats::printable(cut_bytes("agentstore: " + command + (command.empty() ? "" : ": ") +
                                       std::string{text.substr(0, message_bytes_max + 1)},
                                   message_bytes_max)) +
      "\n");
}

void Context::write_error_text(std::string_view text) {
  // What is on its way to the same screen comes first.
  if (pager_ == 0) out.flush();
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void Context::remark(std::string_view kind, std::string_view text) {
  if (!common.json) return say(std::string{kind} + ": " + std::string{text});
  formats::StringSink object;
  formats::write_remark_json(object, kind, cut_bytes(text, message_bytes_max));
  write_error_text(object.text);
}

Error Context::advised(Error error) const {
  const std::string session = written_session.empty() ? "SESSION" : written_session;
  switch (std::exchange(error.remedy, Remedy::none)) {
    case Remedy::none: break;
    case Remedy::verify: error.hint = "run: agentstore verify " + session; break;
    case Remedy::salvage:
      error.hint = "rescue what can be read with: agentstore repair --salvage " + session;
      break;
    case Remedy::accept_loss:
      error.hint = "bring it back from a backup, or: agentstore repair --accept-loss " + session;
      break;
  }
  return error;
}

int Context::refuse(const Error& refused) {
  const Error error = advised(refused);
  return say_error({.code = status_of(error.code),
                    .kind = kind_of(error.code),
                    .message = error.message,
                    .hint = error.hint,
                    .retryable = error.code == Code::busy});
}

int Context::find(const std::string& message) {
  return say_error({.code = Status::finding, .kind = "finding", .message = message});
}

int Context::cannot_judge(const std::string& why) {
  return say_error({.code = Status::incomplete,
                    .kind = "incomplete",
                    .message = "it could not be judged: " + why});
}

int Context::say_error(const formats::ErrorAnswer& error) {
  const std::string message = cut_bytes(error.message, message_bytes_max);
  if (!common.json) {
    say(error.hint.empty() ? message : message + "; " + std::string{error.hint});
    return error.code;
  }
  formats::StringSink object;
  formats::ErrorAnswer cut = error;
  cut.message = message;
  formats::write_error_json(object, cut);
  write_error_text(object.text);
  return error.code;
}

int Context::refuse(Code code, std::string message, std::string hint) {
  return refuse(Error{code, std::move(message), std::move(hint)});
}

void Context::warn(std::string_view text) {
  remark("warning", text);
}

void Context::note(std::string_view text) {
  remark("note", text);
}

void Context::answer_lacks(const std::string& what) {
  warn("the answer is incomplete: " + what);
  if (left_out_ == Status::fine) left_out_ = Status::incomplete;
}

std::function<void(const std::string&, const Error&)> Context::on_unreadable() {
  return [this](const std::string& id, const Error& why) {
    warn("session " + id + " cannot be read: " + why.message);
    left_out_ = why.code == Code::io ? Status::io_failed : Status::incomplete;
  };
}

int Context::finish(int status) {
  if (status == Status::fine) status = left_out_;
  const auto written = out.commit();
  if (pager_ != 0) {
    ::close(out.descriptor());
    out.redirect(1);
    while (::waitpid(std::exchange(pager_, 0), nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  if (!written) return refuse(written.error());
  return status;
}

std::vector<std::string> Context::store_names() const {
  std::vector<std::string> names;
  for (const std::string& name : common.stores) names.push_back(store_name_of(name));
  if (names.empty()) names.push_back(own_store_name());
  return names;
}

bool Context::has_own_store() const {
  return !environment("AGENTSTORE_STORE").empty();
}

std::string Context::own_store_name() const {
  const auto chosen = environment("AGENTSTORE_STORE");
  return chosen.empty() ? "./agent-data" : store_name_of(chosen);
}

Result<const Upcasts*> Context::upcasts() {
  if (common.upcasts.empty()) return nullptr;
  if (!upcasts_) {
    const auto text = read_whole_file(common.upcasts, rules_bytes_max);
    if (!text) return std::unexpected{text.error()};
    auto rules = Upcasts::parse(*text);
    if (!rules)
      return fail(Code::invalid,
                  "--upcasts " + in_quotes(common.upcasts) + ": " + rules.error().message);
    rules_given.upcasts = rule_file(common.upcasts, *text);
    upcasts_.emplace(std::move(*rules));
  }
  return &*upcasts_;
}

Result<Store> Context::open_store(StoreOptions options) {
  const auto names = store_names();
  if (names.size() > 1 || names.front() == "all")
    return fail(Code::invalid, "several stores are given, and this is done in one",
                "give one --store");
  return open_store(std::move(options), names.front());
}

Result<Store> Context::open_store(StoreOptions options, const std::string& name) {
  for (const std::string_view scheme : {"claude:", "codex:"})
    if (name.starts_with(scheme))
      return fail(Code::unsupported,
                  "cannot open " + in_quotes(name) + " for this: it is another tool's folder",
                  "sessions, replay, state, stats, verify and diff read it; `agentstore import` "
                  "makes it a store of yours");
  options.default_ledger = casino_ledger();
  options.on_notice = [this](const std::string& notice) { warn(notice); };
  options.on_wait = options.on_notice;
  options.on_made = [this](const std::string& made) { note(made); };
  if (common.verbose) options.on_detail = [this](const std::string& detail) { note(detail); };
  if (common.no_cache) options.cache_key = "";
  const auto rules = upcasts();
  if (!rules) return std::unexpected{rules.error()};
  if (*rules != nullptr) options.upcasts = **rules;
  rules_of_store = take_rules(name, options);
  const bool create = options.create;
  auto store = Store::open(with_password(name), std::move(options));
  if (!store && store.error().code == Code::not_found && store.error().hint.empty() && !create)
    store.error().hint = "`agentstore create` makes one; --store DIR names another";
  return store;
}

KnownFiles& Context::known_files() {
  if (!known_files_)
    known_files_ = std::make_unique<KnownFiles>(!common.no_cache, [this](const std::string& why) {
      if (common.verbose) note(why);
    });
  return *known_files_;
}

void guard_standard_descriptors() {
  // Opened the wrong way round, so that using them still fails.
  const int modes[] = {O_WRONLY, O_RDONLY, O_WRONLY};
  for (int descriptor = 0; descriptor < 3; ++descriptor)
    if (::fcntl(descriptor, F_GETFD) < 0) [[maybe_unused]]
      const int placed = ::open("/dev/null", modes[descriptor]);
}

void have_writes_fail() {
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN);
}

void have_writes_end_it() {
  for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_DFL);
}

}  // namespace agentstore::cmd
