"""A missed caller keeps the CSR to whom they are credited, when their call was missed and when they stopped waiting.

Until now, the lead's CSR of today had the credit: handing over a lead changed numbers of the past. Two facts are stored
that are shown beside numbers: which leads a colleague had booked before a CSR's call, and before which time records have
been deleted for their age.
"""

from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0145_credit_for_missed_callers"
down_revision = "0144_marks_of_follow_ups"
branch_labels = None
depends_on = None

description = "A missed caller keeps the CSR to whom they are credited"
# The previous version still credits missed callers to the CSR of their lead, changes of which are no longer marked.
breaking = True

_APPOINTMENTS: Any = import_module("migrations.versions.0132_rollup_of_appointments")
_CALLERS: Any = import_module("migrations.versions.0134_rollup_of_missed_callers")
_FOLLOW_UPS: Any = import_module("migrations.versions.0144_marks_of_follow_ups")

COLUMNS = {"csr_id": "idx_missed_entries_csr", "resolved_csr_id": "idx_missed_entries_resolved_csr"}

# Whatever closes an entry (a booking, an import, a job) sets its status: the credit is decided in one place. A change
# that also sets the credit corrects the past: it stays.
_CREDIT = """
CREATE FUNCTION credit_missed_caller() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  csr_of_lead uuid := (
    SELECT csr_id FROM leads WHERE organization_id = NEW.organization_id AND id = NEW.lead_id AND deleted_at IS NULL
  );
BEGIN
  NEW.csr_id := coalesce(NEW.csr_id, csr_of_lead);
  IF NEW.status IN ('open', 'claimed') THEN
    NEW.resolved_csr_id := NULL;
  ELSIF TG_OP = 'INSERT' THEN
    NEW.resolved_csr_id := coalesce(NEW.resolved_csr_id, csr_of_lead);
  ELSIF NEW.status <> OLD.status AND NEW.resolved_csr_id IS NOT DISTINCT FROM OLD.resolved_csr_id THEN
    NEW.resolved_csr_id := csr_of_lead;
  END IF;
  RETURN NEW;
END
$$
"""
# Each portion is committed, so that nothing waits for more than 5,000 callers. New ones are credited by the trigger.
BACKFILL = """
DO $$
DECLARE
  reached record;
BEGIN
  SELECT organization_id, id INTO reached FROM missed_call_entries ORDER BY organization_id, id LIMIT 1;
  WHILE reached.id IS NOT NULL LOOP
    UPDATE missed_call_entries entries SET
      csr_id = coalesce(entries.csr_id, leads.csr_id),
      resolved_csr_id = CASE WHEN entries.status NOT IN ('open', 'claimed')
        THEN coalesce(entries.resolved_csr_id, leads.csr_id) END
    FROM (
      SELECT organization_id, id FROM missed_call_entries
      WHERE (organization_id, id) >= (reached.organization_id, reached.id)
      ORDER BY organization_id, id LIMIT 5000
    ) portion
    JOIN missed_call_entries theirs ON theirs.organization_id = portion.organization_id AND theirs.id = portion.id
    JOIN leads ON leads.organization_id = theirs.organization_id AND leads.id = theirs.lead_id
      AND leads.deleted_at IS NULL AND leads.csr_id IS NOT NULL
    WHERE entries.organization_id = portion.organization_id AND entries.id = portion.id AND entries.csr_id IS NULL;
    COMMIT;
    SELECT organization_id, id INTO reached FROM missed_call_entries
    WHERE (organization_id, id) >= (reached.organization_id, reached.id)
    ORDER BY organization_id, id OFFSET 5000 LIMIT 1;
  END LOOP;
END
$$
"""
_DATES = "('resolved', resolved_at), ('missed', first_missed_at)"
_MARK_ENTRIES = _APPOINTMENTS.marking(
    "mark_entries",
    "organization_id, id, csr_id, resolved_csr_id, first_missed_at, resolved_at, status, rescued_by, attempts,"
    " sla_due_at",
    f"SELECT organization_id, ledger, moment FROM {{rows}} CROSS JOIN LATERAL (VALUES {_DATES}) dates (ledger, moment)",
)
# A lead that is booked is no longer one that no colleague had booked, for calls from then on.
_MARK_BOOKINGS = """
    IF unit = 'day' THEN
      INSERT INTO rollup_marks (organization_id, ledger, hours)
      SELECT organization_id, 'leads', tstzrange(min(booked_at), NULL)
      FROM {rows} WHERE lead_id IS NOT NULL GROUP BY organization_id;
    ELSE
      INSERT INTO rollup_marks (organization_id, ledger, resource, record_id, since)
      SELECT organization_id, 'leads', 'lead', lead_id, min(booked_at)
      FROM {rows} WHERE lead_id IS NOT NULL GROUP BY organization_id, lead_id;
    END IF;
"""
_BOOKED = "organization_id, id, lead_id, csr_id, booked_at, deleted_at"
_MARK_APPOINTMENTS = _FOLLOW_UPS._mark_appointments().replace(
    "  RETURN NULL;",
    f"""
  IF TG_OP = 'UPDATE' THEN{_MARK_BOOKINGS.format(rows=f"{_CALLERS._changed(_BOOKED)} booked")}
  ELSE{_MARK_BOOKINGS.format(rows="written")}
  END IF;
  RETURN NULL;""",
    1,
)
_MARK_LEADS = f"""
CREATE OR REPLACE FUNCTION mark_leads() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO rollup_marks (organization_id, ledger, resource, record_id)
  SELECT DISTINCT organization_id, 'leads', 'lead', id
  FROM {_CALLERS._changed("organization_id, id, assigned_rep_id, qualification_status, deleted_at")} changed;
  RETURN NULL;
END
$$
"""
# The ledgers no longer know marks of leads: what these marked is marked by its hour.
_CONVERT_MARKS = f"""
WITH of_leads AS (
  DELETE FROM rollup_marks WHERE ledger IN ('resolved', 'missed') AND resource = 'lead' RETURNING *
)
INSERT INTO rollup_marks (organization_id, ledger, hours)
SELECT DISTINCT marks.organization_id, marks.ledger,
  tstzrange(date_trunc('hour', moment, 'UTC'), date_trunc('hour', moment, 'UTC') + interval '1 hour')
FROM of_leads marks
JOIN missed_call_entries entries
  ON entries.organization_id = marks.organization_id AND entries.lead_id = marks.record_id
CROSS JOIN LATERAL (VALUES {_DATES}) dates (ledger, moment)
WHERE dates.ledger = marks.ledger AND moment IS NOT NULL
"""
# What past runs have deleted, by the days that counted then: those before the next change of them, or else those of now.
DELETED_BEFORE = """
UPDATE organizations SET deleted_before = runs.deleted_before
FROM (
  SELECT organization_id, jsonb_object_agg(kind, before) AS deleted_before
  FROM (
    SELECT entries.organization_id, deleted.kind, max(entries.created_at - make_interval(
      days => coalesce((coalesce(next.retention_days, o.retention_days) ->> deleted.kind)::integer, 730))) AS before
    FROM audit_logs entries
    JOIN organizations o ON o.id = entries.organization_id
    CROSS JOIN LATERAL jsonb_each_text(entries.metadata -> 'itemsDeleted') deleted (kind, number)
    LEFT JOIN LATERAL (
      SELECT changes.before -> 'retention_days' AS retention_days FROM audit_logs changes
      WHERE changes.organization_id = o.id AND changes.resource_type = 'organization' AND changes.resource_id = o.id
        AND changes.before ? 'retention_days' AND changes.created_at > entries.created_at
      ORDER BY changes.created_at LIMIT 1
    ) next ON true
    WHERE entries.action = 'retention.applied' AND deleted.number::integer > 0
    GROUP BY entries.organization_id, deleted.kind
  ) latest
  GROUP BY organization_id
) runs
WHERE organizations.id = runs.organization_id
"""
_AUDITED = "'missed_call_entry', '{{updated_at,is_deleted,claim_expires_at,first_attempt_seconds{more}}}', '{{}}'"


