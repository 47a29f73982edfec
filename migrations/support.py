"""What every table needs besides its columns, in one line each: the next table is right by default.

Frozen once released: a change of behaviour is a new function, so that old migrations keep meaning what they meant.
"""

from collections.abc import Sequence

from alembic import op

TENANT = "organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"

ALWAYS_IGNORED = ("updated_at", "is_deleted")


def protect(table: str, tenant: str = TENANT, *, grant: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Row-level security: the app sees its organization's rows, the owner all. FORCE binds the owner to policies too.

    The sub-select in `tenant` is evaluated once a statement; without it a scan is five times slower. `nullif` is
    needed because a setting that was local to an earlier transaction reads as '' afterwards.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} TO app_rw USING ({tenant}) WITH CHECK ({tenant})")
    op.execute(f"CREATE POLICY owner ON {table} TO app_owner USING (true) WITH CHECK (true)")
    op.execute(f"GRANT {grant} ON {table} TO app_rw")


def touch(table: str) -> None:
    """Keep updated_at."""
    op.execute(
        f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
    )


def audit(table: str, resource: str, *, ignored: Sequence[str] = (), redacted: Sequence[str] = ()) -> None:
    """Record every change as `<resource>.created|updated|deleted|restored|purged`.

    `ignored` columns are no change at all (counters, generated columns); of `redacted` ones only the fact is kept.
    """
    op.execute(
        f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION "
        f"audit_row('{resource}', '{_array((*ALWAYS_IGNORED, *ignored))}', '{_array(redacted)}')"
    )


def _array(names: Sequence[str]) -> str:
    return "{" + ",".join(names) + "}"
