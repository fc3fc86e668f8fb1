#include "backends/postgres_connection.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "backends/postgres_errors.hpp"
#include "backends/postgres_schema.hpp"
#include "base/hex.hpp"
#include "base/system.hpp"

namespace agentstore {
namespace {

constexpr int oldest_server = 130'000;

// What is taken where the address does not say otherwise: a server that is gone is noticed.
constexpr std::array<std::pair<const char*, const char*>, 5> defaults = {
    {{"fallback_application_name", "agentstore"},
     {"keepalives_idle", "10"},
     {"keepalives_interval", "5"},
     {"keepalives_count", "3"},
     {"tcp_user_timeout", "30000"}}};

// The server's own function that tells that it no longer waits for a standby.
constexpr std::string_view stops_waiting = "SyncRepWaitForLSN";

// After how long another server is asked whether it has taken the place of one that is silent.
constexpr int silence_ms = 5'000;

// A server that says so much later that a lock was kept for too long has stood still itself.
constexpr std::chrono::seconds late{1};

// What libpq says, on one line.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == '\n' || c == '\t' || c == ' ';
    if (!space) out += c;
    else if (!out.empty() && out.back() != ' ') out += c == '\n' ? "; " : " ";
  }
  while (!out.empty() && (out.back() == ' ' || out.back() == ';')) out.pop_back();
  return out;
}

pg_conn* connect(const PostgresLibrary& library, const PostgresAddress& address) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  const auto give = [&](const char* keyword, const char* value) {
    keywords.push_back(keyword);
    values.push_back(value);
  };
  for (const auto& [keyword, value] : address.parameters) give(keyword.c_str(), value.c_str());
  for (const auto& [keyword, value] : defaults)
    if (address.parameter(keyword).empty()) give(keyword, value);
  if (address.parameter("connect_timeout").empty())
    give("connect_timeout", address.names_several() ? "3" : "10");
  give("client_encoding", "UTF8");
  give(nullptr, nullptr);
  return library.connectdbParams(keywords.data(), values.data(), 0);
}

std::string place_of(const PostgresLibrary& library, const pg_conn* made) {
  const auto said = [](const char* text) { return std::string{text == nullptr ? "" : text}; };
  return "host " + said(library.host(made)) + ", port " + said(library.port(made)) + ", database " +
         said(library.db(made));
}

}  // namespace

PostgresArray& PostgresArray::add(std::string_view text) {
  separate();
  text_ += '"';
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of("\"\\", at), text.size());
    text_.append(text.substr(at, end - at));
    if (end < text.size()) text_.append(1, '\\').append(1, text[end]);
    at = end + 1;
  }
  text_ += '"';
  return *this;
}

PostgresArray& PostgresArray::add_bytes(std::string_view bytes) {
  separate();
  text_ += "\"\\\\x";
  append_hex(text_, bytes);
  text_ += '"';
  return *this;
}

PostgresArray& PostgresArray::add_null() {
  separate();
  text_ += "NULL";
  return *this;
}

std::int64_t PostgresRows::integer(int row, int column) const {
  const std::string_view bytes = text(row, column);
  std::uint64_t value = 0;
  for (const char byte : bytes) value = value << 8U | static_cast<unsigned char>(byte);
  return bytes.size() == 4 ? static_cast<std::int32_t>(static_cast<std::uint32_t>(value))
                           : static_cast<std::int64_t>(value);
}

namespace {

// In PostgreSQL 0 stands for ever.
std::int64_t lock_timeout_ms(std::chrono::milliseconds timeout) {
  return std::clamp<std::int64_t>(timeout.count(), 1, std::numeric_limits<std::int32_t>::max());
}

}  // namespace

PostgresConnection::PostgresConnection(const PostgresLibrary& library,
                                       const PostgresAddress& address, pg_conn* made)
    : library_(library),
      address_(address),
      opened_by_(process_epoch()),
      connection_(made),
      place_(place_of(library, made)) {}

// In the child of a fork the connection is the parent's: it is not to be touched.
PostgresConnection::~PostgresConnection() {
  if (process_epoch() == opened_by_) library_.finish(connection_);
}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::open(
    const PostgresAddress& address, const PostgresOptions& options) {
  const auto library = PostgresLibrary::load();
  if (!library) return std::unexpected(library.error());
  pg_conn* const made = connect(**library, address);
  std::unique_ptr<PostgresConnection> connection{new PostgresConnection{**library, address, made}};
  if ((*library)->status(made) != PostgresLibrary::connection_ok)
    return connection->failure(nullptr);
  (*library)->setNoticeReceiver(
      made,
      [](void* of, const pg_result* notice) { static_cast<PostgresConnection*>(of)->note(notice); },
      connection.get());
  if (auto ready = connection->set_up(options); !ready) return std::unexpected(ready.error());
  return connection;
}

