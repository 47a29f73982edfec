"""Revisions of pickers, saved views and columns, which are read again only after a change."""

import sqlalchemy as sa
from alembic import op

from migrations.support import create_tenant_table

revision = "0045_revisions"
down_revision = "0044_names_by_who_may_know_them"
branch_labels = None
depends_on = None

description = "Pickers, saved views and columns are read again only where they have changed"
breaking = False

KINDS = ("people", "topics", "views")

# Once per transaction, with a value that never recurs: even after a restore, data cached under it is not trusted.
RAISE = """
CREATE FUNCTION raise_revision(organization uuid, raised text) RETURNS void LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  done text;
BEGIN
  IF current_setting('app.raised_' || raised, true) = organization::text THEN
    RETURN;
  END IF;
  INSERT INTO revisions (organization_id, id, kind, revision)
  SELECT id, new_uuid7(), raised, new_uuid7() FROM organizations WHERE id = organization
  ON CONFLICT ON CONSTRAINT uq_revisions_kind DO UPDATE SET revision = excluded.revision;
  done := set_config('app.raised_' || raised, organization::text, true);
END
$$
"""
RAISE_OF_ROW = """
CREATE FUNCTION raise_revision_of_row() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM raise_revision(coalesce(NEW.organization_id, OLD.organization_id), TG_ARGV[0]);
  RETURN NULL;
END
$$
"""
RAISE_OF_ORGANIZATION = RAISE_OF_ROW.replace("coalesce(NEW.organization_id, OLD.organization_id)", "NEW.id").replace(
    "raise_revision_of_row", "raise_revision_of_organization"
)
# A call with a known value writes nothing, and takes a lock that only the last call with a value waits for.
NOTE_VALUE = """
CREATE FUNCTION note_offered_value(organization uuid, kind_of text, gone text, come text, raised text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF gone IS NOT DISTINCT FROM come THEN
    RETURN;
  END IF;
  IF come IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended(organization || kind_of || come, 0));
    IF NOT EXISTS (
      SELECT FROM offered_values WHERE organization_id = organization AND kind = kind_of AND value = come
    ) THEN
      INSERT INTO offered_values (organization_id, id, kind, value)
      SELECT id, new_uuid7(), kind_of, come FROM organizations WHERE id = organization
      ON CONFLICT ON CONSTRAINT uq_offered_values_value DO NOTHING;
      PERFORM raise_revision(organization, raised);
    END IF;
  END IF;
  IF gone IS NOT NULL AND NOT is_offered_by_a_call(organization, kind_of, gone) THEN
    PERFORM pg_advisory_xact_lock(hashtextextended(organization || kind_of || gone, 0));
    IF NOT is_offered_by_a_call(organization, kind_of, gone) THEN
      DELETE FROM offered_values WHERE organization_id = organization AND kind = kind_of AND value = gone;
      PERFORM raise_revision(organization, raised);
    END IF;
  END IF;
END
$$
"""
IS_OFFERED = """
CREATE FUNCTION is_offered_by_a_call(organization uuid, kind_of text, wanted text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF kind_of = 'topic' THEN
    RETURN EXISTS (SELECT FROM calls WHERE organization_id = organization AND topic = wanted);
  END IF;
  RETURN EXISTS (SELECT FROM calls WHERE organization_id = organization AND csr_id = wanted::uuid);
END
$$
"""
NOTE_OF_CALL = """
CREATE FUNCTION note_offered_values() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  organization uuid := coalesce(NEW.organization_id, OLD.organization_id);
BEGIN
  PERFORM note_offered_value(organization, 'topic', OLD.topic, NEW.topic, 'topics');
  PERFORM note_offered_value(organization, 'csr', OLD.csr_id::text, NEW.csr_id::text, 'people');
  RETURN NULL;
END
$$
"""
FUNCTIONS = {
    "raise_revision(uuid, text)": RAISE,
    "raise_revision_of_row()": RAISE_OF_ROW,
    "raise_revision_of_organization()": RAISE_OF_ORGANIZATION,
    "is_offered_by_a_call(uuid, text, text)": IS_OFFERED,
    "note_offered_value(uuid, text, text, text, text)": NOTE_VALUE,
    "note_offered_values()": NOTE_OF_CALL,
}

