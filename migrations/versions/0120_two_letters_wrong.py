"""Names are found even if one word has two letters wrong."""

from importlib import import_module

from alembic import op

revision = "0120_two_letters_wrong"
down_revision = "0119_start_page"
branch_labels = None
depends_on = None

description = (
    "From eight typed letters on, contacts, people, tasks and answers are found with two letters wrong in a word"
)
breaking = False

_BEFORE = import_module("migrations.versions.0075_misspelt_found")

# The keys of a word from which a name can differ in two letters. A name is stored with its words and with each word
# without one letter (`search_misspelt`). If two letters differ, one of these keys is the typed word with one letter
# changed, added, removed or exchanged with the next, and possibly another one removed; so no key has to be stored for
# it. The first letter is rarely wrong and thus kept, which halves the number of keys.
TWICE = """
CREATE FUNCTION search_misspelt_twice(organization uuid, typed text) RETURNS bigint[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public AS $$
  WITH spelt AS (
    SELECT DISTINCT word
    FROM search_latin(typed) latin, regexp_split_to_table(latin || ' ' || search_sounds(latin), '[^[:alpha:]]+') word
    WHERE length(word) BETWEEN 4 AND 16
  ), letters AS (SELECT chr(code) letter FROM generate_series(97, 122) code),
  changed (word, next) AS (
    SELECT word, 2 FROM spelt
    UNION ALL
    SELECT left(word, place - 1) || letter || substr(word, place + 1), place + 1
    FROM spelt, generate_series(2, length(word)) place, letters
    UNION ALL
    SELECT left(word, place - 1) || substr(word, place + 1, 1) || substr(word, place, 1) || substr(word, place + 2), 2
    FROM spelt, generate_series(2, length(word) - 1) place
    UNION ALL
    SELECT left(word, place - 1) || substr(word, place + 1), 2 FROM spelt, generate_series(2, length(word)) place
  )
  SELECT array_agg(DISTINCT hashtextextended(word, uuid_hash_extended(organization, 0)))
  FROM (
    SELECT word FROM changed
    UNION ALL
    SELECT left(word, place - 1) || substr(word, place + 1) FROM changed, generate_series(next, length(word)) place
    UNION ALL
    SELECT left(word, place) || letter || substr(word, place + 1)
    FROM spelt, generate_series(1, length(word)) place, letters
  ) key WHERE length(word) >= 3
$$
"""
_SIGNATURE = "search_misspelt_twice(uuid, text)"
# As before, each of the first four words can differ in one letter. If that finds hardly anything, one of the words can
# differ in two. A word has over a thousand keys for that, so up to 300 rows that match the other words are compared one
# by one; only if there are more, the index intersects all keys.
FOUND = """
CREATE FUNCTION {name}(typed text, most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 20
SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  words text[];
  others text[];
  one bigint[];
  two bigint[];
  three bigint[];
  few uuid[];
  twice bigint[];
  matching integer;
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  SELECT array_agg(word) INTO words
  FROM regexp_split_to_table(left(typed, 100), '[^[:alpha:]''\u2018\u2019\u02bb\u02bc`\u00b4]+') word WHERE length(word) >= 3;
  IF words IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY
    SELECT id FROM {table}
    WHERE deleted_at IS NULL
      AND {keys} && search_misspelt(organization, words[1:1], true)
      AND {keys} && search_misspelt(organization, ARRAY[coalesce(words[2], words[1])], true)
      AND {keys} && search_misspelt(organization, ARRAY[coalesce(words[3], words[1])], true)
      AND {keys} && search_misspelt(organization, ARRAY[coalesce(words[4], words[1])], true)
    LIMIT most;
  GET DIAGNOSTICS matching = ROW_COUNT;
  IF matching >= 3 OR length(array_to_string(words, '')) < 8 THEN
    RETURN;
  END IF;
  FOR place IN 1 .. least(cardinality(words), 4) LOOP
    IF cardinality(words) = 1 THEN
      RETURN QUERY
        SELECT id FROM {table} WHERE deleted_at IS NULL AND {keys} && search_misspelt_twice(organization, words[1])
        LIMIT most;
      RETURN;
    END IF;
    others := words[1:place - 1] || words[place + 1:4];
    one := search_misspelt(organization, others[1:1], true);
    two := search_misspelt(organization, ARRAY[coalesce(others[2], others[1])], true);
    three := search_misspelt(organization, ARRAY[coalesce(others[3], others[1])], true);
    few := ARRAY(
      SELECT id FROM {table}
      WHERE deleted_at IS NULL AND {keys} && one AND {keys} && two AND {keys} && three
      LIMIT 301
    );
    CONTINUE WHEN cardinality(few) = 0;
    twice := search_misspelt_twice(organization, words[place]);
    IF cardinality(few) <= 300 THEN
      RETURN QUERY
        SELECT id FROM {table}
        WHERE organization_id = organization AND id = ANY (few) AND {keys} && twice
        LIMIT most;
    ELSE
      RETURN QUERY
        SELECT id FROM {table}
        WHERE deleted_at IS NULL AND {keys} && twice AND {keys} && one AND {keys} && two AND {keys} && three
        LIMIT most;
    END IF;
  END LOOP;
END
$$
"""


def upgrade() -> None:
    op.execute(TWICE)
    op.execute(f"REVOKE EXECUTE ON FUNCTION {_SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SIGNATURE} TO app_search")
    _replace(FOUND)


def downgrade() -> None:
    _replace(_BEFORE.FOUND)
    op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {_SIGNATURE}")


def _replace(function: str) -> None:
    """Replace the functions of another role: drop them, create them again and change their owner."""
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    for name, index in _BEFORE.FUNCTIONS.items():
        table, names = _BEFORE.INDEXES[index]
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {name}(text, integer)")
        op.execute(function.format(name=name, table=table, keys=_BEFORE._keys(names)))
        op.execute(f"REVOKE EXECUTE ON FUNCTION {name}(text, integer) FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name}(text, integer) TO app_rw")
        op.execute(f"ALTER FUNCTION {name}(text, integer) OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")