void PostgresConnection::begin_statement() {
  lost_ = read_only_ = may_try_again_ = unconfirmed_ = locked_out_ = stood_still_ = false;
  began_ = std::chrono::steady_clock::now();
}

Result<void> PostgresConnection::set_up(const PostgresOptions& options) {
  lock_timeout_ = options.lock_timeout;
  if (library_.serverVersion(connection_) < oldest_server)
    return fail(Code::unsupported, "the PostgreSQL there is too old (" + place_ + ")",
                "a store needs PostgreSQL 13 or newer");
  const char* const encoding = library_.parameterStatus(connection_, "server_encoding");
  if (encoding == nullptr || std::string_view{encoding} != "UTF8")
    return fail(
        Code::unsupported,
        "the database is not in UTF-8 (" + place_ + "), and so cannot keep every event as it is",
        "make one that is: createdb -E UTF8 -T template0 NAME");
  std::string settings =
      "SET search_path = pg_catalog; SET standard_conforming_strings = on; "
      "SET default_transaction_isolation = 'read committed'; "
      // Over partitions, PostgreSQL would plan many of them at each call.
      "SET plan_cache_mode = force_generic_plan; SET lock_timeout = " +
      std::to_string(lock_timeout_ms(options.lock_timeout)) + "; ";
  // What the server was told to wait for is kept, as long as it waits for its own disk at least.
  settings += options.durability == Durability::none
                  ? "SET synchronous_commit = off"
                  : "SELECT set_config('synchronous_commit', 'on', false) "
                    "WHERE current_setting('synchronous_commit') = 'off'";
  return run_all(settings.c_str());
}

bool PostgresConnection::is_usable() const {
  return !lost_ && process_epoch() == opened_by_ &&
         library_.status(connection_) == PostgresLibrary::connection_ok;
}

std::unexpected<Error> PostgresConnection::failure(const pg_result* result) {
  const auto field = [&](int which) {
    const char* const text = result == nullptr ? nullptr : library_.resultErrorField(result, which);
    return std::string{text == nullptr ? "" : text};
  };
  const std::string state = field(PostgresLibrary::state_field);
  std::string said = field(PostgresLibrary::message_field);
  if (const std::string detail = field(PostgresLibrary::detail_field); !detail.empty())
    said += " (" + detail + ")";
  if (said.empty()) said = library_.errorMessage(connection_);
  said = one_line(address_.without_secrets(std::move(said)));
  const bool connected = library_.status(connection_) == PostgresLibrary::connection_ok;
  read_only_ = state == "25006";
  lost_ = !connected || read_only_ || state.empty() || state.starts_with("08") ||
          state.starts_with("57P");
  may_try_again_ = state.starts_with("40");
  locked_out_ = state == "55P03";
  stood_still_ = std::chrono::steady_clock::now() - began_ > lock_timeout_ + late;
  const PostgresMeaning meaning =
      state.empty() ? meaning_of_refusal(said) : meaning_of_state(state);
  std::string hint = meaning.hint;
  if (const std::string given = field(PostgresLibrary::hint_field); !given.empty() && hint.empty())
    hint = given;
  const char* const attempt =
      connected ? "PostgreSQL refuses this: " : "PostgreSQL is out of reach: ";
  return fail(meaning.code, attempt + said + " (" + place_ + ")", std::move(hint));
}

void PostgresConnection::note(const pg_result* notice) {
  const char* const by = library_.resultErrorField(notice, PostgresLibrary::function_field);
  if (by != nullptr && by == stops_waiting) unconfirmed_ = true;
}

// The server has committed, and says so, although its wait for a standby was cancelled: what is
// asked for once more waits for that standby again.
std::unexpected<Error> PostgresConnection::unconfirmed() {
  lost_ = true;
  return fail(
      Code::io,
      "no standby has confirmed this: PostgreSQL was told to wait no longer (" + place_ + ")",
      "see that the synchronous standby runs");
}

// Of several servers one may stand still, as a whole machine does, while another takes its place:
// what was asked of it is not answered for as long as that lasts. False: so it is.
bool PostgresConnection::is_answered() {
  if (!address_.follows_primary()) return true;
  while (library_.isBusy(connection_) == 1) {
    pollfd readable{library_.socket(connection_), POLLIN, 0};
    const int ready = ::poll(&readable, 1, silence_ms);
    if (ready == 0 && is_replaced()) return false;
    if (ready > 0 && library_.consumeInput(connection_) != 1) return true;
  }
  return true;
}

bool PostgresConnection::is_replaced() const {
  pg_conn* const other = connect(library_, address_);
  const bool replaced = library_.status(other) == PostgresLibrary::connection_ok &&
                        place_of(library_, other) != place_;
  library_.finish(other);
  return replaced;
}

