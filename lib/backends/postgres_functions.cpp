// The functions that seal, as log/assemble.hpp does: who is refused, which numbers the others get,
// and their hashes.

#include "backends/postgres_schema.hpp"

namespace agentstore {

// A feed reads up to the lowest position that a transaction under way may still take. Each says so
// before it takes one, by a lock that ends with it: the last position taken until then, beside a
// mark of the store. That it did so it notes in a setting that ends with it, too: a lock for each
// of many appends would fill the server's table of locks. Before the first position of all is
// taken there is no last one, so that one is taken for nothing. The row of a session is locked
// before, so that who waits holds up no feed.
//
// Statements are planned once: over partitions, PostgreSQL would plan some of them at each call. A
// function in SQL that is one expression becomes a part of the expression it is called in, as long
// as it is not said to be less volatile than that; else it is planned at each call, which takes
// longer than the append. What is refused comes back as a row with a problem, so that one of
// several in a transaction can be.
const char* const postgres_functions = R"(
CREATE OR REPLACE FUNCTION @S@.time_of(event_time text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN left(event_time, 4) = '0000'
    THEN ('0001' || substr(event_time, 5, 22) || 'Z BC')::timestamptz
    ELSE (left(event_time, 26) || 'Z')::timestamptz END
$$;
CREATE OR REPLACE FUNCTION @S@.no_time(at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
  RAISE EXCEPTION 'a log has no such time: "%"', at
    USING ERRCODE = 'datetime_field_overflow', HINT = 'The years are 0001 to 9999.';
END
$$;
CREATE OR REPLACE FUNCTION @S@.time_text(at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN at < '0001-01-01Z'::timestamptz OR at >= '10000-01-01Z'::timestamptz
    THEN @S@.no_time(at)
    ELSE to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"000Z"') END
$$;
CREATE OR REPLACE FUNCTION @S@.new_event_id(at timestamptz) RETURNS text
LANGUAGE sql VOLATILE AS $$
  SELECT overlay(lpad(to_hex(floor(date_part('epoch', at) * 1000)::bigint), 12, '0')
                 PLACING '-' FROM 9 FOR 0) || '-7' || substr(gen_random_uuid()::text, 16)
$$;
CREATE OR REPLACE FUNCTION @S@.new_salt() RETURNS bytea LANGUAGE sql VOLATILE AS $$
  SELECT substr(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 1, 16)
$$;
CREATE OR REPLACE FUNCTION @S@.told_tokens(event_type text, payload text, metadata text)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  counted bigint;
BEGIN
  IF strpos(payload, '"token_count"') > 0 THEN
    BEGIN
      counted := (payload::json ->> 'token_count')::bigint;
    EXCEPTION WHEN data_exception THEN  -- it has U+0000, or is no number
      counted := NULL;
    END;
  END IF;
  IF counted IS NULL AND event_type IN ('llm_request', 'llm_response') THEN
    BEGIN
      counted := COALESCE((metadata::json ->> 'tokens_in')::bigint, 0) +
                 COALESCE((metadata::json ->> 'tokens_out')::bigint, 0);
    EXCEPTION WHEN data_exception THEN
      counted := NULL;
    END;
  END IF;
  RETURN counted;
END
$$;
CREATE OR REPLACE FUNCTION @S@.token_count_of(event_type text, payload text, metadata text)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN strpos(payload, '"token_count"') > 0 OR
                   event_type = 'llm_request' OR event_type = 'llm_response'
    THEN @S@.told_tokens(event_type, payload, metadata) END
$$;
CREATE OR REPLACE FUNCTION @S@.mark() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT ('@S@.positions'::regclass::oid::bigint & 32767) << 48
$$;
CREATE OR REPLACE FUNCTION @S@.announce_positions() RETURNS boolean LANGUAGE sql VOLATILE AS $$
  SELECT CASE WHEN current_setting('agentstore.announced', true) = @S@.mark()::text THEN true
    ELSE pg_advisory_xact_lock_shared(@S@.mark() | COALESCE(
             pg_sequence_last_value('@S@.positions'), nextval('@S@.positions'))) IS NOT NULL AND
         set_config('agentstore.announced', @S@.mark()::text, true) IS NOT NULL END
$$;
CREATE OR REPLACE FUNCTION @S@.session_end(
  the_session text, OUT version bigint, OUT head bytea, OUT size_bytes bigint, OUT problem text)
LANGUAGE plpgsql AS $$
DECLARE
  last_hash bytea;
BEGIN
  SELECT s.version, s.head, s.size_bytes INTO version, head, size_bytes
    FROM @S@.sessions s WHERE s.id = the_session FOR UPDATE;
  IF NOT FOUND THEN
    problem := 'unknown';
  ELSIF version > 0 THEN
    SELECT e.hash INTO last_hash FROM @S@.events e
     WHERE e.session_id = the_session AND e.sequence_number = version;
    IF NOT FOUND THEN
      problem := 'lost';
    ELSIF last_hash <> head THEN
      problem := 'damaged';
    END IF;
  END IF;
END
$$;
CREATE OR REPLACE FUNCTION @S@.refusal(
  version bigint, head bytea, expected bigint, expected_head text)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN expected <> version THEN 'version'
              WHEN expected_head <> encode(head, 'hex') THEN 'head' END
$$;
CREATE OR REPLACE FUNCTION @S@.line_start(
  the_session text, number bigint, event_type text, event_time text, recorded_at text,
  metadata text, event_id text, batch text)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT '{"session_id":' || to_json(the_session)::text || ',"sequence_number":' || number::text ||
         ',"type":"' || event_type || '","timestamp":"' || event_time ||
         COALESCE('","recorded_at":"' || recorded_at, '') || '","metadata":' || metadata ||
         ',"event_id":' || to_json(event_id)::text || batch
$$;
CREATE OR REPLACE FUNCTION @S@.line_bytes(line_start text, payload text) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
  SELECT octet_length(line_start) + octet_length(payload) + 203
$$;
CREATE OR REPLACE FUNCTION @S@.hashed_text(line_start text, salt bytea, payload text) RETURNS text
LANGUAGE sql STABLE AS $$
  SELECT line_start || ',"payload_hash":"' ||
         encode(sha256(salt || convert_to(payload, 'UTF8')), 'hex') || '","prev":"'
$$;
CREATE OR REPLACE FUNCTION @S@.sealed(hashed_text text, prev bytea) RETURNS bytea
LANGUAGE sql STABLE AS $$
  SELECT sha256(E'\\x00'::bytea || convert_to(hashed_text || encode(prev, 'hex') || '"}', 'UTF8'))
$$;
CREATE OR REPLACE FUNCTION @S@.next_link(link bytea, head bytea, hashed_text text) RETURNS bytea
LANGUAGE plpgsql STABLE AS $$
DECLARE
  prev bytea := COALESCE(substr(link, 33), head);
BEGIN
  RETURN prev || @S@.sealed(hashed_text, prev);
END
$$;
CREATE OR REPLACE AGGREGATE @S@.chain(head bytea, hashed_text text) (
  SFUNC = @S@.next_link, STYPE = bytea
);
CREATE OR REPLACE FUNCTION @S@.append_one(
  the_session text, type text, payload text, metadata text, given_id text, event_time text,
  salt bytea, new_id text, expected bigint, expected_head text, again boolean,
  OUT number bigint, OUT id text, OUT hash text, OUT duplicate boolean, OUT problem text)
LANGUAGE plpgsql AS $$
<<work>>
DECLARE
  before record;
  stored record;
  clock timestamptz;
  recorded text;
  start text;
  end_bytes bigint;
  head bytea;
BEGIN
  before := @S@.session_end(the_session);
  number := before.version;
  id := COALESCE(given_id, new_id);
  problem := before.problem;
  IF problem IS NULL AND (given_id IS NOT NULL OR again) THEN
    SELECT e.sequence_number, e.hash, e.salt,
           e.event_type = type AND e.metadata = append_one.metadata AND
           (e.redacted IS NOT NULL OR e.payload = append_one.payload) AS same
      INTO stored FROM @S@.events e WHERE e.session_id = the_session AND e.event_id = id;
    IF FOUND AND NOT stored.same THEN
      problem := 'taken';
    ELSIF FOUND THEN
      number := stored.sequence_number;
      hash := encode(stored.hash, 'hex');
      -- An attempt whose answer was lost: it is ours.
      duplicate := NOT (again AND stored.salt IS NOT DISTINCT FROM append_one.salt);
      RETURN;
    END IF;
  END IF;
  problem := COALESCE(problem,
                      @S@.refusal(before.version, before.head, expected, expected_head));
  IF problem IS NOT NULL THEN
    RETURN;
  END IF;
  IF NOT @S@.announce_positions() THEN
    RAISE EXCEPTION 'no position can be announced';
  END IF;
  clock := clock_timestamp();
  id := COALESCE(id, @S@.new_event_id(clock));
  salt := COALESCE(salt, @S@.new_salt());
  IF event_time IS NULL THEN
    event_time := @S@.time_text(clock);
  ELSE
    recorded := @S@.time_text(clock);
    clock := @S@.time_of(event_time);
  END IF;
  number := number + 1;
  start := @S@.line_start(the_session, number, type, event_time, recorded, metadata, id, '');
  end_bytes := before.size_bytes + @S@.line_bytes(start, payload);
  IF end_bytes - before.size_bytes > 67108864 THEN
    RAISE EXCEPTION 'the line of the event is over 64 MiB' USING ERRCODE = 'program_limit_exceeded';
  END IF;
  head := @S@.sealed(@S@.hashed_text(start, salt, payload), before.head);
  hash := encode(head, 'hex');
  duplicate := false;
  INSERT INTO @S@.events (session_id, sequence_number, position, event_id, event_type, occurred_at,
      token_count, end_bytes, salt, prev, hash, event_time, recorded_at, metadata, payload)
    VALUES (the_session, number, nextval('@S@.positions'), id, type, clock,
      @S@.token_count_of(type, payload, metadata), end_bytes, salt, before.head, head, event_time,
      recorded, metadata, payload);
  UPDATE @S@.sessions s
     SET version = number, head = work.head, sealed = true, updated_at = event_time,
         size_bytes = end_bytes
   WHERE s.id = the_session;
END
$$;
CREATE OR REPLACE FUNCTION @S@.append_events(
  the_session text, types text[], payloads text[], metadatas text[], ids text[], times text[],
  salts bytea[], new_ids text[], expected bigint, expected_head text, again boolean)
RETURNS TABLE (place integer, number bigint, id text, hash text, duplicate boolean, problem text)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
<<work>>
DECLARE
  total CONSTANT integer := cardinality(types);
  before record;
  stored record;
  stored_numbers bigint[] := array_fill(NULL::bigint, ARRAY[total]);
  stored_hashes bytea[] := array_fill(NULL::bytea, ARRAY[total]);
  doubles boolean[] := array_fill(NULL::boolean, ARRAY[total]);
  places integer[];
  numbers bigint[];
  fresh integer;
  clock timestamptz;
  clock_text text;
  first_new bigint;
  last_new bigint;
  batch text := '';
BEGIN
  IF total = 1 THEN
    stored := @S@.append_one(the_session, types[1], payloads[1], metadatas[1], ids[1], times[1],
                             salts[1], new_ids[1], expected, expected_head, again);
    place := 1;
    number := stored.number;
    id := stored.id;
    hash := stored.hash;
    duplicate := stored.duplicate;
    problem := stored.problem;
    RETURN NEXT;
    RETURN;
  END IF;
  before := @S@.session_end(the_session);
  number := before.version;
  problem := before.problem;
  IF problem IS NULL AND (again OR cardinality(array_remove(ids, NULL)) > 0) THEN
    FOR stored IN
      SELECT k.i, e.sequence_number, e.hash, e.salt,
             e.event_type = types[k.i] AND e.metadata = metadatas[k.i] AND
             (e.redacted IS NOT NULL OR e.payload = payloads[k.i]) AS same
        FROM (SELECT u.i::integer, COALESCE(u.id, CASE WHEN again THEN u.new_id END) AS event_id
                FROM unnest(ids, new_ids) WITH ORDINALITY AS u(id, new_id, i)) AS k
        JOIN @S@.events e ON e.session_id = the_session AND e.event_id = k.event_id
       ORDER BY k.i
    LOOP
      IF NOT stored.same THEN
        place := stored.i;
        problem := 'taken';
        EXIT;
      END IF;
      stored_numbers[stored.i] := stored.sequence_number;
      stored_hashes[stored.i] := stored.hash;
      -- An attempt whose answer was lost: it is ours.
      doubles[stored.i] := NOT (again AND stored.salt IS NOT DISTINCT FROM salts[stored.i]);
    END LOOP;
  END IF;
  places := ARRAY(SELECT s.i FROM unnest(stored_numbers) WITH ORDINALITY AS s(number, i)
                   WHERE s.number IS NULL ORDER BY s.i);
  fresh := cardinality(places);
  IF problem IS NULL AND fresh > 0 THEN
    problem := @S@.refusal(before.version, before.head, expected, expected_head);
  END IF;
  IF problem IS NOT NULL THEN
    RETURN NEXT;
    RETURN;
  END IF;
  IF fresh > 0 THEN
    IF NOT @S@.announce_positions() THEN
      RAISE EXCEPTION 'no position can be announced';
    END IF;
    IF fresh > 1 THEN
      first_new := before.version + 1;
      last_new := before.version + fresh;
      batch := ',"batch":[' || first_new || ',' || last_new || ']';
    END IF;
    numbers := ARRAY(SELECT CASE WHEN s.number IS NULL THEN before.version +
                              count(*) FILTER (WHERE s.number IS NULL) OVER (ORDER BY s.i) END
                       FROM unnest(stored_numbers) WITH ORDINALITY AS s(number, i) ORDER BY s.i);
    clock := clock_timestamp();
    clock_text := @S@.time_text(clock);
    RETURN QUERY
      INSERT INTO @S@.events AS e (session_id, sequence_number, position, event_id, event_type,
          occurred_at, token_count, end_bytes, batch_first, batch_last, salt, prev, hash,
          event_time, recorded_at, metadata, payload)
        SELECT the_session, l.number, nextval('@S@.positions'), l.event_id, l.type,
               CASE WHEN l.recorded IS NULL THEN clock ELSE @S@.time_of(l.time) END,
               @S@.token_count_of(l.type, l.payload, l.metadata), l.end_bytes, first_new, last_new,
               l.salt, substr(l.link, 1, 32), substr(l.link, 33), l.time, l.recorded, l.metadata,
               l.payload
          FROM (SELECT s.*,
                       @S@.chain(before.head, @S@.hashed_text(s.start, s.salt, s.payload)) OVER w
                         AS link,
                       before.size_bytes + sum(@S@.line_bytes(s.start, s.payload)) OVER w
                         AS end_bytes
                  FROM (SELECT n.*, @S@.line_start(the_session, n.number, n.type, n.time,
                                                   n.recorded, n.metadata, n.event_id, batch)
                                 AS start
                          FROM (SELECT u.number, u.type, u.payload, u.metadata,
                                       COALESCE(u.time, clock_text) AS time,
                                       CASE WHEN u.time IS NOT NULL THEN clock_text END AS recorded,
                                       COALESCE(u.id, u.new_id, @S@.new_event_id(clock))
                                         AS event_id,
                                       COALESCE(u.salt, @S@.new_salt()) AS salt
                                  FROM unnest(numbers, types, payloads, metadatas, times, ids,
                                              new_ids, salts)
                                    AS u(number, type, payload, metadata, time, id, new_id, salt)
                                 WHERE u.number IS NOT NULL) AS n
                        OFFSET 0) AS s
                WINDOW w AS (ORDER BY s.number ROWS UNBOUNDED PRECEDING)) AS l
      RETURNING places[e.sequence_number - before.version], e.sequence_number, e.event_id,
                encode(e.hash, 'hex'), false, NULL::text;
    UPDATE @S@.sessions s
       SET version = e.sequence_number, head = e.hash, size_bytes = e.end_bytes, sealed = true,
           updated_at = e.event_time
      FROM @S@.events e
     WHERE s.id = the_session AND e.session_id = the_session AND
           e.sequence_number = before.version + fresh;
  END IF;
  IF fresh < total THEN
    RETURN QUERY
      SELECT s.i::integer, s.number, COALESCE(ids[s.i], new_ids[s.i]), encode(s.hash, 'hex'),
             s.double, NULL::text
        FROM unnest(stored_numbers, stored_hashes, doubles) WITH ORDINALITY
          AS s(number, hash, double, i)
       WHERE s.number IS NOT NULL;
  END IF;
END
$$;
CREATE OR REPLACE FUNCTION @S@.place_before(the_session text, last_number bigint, at bigint)
RETURNS TABLE (number bigint, end_at bigint)
LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  low bigint := 0;
  low_end bigint := 0;
  high bigint;
  high_end bigint;
  middle bigint := last_number;
  tries integer := 0;
  stored record;
BEGIN
  number := 0;
  end_at := 0;
  LOOP
    SELECT e.sequence_number, e.end_bytes INTO stored FROM @S@.events e
     WHERE e.session_id = the_session AND e.sequence_number > low AND e.sequence_number <= middle
     ORDER BY e.sequence_number DESC LIMIT 1;
    IF NOT FOUND THEN
      low := middle;
    ELSIF stored.end_bytes <= at THEN
      low := middle;
      low_end := stored.end_bytes;
      number := stored.sequence_number;
      end_at := stored.end_bytes;
    ELSE
      high := stored.sequence_number;
      high_end := stored.end_bytes;
    END IF;
    EXIT WHEN high IS NULL OR high - low <= 1;
    -- Most lines are about equally long; where they are not, half of what is left is as good.
    tries := tries + 1;
    middle := low + CASE
      WHEN tries % 4 = 0 OR high_end <= low_end THEN (high - low) / 2
      ELSE 1 + floor((high - low) * ((at - low_end)::double precision / (high_end - low_end))) END;
    middle := greatest(low + 1, least(middle, high - 1));
  END LOOP;
  RETURN NEXT;
END
$$;
CREATE OR REPLACE FUNCTION @S@.append_at(
  session_id text, event_type text, payload text, event_id text, expected bigint, metadata text,
  event_time text)
RETURNS @S@.receipt LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  told record;
  receipt @S@.receipt;
BEGIN
  told := @S@.append_one(
    session_id, @S@.checked_type(event_type), @S@.checked_json('payload', payload),
    CASE WHEN metadata = '{}' THEN metadata ELSE @S@.checked_metadata(metadata) END,
    CASE WHEN event_id IS NOT NULL THEN @S@.checked_event_id(event_id) END, event_time, NULL, NULL,
    expected, NULL, false);
  IF told.problem IS NULL THEN
    receipt.sequence_number := told.number;
    receipt.event_id := told.id;
    receipt.hash := told.hash;
    receipt.duplicate := told.duplicate;
    RETURN receipt;
  ELSIF told.problem = 'unknown' THEN
    RAISE EXCEPTION 'there is no session "%"', session_id USING ERRCODE = 'no_data_found',
      HINT = 'Insert it into agent_sessions, or create it with agentstore.';
  ELSIF told.problem = 'version' THEN
    RAISE EXCEPTION 'version % was expected, and session "%" is at %', expected, session_id,
      told.number USING ERRCODE = 'unique_violation', HINT = 'Read what is new, and try again.';
  ELSIF told.problem = 'taken' THEN
    RAISE EXCEPTION 'event id "%" is taken by an event with another type, metadata or payload',
      event_id USING ERRCODE = 'unique_violation';
  END IF;
  RAISE EXCEPTION 'the end of session "%" is %: nothing is appended', session_id, told.problem
    USING ERRCODE = 'data_corrupted', HINT = 'Run `agentstore verify`.';
END
$$;
CREATE OR REPLACE FUNCTION @S@.append(
  session_id text, event_type text, payload text, event_id text DEFAULT NULL,
  expected bigint DEFAULT NULL, metadata text DEFAULT '{}')
RETURNS @S@.receipt LANGUAGE sql AS $$
  SELECT @S@.append_at(session_id, event_type, payload, event_id, expected, metadata, NULL)
$$;
)";

}  // namespace agentstore
