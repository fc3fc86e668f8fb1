// What the server holds events of other programs to, before it seals them: the rules of
// log/stored_form.hpp, in SQL. The library has checked its own events.

#include "backends/postgres_schema.hpp"

namespace agentstore {

// Literals with a backslash are E'…', which mean the same whatever standard_conforming_strings is
// for the caller. A string of JSON is matched as a whole, from where the last match ended: so no
// quote inside of one is ever taken for a beginning.
const char* const postgres_checks = R"(
CREATE OR REPLACE FUNCTION @S@.compact_json(json_text text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN json_text ~ E'[ \\t\\n\\r]'
    THEN regexp_replace(json_text, E'("(?:[^"\\\\]|\\\\.)*")|[ \\t\\n\\r]+', E'\\1', 'g')
    ELSE json_text END
$$;
CREATE OR REPLACE FUNCTION @S@.key_of(token text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF strpos(token, E'\\') = 0 THEN RETURN token; END IF;
  RETURN to_json(token::json #>> '{}')::text;
EXCEPTION WHEN data_exception THEN  -- a key with U+0000 is compared as it is spelled
  RETURN token;
END
$$;
CREATE OR REPLACE FUNCTION @S@.key_count(compact text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT cardinality(string_to_array(replace(replace(compact, E'\\\\', ''), E'\\"', ''), '":'))
$$;
CREATE OR REPLACE FUNCTION @S@.has_double_keys(json_text text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  token text;
  objects integer := 0;
  open_objects integer[] := '{}';
  owners integer[] := '{}';
  keys text[] := '{}';
BEGIN
  IF strpos(json_text, '":') = 0 THEN RETURN false; END IF;
  IF strpos(json_text, E'\\u') = 0 THEN  -- else jsonb spells strings in another way
    BEGIN
      RETURN @S@.key_count(json_text) <> @S@.key_count(json_text::jsonb::text);
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
      NULL;  -- jsonb, which keeps one of two equal keys, does not take everything that json does
    END;
  END IF;
  FOR token IN SELECT m[1] FROM regexp_matches(json_text, E'("(?:[^"\\\\]|\\\\.)*":?|[{}])', 'g') AS m
  LOOP
    IF token = '{' THEN
      objects := objects + 1;
      open_objects := open_objects || objects;
    ELSIF token = '}' THEN
      open_objects := open_objects[:cardinality(open_objects) - 1];
    ELSIF right(token, 1) = ':' THEN
      owners := owners || open_objects[cardinality(open_objects)];
      keys := keys || @S@.key_of(rtrim(token, ':'));
    END IF;
  END LOOP;
  RETURN EXISTS (SELECT FROM unnest(owners, keys) AS k(owner, key)
                  GROUP BY owner, key HAVING count(*) > 1);
END
$$;
CREATE OR REPLACE FUNCTION @S@.is_too_deep(json_text text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  brackets text;
BEGIN
  IF length(json_text) - length(translate(json_text, '[{', '')) <= 200 THEN RETURN false; END IF;
  brackets := regexp_replace(json_text, E'"(?:[^"\\\\]|\\\\.)*"|[^][{}]+', '', 'g');
  FOR depth IN 1..200 LOOP
    brackets := regexp_replace(brackets, E'\\[\\]|\\{\\}', '', 'g');
    IF brackets = '' THEN RETURN false; END IF;
  END LOOP;
  RETURN true;
END
$$;
CREATE OR REPLACE FUNCTION @S@.checked_json(what text, json_text text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  compact text;
BEGIN
  IF json_text IS NULL THEN RETURN '{}'; END IF;
  IF octet_length(json_text) >= 67108864 THEN
    RAISE EXCEPTION 'the % is over 64 MiB', what USING ERRCODE = 'program_limit_exceeded';
  END IF;
  IF json_text::json IS NOT NULL THEN
    compact := @S@.compact_json(json_text);
  END IF;
  IF octet_length(compact) > 400 AND @S@.is_too_deep(compact) THEN
    RAISE EXCEPTION 'the % is nested deeper than 200 levels', what
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF @S@.has_double_keys(compact) THEN
    RAISE EXCEPTION 'an object of the % has two equal keys', what
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN compact;
END
$$;
CREATE OR REPLACE FUNCTION @S@.is_integer(value json) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN value::text ~ '^-?(0|[1-9][0-9]{0,18})$'
    THEN value::text::numeric BETWEEN -9223372036854775808 AND 9223372036854775807
    ELSE false END
$$;
CREATE OR REPLACE FUNCTION @S@.is_double(value json) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN value::text::double precision IS NOT NULL;
EXCEPTION WHEN numeric_value_out_of_range THEN  -- too near to 0, too
  RETURN false;
END
$$;
CREATE OR REPLACE FUNCTION @S@.checked_metadata(json_text text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  compact text := @S@.checked_json('metadata', json_text);
  member record;
  expected text;
BEGIN
  IF compact = '{}' THEN RETURN compact; END IF;
  IF json_typeof(compact::json) <> 'object' THEN
    RAISE EXCEPTION 'the metadata is no object' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  -- No key that is looked at here has U+0000 or half of a pair, which json_each refuses.
  FOR member IN
    SELECT key, value, json_typeof(value) AS kind
      FROM json_each(regexp_replace(compact, E'\\\\u(0000|d[89a-f][0-9a-f]{2})', E'\\\\u0001',
                                    'gi')::json)
  LOOP
    expected := CASE
      WHEN lower(member.key COLLATE "C") IN
           ('worker_id', 'model', 'tool_name', 'causation_id', 'correlation_id') THEN
        CASE WHEN member.kind <> 'string' THEN 'a string' END
      WHEN lower(member.key COLLATE "C") IN
           ('tokens_in', 'tokens_out', 'duration_ms', 'schema_version') THEN
        CASE WHEN member.kind <> 'number' OR NOT @S@.is_integer(member.value)
             THEN 'a 64-bit integer' END
      WHEN lower(member.key COLLATE "C") = 'cost_usd' THEN
        CASE WHEN member.kind <> 'number' OR NOT @S@.is_double(member.value)
             THEN 'a number in the range of a double' END
      WHEN lower(member.key COLLATE "C") = 'extra' THEN
        CASE WHEN member.kind <> 'object' THEN 'an object of strings'
             WHEN EXISTS (SELECT FROM json_each(member.value) AS inner_one
                           WHERE json_typeof(inner_one.value) <> 'string')
             THEN 'an object of strings' END
      END;
    IF expected IS NOT NULL THEN
      RAISE EXCEPTION 'the metadata''s "%" has to be %', member.key, expected
        USING ERRCODE = 'invalid_parameter_value';
    END IF;
  END LOOP;
  RETURN compact;
END
$$;
CREATE OR REPLACE FUNCTION @S@.checked_type(event_type text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF event_type IS NULL OR octet_length(event_type) > 128 OR
     event_type !~ '^[A-Za-z][A-Za-z0-9_.:-]*$' THEN
    RAISE EXCEPTION '"%" is not an event type', left(event_type, 200)
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Use up to 128 letters, digits, "_", ".", ":" and "-", a letter first.';
  END IF;
  IF event_type LIKE 'agentstore.%' THEN
    RAISE EXCEPTION '"%" is reserved: types that begin with "agentstore." are', event_type
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN event_type;
END
$$;
CREATE OR REPLACE FUNCTION @S@.checked_event_id(event_id text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF event_id = '' OR octet_length(event_id) > 256 OR event_id ~ E'[\\x01-\\x1f\\x7f]' THEN
    RAISE EXCEPTION '"%" is not an event id', left(event_id, 200)
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Use 1 to 256 bytes without control characters.';
  END IF;
  RETURN event_id;
END
$$;
)";

}  // namespace agentstore
