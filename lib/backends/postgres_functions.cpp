// The functions that seal, as log/assemble.hpp does: who is refused, which numbers the others get,
// and their hashes.

#include "backends/postgres_schema.hpp"

namespace agentstore {

// A feed reads up to the lowest position that a transaction under way may still take. Each says so
// before it takes one, by a lock that ends with it: the last position taken until then, beside a
// mark of the store. The row of a session is locked before, so that who waits holds up no feed.
//
// Its statements are planned once: over partitions, PostgreSQL would plan some of them at each
// call. What is refused comes back as a row with a problem, so that one of several in a transaction
// can be.
const char* const postgres_functions = R"(
CREATE FUNCTION @S@.time_of(event_time text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN left(event_time, 4) = '0000'
    THEN ('0001' || substr(event_time, 5, 22) || 'Z BC')::timestamptz
    ELSE (left(event_time, 26) || 'Z')::timestamptz END
$$;
CREATE FUNCTION @S@.time_text(at timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"000Z"')
$$;
CREATE FUNCTION @S@.new_event_id() RETURNS text LANGUAGE sql VOLATILE AS $$
  SELECT substr(ms, 1, 8) || '-' || substr(ms, 9, 4) || '-7' || substr(random, 14, 3) || '-' ||
         substr(random, 17, 4) || '-' || substr(random, 21, 12)
    FROM (SELECT lpad(to_hex(floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0')
                   AS ms,
                 replace(gen_random_uuid()::text, '-', '') AS random) AS parts
$$;
CREATE FUNCTION @S@.new_salt() RETURNS bytea LANGUAGE sql VOLATILE AS $$
  SELECT substring(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
                   FROM 1 FOR 16)
$$;
CREATE FUNCTION @S@.token_count_of(event_type text, payload text, metadata text) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
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
CREATE FUNCTION @S@.mark() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT ('@S@.positions'::regclass::oid::bigint & 32767) << 48
$$;
CREATE FUNCTION @S@.announce_positions() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(@S@.mark() | (SELECT last_value FROM @S@.positions));
END
$$;
CREATE FUNCTION @S@.append_events(
  the_session text, types text[], payloads text[], metadatas text[], ids text[], times text[],
  salts bytea[], new_ids text[], expected bigint, expected_head text, again boolean)
RETURNS TABLE (place integer, number bigint, id text, hash text, duplicate boolean, problem text)
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
<<work>>
DECLARE
  total CONSTANT integer := cardinality(types);
  fresh integer := total;
  version bigint;
  head bytea;
  last_hash bytea;
  end_at bigint;
  stored record;
  clock timestamptz;
  clock_text text;
  batch text := '';
  first_new bigint;
  last_new bigint;
  envelope text;
  last_time text;
  out_numbers bigint[] := array_fill(NULL::bigint, ARRAY[total]);
  out_ids text[] := array_fill(NULL::text, ARRAY[total]);
  out_times text[] := array_fill(NULL::text, ARRAY[total]);
  out_recorded text[] := array_fill(NULL::text, ARRAY[total]);
  out_ends bigint[] := array_fill(NULL::bigint, ARRAY[total]);
  out_salts bytea[] := array_fill(NULL::bytea, ARRAY[total]);
  out_prevs bytea[] := array_fill(NULL::bytea, ARRAY[total]);
  out_hashes bytea[] := array_fill(NULL::bytea, ARRAY[total]);
  out_double boolean[] := array_fill(NULL::boolean, ARRAY[total]);
BEGIN
  SELECT s.version, s.head, s.size_bytes INTO version, head, end_at
    FROM @S@.sessions s WHERE s.id = the_session FOR UPDATE;
  IF NOT FOUND THEN
    problem := 'unknown';
    RETURN NEXT;
    RETURN;
  END IF;
  IF version > 0 THEN
    SELECT e.hash INTO last_hash FROM @S@.events e
     WHERE e.session_id = the_session AND e.sequence_number = version;
    IF NOT FOUND THEN
      problem := 'lost';
    ELSIF last_hash <> head THEN
      problem := 'damaged';
    END IF;
    IF problem IS NOT NULL THEN
      number := version;
      RETURN NEXT;
      RETURN;
    END IF;
  END IF;
  IF again OR cardinality(array_remove(ids, NULL)) > 0 THEN
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
        RETURN NEXT;
        RETURN;
      END IF;
      out_numbers[stored.i] := stored.sequence_number;
      out_hashes[stored.i] := stored.hash;
      -- An attempt whose answer was lost: it is ours.
      out_double[stored.i] := NOT (again AND stored.salt IS NOT DISTINCT FROM salts[stored.i]);
      fresh := fresh - 1;
    END LOOP;
  END IF;
  IF fresh > 0 THEN
    IF expected <> version THEN
      number := version;
      problem := 'version';
    ELSIF expected_head <> encode(head, 'hex') THEN
      problem := 'head';
    END IF;
    IF problem IS NOT NULL THEN
      RETURN NEXT;
      RETURN;
    END IF;
    -- As announce_positions, of which a call would take longer.
    PERFORM pg_advisory_xact_lock_shared(
      (('@S@.positions'::regclass::oid::bigint & 32767) << 48) |
      (SELECT last_value FROM @S@.positions));
    IF fresh > 1 THEN
      first_new := version + 1;
      last_new := version + fresh;
      batch := ',"batch":[' || first_new || ',' || last_new || ']';
    END IF;
    clock := clock_timestamp();
    clock_text := @S@.time_text(clock);
    envelope := '{"session_id":' || to_json(the_session)::text || ',"sequence_number":';
    FOR i IN 1..total LOOP
      CONTINUE WHEN out_numbers[i] IS NOT NULL;
      version := version + 1;
      out_ids[i] := COALESCE(ids[i], new_ids[i], @S@.new_event_id());
      out_salts[i] := COALESCE(salts[i], @S@.new_salt());
      out_times[i] := COALESCE(times[i], clock_text);
      last_time := out_times[i];
      out_recorded[i] := CASE WHEN times[i] IS NOT NULL THEN clock_text END;
      out_prevs[i] := head;
      id := envelope || version || ',"type":"' || types[i] || '","timestamp":"' || out_times[i] ||
            CASE WHEN times[i] IS NOT NULL THEN '","recorded_at":"' || clock_text ELSE '' END ||
            '","metadata":' || metadatas[i] || ',"event_id":' || to_json(out_ids[i])::text || batch;
      head := sha256('\x00'::bytea || convert_to(
        id || ',"payload_hash":"' ||
        encode(sha256(out_salts[i] || convert_to(payloads[i], 'UTF8')), 'hex') ||
        '","prev":"' || encode(out_prevs[i], 'hex') || '"}', 'UTF8'));
      end_at := end_at + octet_length(id) + octet_length(payloads[i]) + 203;
      out_numbers[i] := version;
      out_hashes[i] := head;
      out_ends[i] := end_at;
    END LOOP;
    IF total = 1 THEN
      INSERT INTO @S@.events (session_id, sequence_number, position, event_id, event_type,
          occurred_at, token_count, end_bytes, salt, prev, hash, event_time, recorded_at, metadata,
          payload)
        VALUES (the_session, version, nextval('@S@.positions'), out_ids[1], types[1],
          CASE WHEN times[1] IS NULL THEN clock ELSE @S@.time_of(times[1]) END,
          @S@.token_count_of(types[1], payloads[1], metadatas[1]), end_at, out_salts[1],
          out_prevs[1], head, out_times[1], out_recorded[1], metadatas[1], payloads[1]);
    ELSE
      INSERT INTO @S@.events (session_id, sequence_number, position, event_id, event_type,
          occurred_at, token_count, end_bytes, batch_first, batch_last, salt, prev, hash,
          event_time, recorded_at, metadata, payload)
        SELECT the_session, u.number, nextval('@S@.positions'), u.id, u.type,
               CASE WHEN u.recorded IS NULL THEN clock ELSE @S@.time_of(u.time) END,
               @S@.token_count_of(u.type, u.payload, u.metadata), u.end_at, first_new, last_new,
               u.salt, u.prev, u.hash, u.time, u.recorded, u.metadata, u.payload
          FROM unnest(types, payloads, metadatas, out_numbers, out_ids, out_times, out_recorded,
                      out_ends, out_salts, out_prevs, out_hashes)
            AS u(type, payload, metadata, number, id, time, recorded, end_at, salt, prev, hash)
         WHERE u.end_at IS NOT NULL;
    END IF;
    UPDATE @S@.sessions s
       SET version = work.version, head = work.head,
           size_bytes = work.end_at, sealed = true,
           updated_at = last_time
     WHERE s.id = the_session;
  END IF;
  FOR i IN 1..total LOOP
    place := i;
    number := out_numbers[i];
    id := COALESCE(ids[i], new_ids[i], out_ids[i]);
    hash := encode(out_hashes[i], 'hex');
    duplicate := COALESCE(out_double[i], false);
    RETURN NEXT;
  END LOOP;
END
$$;
CREATE FUNCTION @S@.place_before(the_session text, last_number bigint, at bigint)
RETURNS TABLE (number bigint, end_at bigint) LANGUAGE plpgsql STABLE AS $$
DECLARE
  low bigint := 0;
  high bigint := last_number;
  middle bigint := last_number;
  stored record;
BEGIN
  number := 0;
  end_at := 0;
  WHILE low < high LOOP
    SELECT e.sequence_number, e.end_bytes INTO stored FROM @S@.events e
     WHERE e.session_id = the_session AND e.sequence_number > low AND e.sequence_number <= middle
     ORDER BY e.sequence_number DESC LIMIT 1;
    IF NOT FOUND THEN
      low := middle;
    ELSIF stored.end_bytes <= at THEN
      low := middle;
      number := stored.sequence_number;
      end_at := stored.end_bytes;
    ELSE
      high := stored.sequence_number - 1;
    END IF;
    middle := low + (high - low + 1) / 2;
  END LOOP;
  RETURN NEXT;
END
$$;
CREATE FUNCTION @S@.append(
  session_id text, event_type text, payload text, event_id text DEFAULT NULL,
  expected bigint DEFAULT NULL, metadata text DEFAULT '{}')
RETURNS @S@.receipt LANGUAGE plpgsql AS $$
BEGIN
  RETURN @S@.append_at(session_id, event_type, payload, event_id, expected, metadata, NULL);
END
$$;
CREATE FUNCTION @S@.append_at(
  session_id text, event_type text, payload text, event_id text, expected bigint, metadata text,
  event_time text)
RETURNS @S@.receipt LANGUAGE plpgsql AS $$
DECLARE
  told record;
BEGIN
  SELECT * INTO told FROM @S@.append_events(
    session_id, ARRAY[@S@.checked_type(event_type)],
    ARRAY[@S@.checked_json('payload', payload)], ARRAY[@S@.checked_metadata(metadata)],
    ARRAY[@S@.checked_event_id(event_id)], ARRAY[event_time], ARRAY[NULL]::bytea[],
    ARRAY[NULL]::text[], expected, NULL, false);
  IF told.problem = 'unknown' THEN
    RAISE EXCEPTION 'there is no session "%"', session_id USING ERRCODE = 'no_data_found',
      HINT = 'Insert it into agent_sessions, or create it with agentstore.';
  ELSIF told.problem = 'version' THEN
    RAISE EXCEPTION 'version % was expected, and session "%" is at %', expected, session_id,
      told.number USING ERRCODE = 'unique_violation', HINT = 'Read what is new, and try again.';
  ELSIF told.problem = 'taken' THEN
    RAISE EXCEPTION 'event id "%" is taken by an event with another type, metadata or payload',
      event_id USING ERRCODE = 'unique_violation';
  ELSIF told.problem IS NOT NULL THEN
    RAISE EXCEPTION 'the end of session "%" is %: nothing is appended', session_id, told.problem
      USING ERRCODE = 'data_corrupted', HINT = 'Run `agentstore verify`.';
  END IF;
  RETURN ROW(told.number, told.id, told.hash, told.duplicate)::@S@.receipt;
END
$$;
)";

}  // namespace agentstore
