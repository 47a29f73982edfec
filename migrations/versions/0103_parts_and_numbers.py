"""The trail of a record includes its parts, and phone numbers are found as they are typed."""

from importlib import import_module

from alembic import op

from migrations.support import once

revision = "0103_parts_and_numbers"
down_revision = "0102_cache_reset"
branch_labels = None
depends_on = None

description = "The audit trail finds phone numbers as they are typed, and shows a record together with its parts"
breaking = False

_TRAIL = import_module("migrations.versions.0063_trail_in_fewer_steps")

#: A phone number within the search text as it was typed, and the numbers it can stand for.
_NUMBER = (("typed", "text"), ("numbers", "text[]"))
#: A record and its parts, as types and IDs.
_RECORDS = (("types", "text[]"), ("records", "uuid[]"))
_ADDED = (*_NUMBER, *_RECORDS)

_OF_FOUND = (*_TRAIL._OF_FOUND, *_RECORDS)
_OF_SEARCH = (*_TRAIL._OF_SEARCH, *_ADDED)
_OF_PAGE = (*_TRAIL._OF_PAGE, *_ADDED)
#: Processes of the version before pass nothing for these.
_DEFAULTS = "typed text DEFAULT '', numbers text[] DEFAULT '{}', types text[] DEFAULT '{}', records uuid[] DEFAULT '{}'"

# A change of nothing but the version, such as that of a contact when one of its numbers changes.
_VERSION_ONLY = "(action LIKE '%%.updated' AND before - 'version' = '{}' AND after - 'version' = '{}') IS TRUE"

# Each part has an index in order, so the first entries of all of them are found at the same cost at any size. An entry
# that only raises the version is shown only if it is the first of its operation and the operation has no other one.
_OF_RECORDS = f"""
  IF records <> '{{}}' THEN
    RETURN QUERY EXECUTE format(
      $q$WITH part AS (SELECT DISTINCT * FROM unnest($17, $18) given (of_type, of_record))
      SELECT entry.id FROM part CROSS JOIN LATERAL (
        SELECT id, created_at FROM audit_logs
        WHERE %1$s AND resource_type = of_type AND resource_id = of_record
          AND (NOT {_VERSION_ONLY} OR id IN (
            SELECT DISTINCT ON (operation_id) e.id FROM part p JOIN audit_logs e
              ON e.organization_id = $1 AND e.resource_type = p.of_type AND e.resource_id = p.of_record
            ORDER BY operation_id, {_VERSION_ONLY}, created_at, e.id))
        %2$s LIMIT %3$s
      ) entry %2$s LIMIT %3$s$q$,
      concat_ws(' AND ', conditions, has_words), in_order, wanted
    ) USING organization, audit_search_query(organization, lexemes, now(), 'infinity'), actor, actions, type, record,
      operation, first_address, last_address, since, until, cursor_at, cursor_id, near, far, closed, types, records;
    RETURN;
  END IF;
"""

AUDIT_FOUND = (
    _TRAIL.AUDIT_FOUND.replace(_TRAIL._declared(*_TRAIL._OF_FOUND), _TRAIL._declared(*_OF_FOUND), 1)
    .replace("CASE WHEN type <> '' THEN", "CASE WHEN type <> '' AND records = '{}' THEN", 1)
    .replace("CASE WHEN record IS NOT NULL THEN", "CASE WHEN record IS NOT NULL AND records = '{}' THEN", 1)
    .replace(
        "CASE WHEN backwards THEN 'created_at <= $14",
        "CASE WHEN records <> '{}' THEN NULL WHEN backwards THEN 'created_at <= $14",
        1,
    )
    .replace("    RETURN;\n  END IF;\n  EXECUTE", f"    RETURN;\n  END IF;{_OF_RECORDS}  EXECUTE", 1)
)

# A number is found as its words were typed, or as any of the numbers it can stand for. Without `lexemes` nothing is.
SEARCH_NUMBER = """
CREATE FUNCTION audit_search_number(lexemes text[], typed text, numbers text[], hidden text[]) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT CASE WHEN typed = '' OR lexemes IS NULL THEN lexemes ELSE lexemes || (
    SELECT '(' || string_agg(
      '(' || array_to_string(audit_search_words(meant, '', '', '', hidden), ' & ') || ')', ' | ') || ')'
    FROM unnest(typed || numbers) meant
  ) END
$$
"""


def _with_number(function: str) -> str:
    """Return the function, which also searches for the number and in the list of the records."""
    words = "audit_search_words(words, names, field, request, hidden)"
    return function.replace(words, f"audit_search_number({words}, typed, numbers, hidden)").replace(
        "counted + 1)", "counted + 1, types, records)"
    )


def _added_to(function: str, old: tuple[tuple[str, str], ...]) -> str:
    declared, places = _TRAIL._declared(*old), _TRAIL._names(*_TRAIL._PLACE)
    return (
        _with_number(function.replace(f"({declared})", f"({declared}, {_DEFAULTS})", 1))
        .replace(f"{places})", f"{places}, types, records)")
        .replace("CREATE OR REPLACE", "CREATE")
    )


AUDIT_SEARCH = _added_to(_TRAIL.AUDIT_SEARCH, _TRAIL._OF_SEARCH)
AUDIT_PAGE = _added_to(_TRAIL.AUDIT_PAGE, _TRAIL._OF_PAGE)

_REFUSE = """IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;"""