# Columns of people that pickers show; `last_seen_at`, which is written often, is not among them.
SHOWN = ("name", "role", "status", "deleted_at", "manager_id")


def _columns(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in SHOWN)


#: Each runs last in its transaction: a raised counter is locked until the commit, and no one should wait.
TRIGGERS = {
    "users": (
        ("people_come_and_go", "INSERT OR DELETE", "", "raise_revision_of_row('people')"),
        (
            "people_change",
            f"UPDATE OF {', '.join(SHOWN)}",
            f"({_columns('OLD')}) IS DISTINCT FROM ({_columns('NEW')})",
            "raise_revision_of_row('people')",
        ),
    ),
    # Seats change with users: their number, and pending invitations to one.
    "invitations": (("people_change", "INSERT OR UPDATE OR DELETE", "", "raise_revision_of_row('people')"),),
    "organizations": (
        (
            "seats_change",
            "UPDATE OF team_members_quota",
            "OLD.team_members_quota IS DISTINCT FROM NEW.team_members_quota",
            "raise_revision_of_organization('people')",
        ),
    ),
    "saved_views": (("views_change", "INSERT OR UPDATE OR DELETE", "", "raise_revision_of_row('views')"),),
    "list_settings": (("views_change", "INSERT OR UPDATE OR DELETE", "", "raise_revision_of_row('views')"),),
    "calls": (
        ("values_come", "INSERT", "num_nonnulls(NEW.topic, NEW.csr_id) > 0", "note_offered_values()"),
        (
            "values_change",
            "UPDATE OF topic, csr_id",
            "(OLD.topic, OLD.csr_id) IS DISTINCT FROM (NEW.topic, NEW.csr_id)",
            "note_offered_values()",
        ),
        ("values_go", "DELETE", "num_nonnulls(OLD.topic, OLD.csr_id) > 0", "note_offered_values()"),
    ),
}


def upgrade() -> None:
    create_tenant_table(
        "revisions",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("revision", sa.Uuid(), nullable=False),
        sa.CheckConstraint(f"kind IN {KINDS}", name="check_kind"),
        sa.UniqueConstraint("organization_id", "kind", name="uq_revisions_kind"),
    )
    create_tenant_table(
        "offered_values",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('csr', 'topic')", name="check_kind"),
        sa.UniqueConstraint("organization_id", "kind", "value", name="uq_offered_values_value"),
    )
    for table in ("revisions", "offered_values"):
        op.execute(f"REVOKE INSERT, UPDATE, DELETE ON {table} FROM app_rw")
    for signature, function in FUNCTIONS.items():
        op.execute(function)
        op.execute(f"REVOKE EXECUTE ON FUNCTION {signature} FROM PUBLIC")
    for table, triggers in TRIGGERS.items():
        for name, happens, when, function in triggers:
            op.execute(
                f"CREATE CONSTRAINT TRIGGER {name} AFTER {happens} ON {table} DEFERRABLE INITIALLY DEFERRED "
                f"FOR EACH ROW {f'WHEN ({when}) ' if when else ''}EXECUTE FUNCTION {function}"
            )
    op.execute("""
      INSERT INTO offered_values (organization_id, id, kind, value)
      SELECT organization_id, new_uuid7(), kind, value
      FROM (
        SELECT DISTINCT organization_id, 'topic' AS kind, topic AS value FROM calls
        UNION ALL
        SELECT DISTINCT organization_id, 'csr', csr_id::text FROM calls
      ) found
      WHERE value IS NOT NULL
    """)


def downgrade() -> None:
    for table, triggers in TRIGGERS.items():
        for name, *_rest in triggers:
            op.execute(f"DROP TRIGGER {name} ON {table}")
    for signature in reversed(FUNCTIONS):
        op.execute(f"-- squawk-ignore ban-drop-function\nDROP FUNCTION {signature}")
    for table in ("revisions", "offered_values"):
        op.execute(f"-- squawk-ignore ban-drop-table\nDROP TABLE {table}")