std::unexpected<Error> PostgresConnection::silent() {
  lost_ = true;
  return fail(Code::io, "PostgreSQL does not answer, and another server has taken its place (" +
                            place_ + ")");
}

Result<PostgresRows> PostgresConnection::answer_to(int sent) {
  if (sent != 1) return failure(nullptr);
  std::optional<PostgresRows> last;
  for (;;) {
    if (!is_answered()) return silent();
    pg_result* const next = library_.getResult(connection_);
    if (next == nullptr) break;
    last.emplace(library_, next);
  }
  if (!last) return failure(nullptr);
  const int status = library_.resultStatus(last->result());
  if (status != PostgresLibrary::tuples_ok && status != PostgresLibrary::command_ok)
    return failure(last->result());
  if (unconfirmed_) return unconfirmed();
  return std::move(*last);
}

Result<std::string> PostgresConnection::prepared(const char* statement) {
  if (const auto known = prepared_.find(statement); known != prepared_.end()) return known->second;
  const std::string text = with_schema(statement, postgres_identifier(address_.schema));
  // Behind a pooler that mixes connections up, no other statement is found by this name.
  std::string name = "agentstore_" + std::to_string(std::hash<std::string>{}(text));
  begin_statement();
  auto made = answer_to(library_.sendPrepare(connection_, name.c_str(), text.c_str(), 0, nullptr));
  if (!made) return std::unexpected(made.error());
  return prepared_.emplace(statement, std::move(name)).first->second;
}

namespace {

std::vector<const char*> pointers_to(const PostgresValues& values) {
  std::vector<const char*> pointers;
  for (const auto& value : values.all()) pointers.push_back(value ? value->c_str() : nullptr);
  return pointers;
}

}  // namespace

Result<PostgresRows> PostgresConnection::query(const char* statement,
                                               const PostgresValues& values) {
  const auto name = prepared(statement);
  if (!name) return std::unexpected(name.error());
  const auto pointers = pointers_to(values);
  begin_statement();
  return answer_to(library_.sendQueryPrepared(connection_, name->c_str(),
                                              static_cast<int>(pointers.size()), pointers.data(),
                                              nullptr, nullptr, 1));
}

Result<void> PostgresConnection::run(const char* statement, const PostgresValues& values) {
  const auto rows = query(statement, values);
  if (!rows) return std::unexpected(rows.error());
  return {};
}

Result<void> PostgresConnection::run_all(const char* statements) {
  begin_statement();
  const auto rows = answer_to(library_.sendQuery(connection_, statements));
  if (!rows) return std::unexpected(rows.error());
  return {};
}

void PostgresConnection::roll_back() {
  const auto before = std::tuple{may_try_again_, locked_out_, stood_still_};
  (void)run_all("ROLLBACK");
  std::tie(may_try_again_, locked_out_, stood_still_) = before;
}

bool PostgresConnection::is_held_up() {
  if (!locked_out_ || stood_still_) return locked_out_;
  const auto rows =
      query("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep')");
  return rows && rows->is_true(0, 0);
}

Result<std::vector<PostgresRows>> PostgresConnection::query_each(
    const char* statement, std::span<const PostgresValues> values) {
  const auto name = prepared(statement);
  if (!name) return std::unexpected(name.error());
  begin_statement();
  library_.enterPipelineMode(connection_);
  for (const PostgresValues& each : values) {
    const auto pointers = pointers_to(each);
    library_.sendQueryPrepared(connection_, name->c_str(), static_cast<int>(pointers.size()),
                               pointers.data(), nullptr, nullptr, 1);
  }
  library_.pipelineSync(connection_);
  std::vector<PostgresRows> all;
  std::optional<std::unexpected<Error>> failed;
  bool committed = false;
  // Each statement's results end with a null; so does a connection that is lost.
  for (std::size_t nulls = 0; !committed && nulls <= values.size();) {
    if (!is_answered()) return silent();
    pg_result* const result = library_.getResult(connection_);
    if (result == nullptr) {
      ++nulls;
      continue;
    }
    PostgresRows rows{library_, result};
    const int status = library_.resultStatus(result);
    if (status == PostgresLibrary::pipeline_sync) committed = true;
    else if (status == PostgresLibrary::tuples_ok) all.push_back(std::move(rows));
    else if (status != PostgresLibrary::pipeline_aborted && !failed) failed = failure(result);
  }
  library_.exitPipelineMode(connection_);
  if (failed) return *failed;
  if (!committed || all.size() != values.size()) {
    auto unknown = failure(nullptr);
    lost_ = true;
    return unknown;
  }
  if (unconfirmed_) return unconfirmed();
  return all;
}

}  // namespace agentstore
