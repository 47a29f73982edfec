"""Contacts and people are found by any part of their names, by phone number, email and street address."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0051_people_found"
down_revision = "0050_cheaper_entries"
branch_labels = None
depends_on = None

description = "Contacts, tasks and people are found by parts of names, numbers, e-mail and street addresses"
breaking = False

# Folds spellings with the same meaning: letters of any case, with or without accents and apostrophes.
_APOSTROPHES = "''\u2018\u2019\u02bb\u02bc`\u00b4"
FOLD = rf"""
CREATE FUNCTION search_fold(written text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
  SELECT regexp_replace(normalize(translate(lower(written), '{_APOSTROPHES}', ''), NFD), '[\u0300-\u036f]', '', 'g')
$$
"""
# An index finds words by their beginning, so parts of a name are stored as the ends of its words from each letter on,
# down to three letters, and parts of a number as its last digits, down to four. Each includes its organization, so that
# one index lookup finds them within it.
PARTS = """
CREATE FUNCTION search_parts(organization uuid, names text[], others text[], number text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public AS $$
  SELECT coalesce(array_to_tsvector(array_agg(DISTINCT organization || ':' || part)), '')
  FROM (
    SELECT substr(word, place)
    FROM (SELECT left(word, 60) FROM regexp_split_to_table(search_fold(array_to_string(names, ' ')), '[^[:alnum:]]+') word) name (word),
      generate_series(1, greatest(length(word) - 2, 1)) place
    UNION ALL
    SELECT left(word, 60) FROM regexp_split_to_table(search_fold(array_to_string(others, ' ')), '[^[:alnum:]]+') word
    UNION ALL
    SELECT substr(number, place) FROM generate_series(2, length(number) - 3) place
  ) found (part) WHERE part <> ''
$$
"""
QUERY = """
CREATE FUNCTION search_query(organization uuid, typed text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public AS $$
  SELECT string_agg(format('''%s:%s'':*', organization, left(word, 60)), ' & ')::tsquery
  FROM regexp_split_to_table(search_fold(left(typed, 200)), '[^[:alnum:]]+') word WHERE word <> ''
$$
"""
# A number can be typed with the trunk prefix that some countries use.
NUMBER_QUERY = r"""
CREATE FUNCTION search_number_query(organization uuid, typed text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, public AS $$
  SELECT format(CASE WHEN digits ~ '^[018]' AND length(digits) > 6 THEN '''%1$s:%2$s'':* | ''%1$s:%3$s'':*' ELSE '''%1$s:%2$s'':*' END,
                organization, digits, substr(digits, 2))::tsquery
  FROM regexp_replace(left(typed, 200), '\D', '', 'g') digits WHERE length(digits) >= 4 AND typed !~ '[[:alpha:]]'
$$
"""
#: name → (table, search terms of its rows)
INDEXES = {
    "idx_contact_cards_search": (
        "contact_cards",
        (
            "search_parts(organization_id, ARRAY[first_name, last_name, company_name], "
            "ARRAY[email, address_line_1, address_line_2, city, state, zip], ''::text)"
        ),
    ),
    "idx_contact_phones_search": ("contact_phones", "search_parts(organization_id, '{}'::text[], '{}'::text[], phone)"),
    "idx_users_search": ("users", "search_parts(organization_id, ARRAY[name], ARRAY[email], ''::text)"),
    "idx_tasks_search": ("tasks", "search_parts(organization_id, ARRAY[title], '{}'::text[], ''::text)"),
}
_OF = dict(INDEXES.values())
_FOUND = """
CREATE FUNCTION {name}(typed text, most integer) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp ROWS 20
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY
    {queries}
    LIMIT most;
END
$$
"""


def _search(table: str, key: str = "id", query: str = "search_query") -> str:
    """Return SQL that selects the keys of matching rows outside the trash.

    The query bypasses row-level security, which would prevent the use of the index.
    """
    return f"SELECT {key} FROM {table} WHERE deleted_at IS NULL AND {_OF[table]} @@ {query}(organization, typed)"


FUNCTIONS = {
    "contacts_found": f"{_search('contact_cards')}\n    UNION {_search('contact_phones', 'contact_card_id', 'search_number_query')}",
    "people_found": _search("users"),
    "tasks_found": _search("tasks"),
}


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that rows can be written while the indexes are built.
    with op.get_context().autocommit_block():
        for name, (table, expression) in INDEXES.items():
            # Rebuilt, because an interrupted run can have left it half built.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.create_index(
                name, table, [sa.text(expression)], postgresql_concurrently=True, if_not_exists=True, postgresql_using="gin",
                postgresql_where=sa.text("deleted_at IS NULL"),
            )  # fmt: skip
    op.execute("CREATE POLICY search ON contact_phones FOR SELECT TO app_search USING (true)")
    op.execute("GRANT SELECT ON contact_phones TO app_search")
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    for name, queries in FUNCTIONS.items():
        op.execute(_FOUND.format(name=name, queries=queries))
        op.execute(f"REVOKE EXECUTE ON FUNCTION {name}(text, integer) FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name}(text, integer) TO app_rw")
        op.execute(f"ALTER FUNCTION {name}(text, integer) OWNER TO app_search")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")


def _at_once() -> None:
    for function in (FOLD, PARTS, QUERY, NUMBER_QUERY):
        op.execute(function)
    for signature in _helpers():
        # Writing a row adds to its index; the owner of the functions below reads with it.
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw, app_search")


def downgrade() -> None:
    for name in FUNCTIONS:
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {name}(text, integer)")
    op.execute("REVOKE SELECT ON contact_phones FROM app_search")
    op.execute("DROP POLICY search ON contact_phones")
    for name in INDEXES:
        op.execute(f"-- squawk-ignore require-concurrent-index-deletion\nDROP INDEX {name}")
    for signature in reversed(_helpers()):
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {signature}")


def _helpers() -> list[str]:
    return [
        "search_fold(text)",
        "search_parts(uuid, text[], text[], text)",
        "search_query(uuid, text)",
        "search_number_query(uuid, text)",
    ]