# Numbers of contacts (also deleted ones), callers and phone lines that end in these four digits. It bypasses row-level
# security, which would prevent the use of the indexes; the caller selects the numbers that the reader can see.
NUMBERS_ENDING = f"""
CREATE FUNCTION numbers_ending(digits text, most integer) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  organization uuid := (SELECT current_organization());
BEGIN
  {_REFUSE}
  RETURN QUERY
    SELECT phone FROM contact_phones WHERE organization_id = organization AND right(phone, 4) = digits
    UNION SELECT caller_number FROM calls WHERE organization_id = organization AND right(caller_number, 4) = digits
    UNION SELECT number FROM phone_numbers WHERE organization_id = organization AND right(number, 4) = digits
    ORDER BY 1 LIMIT most;
END
$$
"""

# Parts of a record whose rows are gone: the last entry of each has all of its values, among them the record. If these
# were erased, it is found by its operation, which is one of the record’s own. With `or_moved`, also parts that were
# moved to another record. One kind at a time, because the index would read all entries of several.
PARTS_GONE = f"""
CREATE FUNCTION parts_gone(kind text, record uuid, kinds text[], fields text[], or_moved boolean, most integer)
RETURNS TABLE (part_kind text, part_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
SET search_path = pg_catalog, public, pg_temp SET plan_cache_mode = force_generic_plan
SET max_parallel_workers_per_gather = 0 AS $$
DECLARE
  organization uuid := (SELECT current_organization());
  words tsquery;
BEGIN
  {_REFUSE}
  FOR place IN 1..cardinality(kinds) LOOP
    words := format('''o:%s'' & ''%s'' & ''k:%s''', organization, replace(record::text, '-', ''), kinds[place])::tsquery;
    RETURN QUERY
      SELECT e.resource_type, e.resource_id FROM audit_logs e
      WHERE audit_words(e.organization_id, e.created_at, e.actor_label, e.before, e.after, e.metadata, e.resource_id,
          e.request_id, e.correlation_id, e.resource_type, e.resource_label) @@ words
        AND (e.organization_id = organization AND e.resource_type = kinds[place] AND (e.after IS NULL OR or_moved)) IS TRUE
        AND e.before ->> fields[place] = record::text
      LIMIT most;
  END LOOP;
  RETURN QUERY
    SELECT e.resource_type, e.resource_id
    FROM (
      SELECT operation_id, redacted_at FROM audit_logs
      WHERE organization_id = organization AND resource_type = kind AND resource_id = record
      ORDER BY created_at DESC, id DESC LIMIT most
    ) own
    JOIN audit_logs e ON e.organization_id = organization AND e.operation_id = own.operation_id
    WHERE own.redacted_at IS NOT NULL
      AND e.resource_type = ANY (kinds) AND e.action = e.resource_type || '.purged' AND e.redacted_at IS NOT NULL
    LIMIT most;
END
$$
"""

FOUND, SEARCH, PAGE = (
    f"{name}({_TRAIL._types(*parameters)})"
    for name, parameters in (("audit_found", _OF_FOUND), ("audit_search", _OF_SEARCH), ("audit_page", _OF_PAGE))
)
NUMBER = "audit_search_number(text[], text, text[], text[])"
ENDING = "numbers_ending(text, integer)"
GONE = "parts_gone(text, uuid, text[], text[], boolean, integer)"
#: Each calls those before it; the app calls the last four.
FUNCTIONS = {
    NUMBER: SEARCH_NUMBER,
    FOUND: AUDIT_FOUND,
    SEARCH: AUDIT_SEARCH,
    PAGE: AUDIT_PAGE,
    ENDING: NUMBERS_ENDING,
    GONE: PARTS_GONE,
}
FOR_THE_APP = (SEARCH, PAGE, ENDING, GONE)
BEFORE = {
    _TRAIL.FOUND: _TRAIL.AUDIT_FOUND,
    _TRAIL.SEARCH: _TRAIL.AUDIT_SEARCH,
    _TRAIL.PAGE: _TRAIL.AUDIT_PAGE,
}

#: Name → table and columns. By the last four digits, which row-level security lets only a function look up.
INDEXES = {
    "idx_contact_phones_ending": """contact_phones (organization_id, "right"(phone, 4), phone)""",
    "idx_calls_caller_ending": (
        """calls (organization_id, "right"(caller_number, 4), caller_number) WHERE caller_number IS NOT NULL"""
    ),
}


def upgrade() -> None:
    once(revision, lambda: _instead(BEFORE, FUNCTIONS, FOR_THE_APP))
    # Outside a transaction, so that calls and numbers can be written in the meantime.
    with op.get_context().autocommit_block():
        for name, columns in INDEXES.items():
            # Rebuilt, because an interrupted run can have left it half built.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON {columns}")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    _instead(FUNCTIONS, BEFORE, (_TRAIL.SEARCH, _TRAIL.PAGE))


def _instead(old: dict[str, str], new: dict[str, str], for_the_app: tuple[str, ...]) -> None:
    """Replace functions of the search role, which can read entries past row-level security."""
    op.execute("GRANT CREATE ON SCHEMA public TO app_search")
    for signature in reversed(old):
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION IF EXISTS {signature}")
    op.execute("SET LOCAL ROLE app_search")
    for signature, function in new.items():
        op.execute(function.replace("CREATE OR REPLACE", "CREATE", 1))
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
    for signature in for_the_app:
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw")
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM app_search")
