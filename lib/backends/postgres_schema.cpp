#include "backends/postgres_schema.hpp"

namespace agentstore {
namespace {

constexpr std::string_view placeholder = "@S@";
constexpr int partitions = 8;

}  // namespace

// Event ids and numbers are unique by session, so that a partition holds whole sessions: those of a
// month could not keep them unique.
const char* const postgres_tables = R"(
CREATE TABLE @S@.agentstore_format (format integer NOT NULL);
CREATE TABLE @S@.sessions (
  id text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL DEFAULT '',
  labels text NOT NULL DEFAULT '{}',
  created_at text NOT NULL,
  started_at timestamptz NOT NULL,
  agent_id text,
  agent_type text,
  user_id text,
  version bigint NOT NULL DEFAULT 0,
  head bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
  size_bytes bigint NOT NULL DEFAULT 0,
  sealed boolean NOT NULL DEFAULT false,
  updated_at text,
  rewrites bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);
CREATE INDEX sessions_name ON @S@.sessions (name) WHERE name <> '';
CREATE SEQUENCE @S@.positions MINVALUE 0 START WITH 0;
SELECT nextval('@S@.positions');
CREATE TABLE @S@.events (
  session_id text COLLATE "C" NOT NULL,
  sequence_number bigint NOT NULL,
  position bigint NOT NULL,
  event_id text COLLATE "C",
  event_type text COLLATE "C" NOT NULL,
  occurred_at timestamptz NOT NULL,
  token_count bigint,
  end_bytes bigint NOT NULL,
  batch_first bigint,
  batch_last bigint,
  redacted bigint,
  salt bytea,
  payload_hash bytea,
  prev bytea,
  hash bytea,
  event_time text NOT NULL,
  recorded_at text,
  metadata text NOT NULL,
  payload text NOT NULL,
  line text,
  PRIMARY KEY (session_id, sequence_number),
  UNIQUE (session_id, event_id)
) PARTITION BY HASH (session_id);
CREATE INDEX events_position ON @S@.events (position);
CREATE TABLE @S@.snapshots (
  session_id text COLLATE "C" NOT NULL,
  projection text COLLATE "C" NOT NULL,
  cache_key text COLLATE "C" NOT NULL,
  sequence_number bigint NOT NULL,
  snapshot text NOT NULL,
  PRIMARY KEY (session_id, projection, cache_key, sequence_number)
);
CREATE TABLE @S@.checkpoints (
  session_id text COLLATE "C" NOT NULL,
  size bigint NOT NULL,
  note text NOT NULL,
  PRIMARY KEY (session_id, size)
);
CREATE TABLE @S@.quarantine (
  session_id text COLLATE "C" NOT NULL,
  lines text NOT NULL,
  kept_at timestamptz NOT NULL DEFAULT now()
);
CREATE TYPE @S@.receipt AS (sequence_number bigint, event_id text, hash text, duplicate boolean);
)";

std::string postgres_identifier(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

std::string with_schema(std::string_view text, std::string_view schema) {
  std::string out;
  for (std::size_t at = text.find(placeholder); at != text.npos; at = text.find(placeholder)) {
    out.append(text.substr(0, at)).append(schema);
    text.remove_prefix(at + placeholder.size());
  }
  return out.append(text);
}

std::string postgres_schema(std::string_view name) {
  const std::string schema = postgres_identifier(name);
  // Not by IF NOT EXISTS, which asks for the right to make one even where it is there.
  std::string out = "DO $$ BEGIN IF to_regnamespace('" + schema + "') IS NULL THEN CREATE SCHEMA " +
                    schema + "; END IF; END $$;\n";
  out += with_schema(postgres_tables, schema);
  for (int i = 0; i < partitions; ++i)
    out += "CREATE TABLE " + schema + ".events_" + std::to_string(i) + " PARTITION OF " + schema +
           ".events FOR VALUES WITH (MODULUS " + std::to_string(partitions) + ", REMAINDER " +
           std::to_string(i) + ");\n";
  for (const char* const part : {postgres_checks, postgres_functions, postgres_views})
    out += with_schema(part, schema);
  out += "INSERT INTO " + schema + ".agentstore_format VALUES (" + std::to_string(postgres_format) +
         ");\n";
  return out;
}

// As the owner of what is there, whoever asks. Functions are made anew, and those first taken away
// that gave something else; who holds rights on the others keeps these.
std::string postgres_upgrade(std::string_view name) {
  const std::string schema = postgres_identifier(name);
  std::string out =
      "SELECT set_config('role', (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = '" +
      schema + ".agentstore_format'::regclass), true);\n";
  for (const char* const gone : {".new_event_id()", ".announce_positions()"})
    out += "DROP FUNCTION IF EXISTS " + schema + gone + ";\n";
  for (const char* const part : {postgres_checks, postgres_functions})
    out += with_schema(part, schema);
  out += "UPDATE " + schema + ".agentstore_format SET format = " + std::to_string(postgres_format) +
         ";\n";
  return out;
}

}  // namespace agentstore
