#include "backends/postgres_errors.hpp"

#include <algorithm>
#include <array>

namespace agentstore {
namespace {

constexpr const char* find_server = "see that the server runs there, and can be reached";
constexpr const char* give_password =
    "give the user and the password that the server knows: in ~/.pgpass, by PGPASSFILE or "
    "PGSERVICE";
constexpr const char* make_database = "make the database (createdb NAME), or name another one";
constexpr const char* wait_for_connection = "the server has no connection left: try again";
constexpr const char* keep_connection =
    "a pooler has to keep a connection for its client: pool_mode=session";

struct Meaning {
  std::string_view words;  // how an SQLSTATE begins, or what is said somewhere in a refusal
  PostgresMeaning meaning;
};
constexpr std::array meanings = {
    Meaning{"08", {Code::io, find_server}},
    Meaning{"28", {Code::io, give_password}},
    Meaning{"3D000", {Code::not_found, make_database}},
    Meaning{
        "42501",
        {Code::io,
         "have the owner of the schema grant it: USAGE on the schema, EXECUTE on its functions, "
         "SELECT to read, INSERT and UPDATE to write; to make a store: CREATE on the database"}},
    Meaning{
        "25006",
        {Code::io,
         "this server may only be read: name all servers, and target_session_attrs=read-write"}},
    Meaning{"53100", {Code::io, "make room on the server's disk"}},
    Meaning{"53300", {Code::busy, wait_for_connection}},
    Meaning{"55P03", {Code::busy, "another writer keeps the session locked: try again"}},
    Meaning{"57014", {Code::busy, "the server cut it short (statement_timeout): try again"}},
    Meaning{"40", {Code::busy, "try again"}},
    Meaning{"57P", {Code::io, "the server goes down or comes up: try again"}},
    Meaning{"53", {Code::io, "the server is out of something"}},
    Meaning{"54", {Code::invalid, ""}},
    Meaning{"23505", {Code::conflict, ""}},
    Meaning{"22", {Code::invalid, ""}},
    Meaning{"XX001", {Code::corrupt, "bring it back from a backup"}},
    Meaning{"XX002", {Code::corrupt, "reindex it"}},
    Meaning{"42P05", {Code::unsupported, keep_connection}},
    Meaning{"26000", {Code::unsupported, keep_connection}},
    Meaning{"42", {Code::unsupported, "is the schema one of this program's?"}}};

constexpr std::array refusals = {
    Meaning{"too many c", {Code::busy, wait_for_connection}},
    Meaning{"remaining connection slots", {Code::busy, wait_for_connection}},
    Meaning{"password", {Code::io, give_password}},
    Meaning{"authentication", {Code::io, give_password}},
    Meaning{
        "pg_hba.conf",
        {Code::io, "have pg_hba.conf of the server let this user in, from here, to this database"}},
    Meaning{"permission denied for database",
            {Code::io, "have it granted: CONNECT on the database"}},
    Meaning{"not currently accepting connections", {Code::io, find_server}},
    Meaning{"role \"", {Code::io, give_password}},
    Meaning{"database \"", {Code::not_found, make_database}},
    Meaning{"session is read-only",
            {Code::io, "none of these servers may be written now: see which one is the primary"}}};

template <class Table, class Is>
PostgresMeaning found(const Table& table, PostgresMeaning otherwise, Is is) {
  const auto one = std::ranges::find_if(table, is, &Meaning::words);
  return one == table.end() ? otherwise : one->meaning;
}

}  // namespace

PostgresMeaning meaning_of_state(std::string_view state) {
  return found(meanings, {Code::io, ""},
               [&](std::string_view words) { return state.starts_with(words); });
}

PostgresMeaning meaning_of_refusal(std::string_view said) {
  return found(refusals, {Code::io, find_server},
               [&](std::string_view words) { return said.find(words) != said.npos; });
}

}  // namespace agentstore