def upgrade() -> None:
    once(revision, _columns)
    # Outside a transaction, so that the queue can be worked meanwhile. Indexes are dropped first, because an interrupted
    # run can have left them half built.
    with op.get_context().autocommit_block():
        op.execute(BACKFILL)
        op.execute(DELETED_BEFORE)
        for column, index in COLUMNS.items():
            op.execute(
                "-- squawk-ignore prefer-robust-stmts\n"
                f"ALTER TABLE missed_call_entries VALIDATE CONSTRAINT fk_missed_call_entries_{column}"
            )
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index}")
            op.execute(
                f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON missed_call_entries (organization_id, {column})"
                f" WHERE {column} IS NOT NULL"
            )
    _record_changes()
    _replace_marking(_MARK_ENTRIES, _MARK_LEADS, _MARK_APPOINTMENTS)
    op.execute(_CONVERT_MARKS)


def downgrade() -> None:
    _replace_marking(_CALLERS._MARK_ENTRIES, _CALLERS._MARK_LEADS, _FOLLOW_UPS._mark_appointments())
    op.drop_column("csr_lead_days", "qualified_leads_sum")
    _record_changes_of_organizations("updated_at,is_deleted")
    op.drop_column("organizations", "deleted_before")
    op.execute("DROP TRIGGER credit ON missed_call_entries")
    op.execute("-- squawk-ignore ban-drop-function\nDROP FUNCTION credit_missed_caller()")
    for column in COLUMNS:
        op.drop_column("missed_call_entries", column)


