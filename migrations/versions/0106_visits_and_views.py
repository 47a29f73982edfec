"""Visits of platform staff in the entries they cause, and which records were viewed as another person."""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

from migrations.support import Reference, create_tenant_table

revision = "0106_visits_and_views"
down_revision = "0105_security_overview"
branch_labels = None
depends_on = None

description = "The trail names the visit of platform staff and the records viewed as another person"
breaking = False

_SIGNED = import_module("migrations.versions.0041_signed_context")
_JOBS = import_module("migrations.versions.0043_jobs_as_asked_for")
_ENTRIES = import_module("migrations.versions.0050_cheaper_entries")
_MANY = import_module("migrations.versions.0094_entries_in_fewer_steps")


def _again(function: str) -> str:
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)


# The visit is part of the proof, so that no statement can claim one or leave one. Without a visit the proof is the one
# it was: transactions that are running during the migration keep theirs.
_FACTS = "'%L%L%L%L%L%L%L%L%L'"
_LAST = "current_setting('app.correlation_id', true));"
_VISIT = "nullif(current_setting('app.visit', true), '')"


def _with_visit(function: str) -> str:
    return (
        _again(function).replace(_FACTS, f"{_FACTS[:-1]}%s'").replace(_LAST, f"{_LAST[:-2]}, quote_literal({_VISIT}));")
    )


CONTEXT_PROOF = _with_visit(_SIGNED.CONTEXT_PROOF)
SET_CONTEXT = _again(_SIGNED.SET_CONTEXT).replace(
    "  done := set_config('app.action', '', true);\n",
    "  done := set_config('app.visit', coalesce(fact ->> 'visit', ''), true);\n"
    "  done := set_config('app.action', '', true);\n",
)
# Staff whose first entry this is become one of the people whom pickers offer.
SIGNED_ENTRY = _with_visit(_ENTRIES.SIGNED_ENTRY).replace(
    "  RETURN NEW;\n",
    """  IF current_setting('app.actor_role', true) LIKE 'platform\\_%' AND NOT EXISTS (
    SELECT FROM audit_logs
    WHERE organization_id = current_organization() AND user_id = nullif(current_setting('app.actor_id', true), '')::uuid
  ) THEN
    PERFORM raise_revision(current_organization(), 'people');
  END IF;
  RETURN NEW;
""",
)
# The two functions that write the trail, of one entry and of many.
AUDIT_APPEND = _again(_ENTRIES.AUDIT_APPEND).replace(
    "  INSERT INTO audit_logs (",
    f"""  IF {_VISIT} IS NOT NULL THEN
    facts := facts || jsonb_build_object('visit', current_setting('app.visit')::jsonb);
  END IF;
  INSERT INTO audit_logs (""",
    1,
)
AUDIT_INSERTED = _MANY.AUDIT_INSERTED.replace(
    "  actor CONSTANT uuid",
    f"""  visit CONSTANT jsonb := CASE WHEN {_VISIT} IS NULL THEN '{{}}'
    ELSE jsonb_build_object('visit', current_setting('app.visit')::jsonb) END;
  actor CONSTANT uuid""",
    1,
).replace("THEN facts ELSE '{}' END", "THEN facts || visit ELSE visit END", 1)
SIGNED_JOB = _JOBS.SIGNED_JOB.replace("correlation_id}", "correlation_id,visit}").replace(
    "current_setting('app.' || fact)", "coalesce(current_setting('app.' || fact, true), '')"
)

# Each person of the platform is looked up in the trail by an index; there are few of them, and the trail is long. The
# platform's own organization has no guests.
STAFF_IN_TRAIL = """
CREATE FUNCTION staff_in_trail() RETURNS TABLE (user_id uuid, name text) LANGUAGE sql STABLE
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT person.id, entry.actor_label
  FROM system_settings AS settings
  JOIN users AS person ON person.organization_id = settings.platform_organization_id
  CROSS JOIN LATERAL (
    SELECT actor_label FROM audit_logs
    WHERE organization_id = (SELECT current_organization()) AND user_id = person.id
    ORDER BY created_at DESC, id DESC LIMIT 1
  ) AS entry
  WHERE settings.platform_organization_id <> (SELECT current_organization())
$$
"""


_NEW = (CONTEXT_PROOF, SET_CONTEXT, SIGNED_ENTRY, AUDIT_APPEND, AUDIT_INSERTED, SIGNED_JOB, STAFF_IN_TRAIL)
_FORMER = (
    _JOBS.SIGNED_JOB,
    _MANY.AUDIT_INSERTED,
    _again(_ENTRIES.AUDIT_APPEND),
    _ENTRIES.SIGNED_ENTRY,
    _again(_SIGNED.SET_CONTEXT),
    _again(_SIGNED.CONTEXT_PROOF),
)


def upgrade() -> None:
    # Visits that are going on have no id; they are derived, like those before them.
    op.add_column("user_sessions", sa.Column("entered_visit_id", sa.Uuid()))
    for function in _NEW:
        op.execute(function)
    op.execute("REVOKE EXECUTE ON FUNCTION staff_in_trail() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION staff_in_trail() TO app_rw")
    create_tenant_table(
        "record_views",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("viewing_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resource_type", sa.Text(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.UniqueConstraint(
            "organization_id",
            "session_id",
            "viewing_since",
            "resource_type",
            "resource_id",
            name="uq_record_views_record",
        ),
        references=(Reference("session_id", "user_sessions", "CASCADE"),),
    )
    op.execute("REVOKE UPDATE, DELETE ON record_views FROM app_rw")  # they go with their session


def downgrade() -> None:
    op.drop_table("record_views")
    op.execute("-- squawk-ignore ban-drop-function\nDROP FUNCTION staff_in_trail()")
    for function in _FORMER:
        op.execute(function)
    op.drop_column("user_sessions", "entered_visit_id")
