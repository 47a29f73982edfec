"""Names are found even if misspelled or written in another alphabet."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0075_misspelt_found"
down_revision = "0074_counts_of_who_asks"
branch_labels = None
depends_on = None

description = (
    "Contacts, people, tasks and answers are found with a letter wrong, missing or too many, and in three alphabets"
)
breaking = False

#: Letters written with one character here and two there, in the order of replacement. Identical to
#: `app.insight.search.fuzzy_match_rules`, which a test verifies.
_CYRILLIC_LETTERS = {
    "ё": "yo", "ж": "j", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ю": "yu", "я": "ya", "ъ": "", "ь": "",
}  # fmt: skip
_CYRILLIC = "абвгдезийклмнопрстуфхыэўқғҳ"
_LATIN = "abvgdeziyklmnoprstufhyeokgh"
#: Latin spellings that sound alike, in the order of replacement.
_SOUNDS = {
    "shch": "sh", "kh": "h", "zh": "j", "dj": "j", "ph": "f", "ye": "e", "ch": "ч", "c": "k", "ч": "ch", "q": "k",
    "w": "v", **{letter * 2: letter for letter in "abdefgiklmnoprstuz"},
}  # fmt: skip


def _replaced(text: str, letters: dict[str, str]) -> str:
    for written, meant in letters.items():
        text = f"replace({text}, '{written}', '{meant}')"
    return text


LATIN = f"""
CREATE FUNCTION search_latin(written text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public AS $$
  SELECT search_fold(translate({_replaced("lower(written)", _CYRILLIC_LETTERS)}, '{_CYRILLIC}', '{_LATIN}'))
$$
"""
# One spelling for what sounds alike in English, in Russian and in both Uzbek scripts.
SOUNDS = f"""
CREATE FUNCTION search_sounds(latin text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$ SELECT {_replaced("latin", _SOUNDS)} $$
"""
# Two words that differ in one letter are equal once each has lost one: so each word is stored as it is and without each
# of its letters, as written and as pronounced (an x has two sounds, depending on the language). Its beginnings are
# stored separately, because input in another alphabet can be one. They are numbers, since only equality is needed. In a
# loop: as a single statement it took five times as long for every written row.
MISSPELT = """
CREATE FUNCTION search_misspelt(organization uuid, names text[], is_typed boolean) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public AS $$
DECLARE
  latin text := search_latin(array_to_string(names, ' '));
  sound text := search_sounds(latin);
  salt bigint := uuid_hash_extended(organization, 0);
  salt_of_beginnings bigint := uuid_hash_extended(organization, 1);
  known text[] := '{}';
  keys bigint[] := '{}';
  word text;
BEGIN
  IF strpos(sound, 'x') > 0 THEN
    sound := replace(sound, 'x', 'ks') || ' ' || replace(sound, 'x', 'h');
  END IF;
  FOREACH word IN ARRAY regexp_split_to_array(latin || ' ' || sound, '[^[:alpha:]]+') LOOP
    word := left(word, 30);
    CONTINUE WHEN word = '' OR word = ANY (known);
    known := known || word;
    keys := keys || hashtextextended(word, salt);
    FOR place IN CASE WHEN is_typed THEN length(word) ELSE 3 END .. length(word) LOOP
      keys := keys || hashtextextended(left(word, place), salt_of_beginnings);
    END LOOP;
    CONTINUE WHEN length(word) < 4;
    FOR place IN 1 .. length(word) LOOP
      keys := keys || hashtextextended(left(word, place - 1) || substr(word, place + 1), salt);
    END LOOP;
  END LOOP;
  RETURN keys;
END
$$
"""
#: name → (table, name columns of its rows)
INDEXES = {
    "idx_contact_cards_misspelt": ("contact_cards", "first_name, last_name, company_name"),
    "idx_users_misspelt": ("users", "name"),
    "idx_tasks_misspelt": ("tasks", "title"),
    "idx_knowledge_misspelt": ("knowledge_items", "question"),
}
#: name → index
FUNCTIONS = {
    "contacts_misspelt": "idx_contact_cards_misspelt",
    "people_misspelt": "idx_users_misspelt",
    "tasks_misspelt": "idx_tasks_misspelt",
    "knowledge_misspelt": "idx_knowledge_misspelt",
}
# Each of the first four words must match; short ones only if nothing else is typed.
FOUND = """
CREATE FUNCTION {name}(typed text, most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 20
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  words text[];
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
END
$$
"""


def _keys(names: str) -> str:
    return f"search_misspelt(organization_id, ARRAY[{names}], false)"


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that rows can be written while the indexes are built.
    with op.get_context().autocommit_block():
        for name, (table, names) in INDEXES.items():
            # Rebuilt, because an interrupted run can have left it half built.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.create_index(
                name, table, [sa.text(_keys(names))], postgresql_concurrently=True, if_not_exists=True,
                postgresql_using="gin", postgresql_where=sa.text("deleted_at IS NULL"),
            )  # fmt: skip
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    for name, index in FUNCTIONS.items():
        table, names = INDEXES[index]
        op.execute(FOUND.format(name=name, table=table, keys=_keys(names)))
        op.execute(f"REVOKE EXECUTE ON FUNCTION {name}(text, integer) FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name}(text, integer) TO app_rw")
        op.execute(f"ALTER FUNCTION {name}(text, integer) OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")


HELPERS = {
    "search_latin(text)": LATIN,
    "search_sounds(text)": SOUNDS,
    "search_misspelt(uuid, text[], boolean)": MISSPELT,
}


def _at_once() -> None:
    for signature, function in HELPERS.items():
        op.execute(function)
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
        # Writing a row adds to its index; the owner of the search functions reads with it.
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw, app_search")


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {name}(text, integer)")
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    for signature in reversed(HELPERS):
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {signature}")