def _columns() -> None:
    op.execute("ALTER TABLE csr_lead_days ADD COLUMN qualified_leads_sum bigint DEFAULT 0 NOT NULL")
    # Days that this version stored before a downgrade would have 0, and the credit of that time.
    op.execute("UPDATE rollup_days SET definitions = '' WHERE ledger IN ('leads', 'missed', 'resolved')")
    op.execute("ALTER TABLE organizations ADD COLUMN deleted_before jsonb DEFAULT '{}' NOT NULL")
    # Each run is an entry of its own.
    _record_changes_of_organizations("updated_at,is_deleted,deleted_before")
    for column in COLUMNS:
        op.add_column("missed_call_entries", sa.Column(column, sa.Uuid(), nullable=True))
        op.execute(
            f"ALTER TABLE missed_call_entries ADD CONSTRAINT fk_missed_call_entries_{column}"
            f" FOREIGN KEY (organization_id, {column}) REFERENCES users (organization_id, id)"
            f" ON DELETE SET NULL ({column}) NOT VALID"
        )
    op.execute(_CREDIT)
    op.execute(
        "CREATE TRIGGER credit BEFORE INSERT OR UPDATE OF status ON missed_call_entries"
        " FOR EACH ROW EXECUTE FUNCTION credit_missed_caller()"
    )
    # Crediting callers of the past is no change of them: it is neither recorded nor dated.
    _record_changes(ignored=tuple(COLUMNS))


def _record_changes(ignored: tuple[str, ...] = ()) -> None:
    """Replace the triggers that record and date changes; those of `ignored` columns alone are neither."""
    audited = _AUDITED.format(more="".join(f",{column}" for column in ignored))
    same = " AND ".join(f"old.{column} IS NOT DISTINCT FROM new.{column}" for column in ignored)
    op.execute(
        "CREATE OR REPLACE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON missed_call_entries"
        f" FOR EACH ROW EXECUTE FUNCTION audit_row({audited})"
    )
    op.execute(
        "CREATE OR REPLACE TRIGGER touch_updated_at BEFORE UPDATE ON missed_call_entries"
        f" FOR EACH ROW {f'WHEN ({same})' if same else ''} EXECUTE FUNCTION touch_updated_at()"
    )


def _record_changes_of_organizations(ignored: str) -> None:
    op.execute(
        "CREATE OR REPLACE TRIGGER audit AFTER INSERT OR DELETE OR UPDATE ON organizations"
        f" FOR EACH ROW EXECUTE FUNCTION audit_row('organization', '{{{ignored}}}', '{{webhook_key}}')"
    )


def _replace_marking(*definitions: str) -> None:
    for definition in definitions:
        op.execute(definition)
    # As of migrations 0138 and 0139; replacing a function resets its settings.
    for function in ("mark_entries", "mark_appointments"):
        op.execute(f"ALTER FUNCTION {function}() SET plan_cache_mode = force_generic_plan")
        op.execute(f"ALTER FUNCTION {function}() SET timezone = 'UTC'")
