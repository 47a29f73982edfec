"""Privacy requests: people are found, their data is exported, and they are erased."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import audit

revision = "0026_privacy"
down_revision = "0025_billing_rules"
branch_labels = None
depends_on = None

description = "A person is found, given their data and forgotten"
breaking = False

E164 = r"^\+[1-9]\d{1,14}$"
#: Placeholder for the phone number of an erased person.
ERASED = "Erased"

#: Indexes to find a person by phone number or address: name, table, expressions, condition.
INDEXES = {
    "idx_contact_cards_email": ("contact_cards", ["lower(email)", "id"], "email <> ''"),
    "idx_contact_cards_last_name": ("contact_cards", ["lower(last_name)", "id"], "last_name <> ''"),
    "idx_contact_cards_company": ("contact_cards", ["lower(company_name)", "id"], "company_name <> ''"),
    "idx_contact_phones_number": ("contact_phones", ["phone", "id"], None),
    "idx_calls_called_out": ("calls", ["called_number"], "direction = 'outbound'"),
    "idx_messages_to": ("messages", ["lower(to_address)"], None),
    "idx_messages_from": ("messages", ["lower(from_address)"], "from_address IS NOT NULL"),
}

CHECKS = {
    "check_places": "places_done BETWEEN 0 AND places_total",
    "check_erased_completely": "status <> 'completed' OR (erased_at IS NOT NULL AND files = '{}')",
}

# Like `audit_erase`, for entries instead of records: personal data can appear in the history of another record or of a
# deleted one. The erasure record has the same form, so that verification recognizes it.
AUDIT_ERASE_ENTRIES = """
CREATE FUNCTION audit_erase_entries(entries uuid[], reason text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  organization uuid := nullif(current_setting('app.organization_id', true), '')::uuid;
  moment timestamptz := clock_timestamp();
  emptied uuid[];
BEGIN
  IF organization IS NULL THEN
    RAISE EXCEPTION 'no organization in the context' USING ERRCODE = '42501';
  END IF;
  PERFORM set_config('app.audit_erasure', 'on', true);
  WITH gone AS (
    UPDATE audit_logs SET before = NULL, after = NULL, salt = NULL, redacted_at = moment
    WHERE organization_id = organization AND id = ANY (entries)
      AND redacted_at IS NULL AND (before IS NOT NULL OR after IS NOT NULL)
    RETURNING id
  )
  SELECT array_agg(id) INTO emptied FROM gone;
  PERFORM set_config('app.audit_erasure', '', true);
  IF emptied IS NOT NULL THEN
    PERFORM audit_append(organization, 'audit.erased', 'audit', NULL, NULL, NULL, jsonb_build_object(
      'entries', to_jsonb(emptied), 'moment', (extract(epoch FROM moment) * 1000000)::bigint, 'reason', reason));
  END IF;
  RETURN coalesce(cardinality(emptied), 0);
END
$$
"""

# Functions find the rows, because conditions of the app cannot: under row-level security only leakproof operators can
# use an index, and `lower` is not.
_WHOSE = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
_DEFINER = "LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp"


def _named_by(column: str, which: str = "") -> str:
    """Return SQL that selects contacts whose `column` begins with the input, in the order of the index."""
    return f"""(SELECT id FROM contact_cards
   WHERE {_WHOSE} AND {which} lower({column}) >= beginning AND lower({column}) < beginning || chr(1114111)
   ORDER BY lower({column}), id LIMIT most)"""


FINDERS = {
    "contact_cards_with_email(text[])": f"""
CREATE FUNCTION contact_cards_with_email(addresses text[]) RETURNS SETOF uuid {_DEFINER} AS $$
  SELECT id FROM contact_cards WHERE {_WHOSE} AND lower(email) = ANY (addresses) AND email <> ''
$$
""",
    "contact_cards_named(text, integer)": f"""
CREATE FUNCTION contact_cards_named(beginning text, most integer) RETURNS SETOF uuid {_DEFINER} AS $$
  {_named_by("full_name")}
  UNION
  {_named_by("last_name", "last_name <> '' AND")}
  UNION
  {_named_by("company_name", "company_name <> '' AND")}
  LIMIT most
$$
""",
    "messages_with_address(text[])": f"""
CREATE FUNCTION messages_with_address(addresses text[]) RETURNS SETOF uuid {_DEFINER} AS $$
  SELECT id FROM messages WHERE {_WHOSE} AND lower(to_address) = ANY (addresses)
  UNION
  SELECT id FROM messages WHERE {_WHOSE} AND lower(from_address) = ANY (addresses) AND from_address IS NOT NULL
$$
""",
}


def _replace_check(table: str, name: str, rule: str) -> None:
    """Replace a check; it is validated only once it is in place, so that no one waits for the rows to be read."""
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {table} DROP CONSTRAINT {name}")
    op.create_check_constraint(name, table, rule, postgresql_not_valid=True)
    op.execute(f"-- squawk-ignore constraint-missing-not-valid\nALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def _audit_erasures(*ignored: str) -> None:
    op.execute("DROP TRIGGER audit ON erasures")
    audit("erasures", "erasure", ignored=ignored)


def upgrade() -> None:
    # First, because they end the transaction: a second run after a failure can find half-built ones.
    with op.get_context().autocommit_block():
        for name, (table, expressions, rows) in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.create_index(
                name,
                table,
                ["organization_id", *map(sa.text, expressions)],
                postgresql_concurrently=True,
                if_not_exists=True,
                postgresql_where=None if rows is None else sa.text(rows),
            )
    op.add_column("erasures", sa.Column("places_done", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("erasures", sa.Column("places_total", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("erasures", sa.Column("erased_at", sa.DateTime(timezone=True)))
    op.add_column(
        "erasures",
        sa.Column("files", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    # No one was erased before this release.
    for name, rule in CHECKS.items():
        op.execute(
            f"-- squawk-ignore constraint-missing-not-valid\nALTER TABLE erasures ADD CONSTRAINT {name} CHECK ({rule})"
        )
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\nCREATE UNIQUE INDEX uq_erasures_contact_card ON erasures"
        " (organization_id, contact_card_id) WHERE status <> 'failed'"
    )
    _audit_erasures("places_done", "places_total", "files")
    _replace_check("exports", "check_kind", "kind IN ('calls', 'audit', 'audit_json', 'person', 'organization')")
    _replace_check(
        "messages",
        "check_sms_to_number",
        f"channel <> 'sms' OR to_address = '{ERASED}' OR to_address ~ '{E164}'",
    )
    op.execute(AUDIT_ERASE_ENTRIES)
    op.execute("GRANT EXECUTE ON FUNCTION audit_erase_entries(uuid[], text) TO app_jobs")
    for signature, function in FINDERS.items():
        op.execute(function)
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO app_rw")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    for signature in FINDERS:
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP FUNCTION audit_erase_entries(uuid[], text)")
    op.execute(f"DELETE FROM messages WHERE channel = 'sms' AND to_address = '{ERASED}'")
    _replace_check("messages", "check_sms_to_number", f"channel <> 'sms' OR to_address ~ '{E164}'")
    op.execute("DELETE FROM exports WHERE kind IN ('person', 'organization')")
    _replace_check("exports", "check_kind", "kind IN ('calls', 'audit', 'audit_json')")
    _audit_erasures()
    op.drop_index("uq_erasures_contact_card", "erasures")
    op.drop_constraint("check_erased_completely", "erasures", type_="check")
    op.drop_constraint("check_places", "erasures", type_="check")
    for column in ("files", "erased_at", "places_total", "places_done"):
        op.drop_column("erasures", column)
