"""Common parts of every table, so that new tables are correct by default.

Frozen once released: a change of behavior needs a new function, so that old migrations keep their meaning.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic import op

TENANT = "organization_id = (SELECT nullif(current_setting('app.organization_id', true), '')::uuid)"

ALWAYS_IGNORED = ("updated_at", "is_deleted")


class Reference(NamedTuple):
    """A reference to another table of the same organization.

    By default, deleting the target sets this one column to NULL.
    """

    column: str
    table: str
    ondelete: str | None = None


def once(revision: str, part: Callable[[], None]) -> None:
    """Run the part before an `autocommit_block`, unless an interrupted run has already done so.

    The block commits what precedes it, but the version is recorded only after the block. The mark is committed together
    with the part.
    """
    context = op.get_context()
    if context.as_sql:
        part()
        return
    mark = sa.text("SELECT obj_description('alembic_version'::regclass, 'pg_class')")
    if op.get_bind().scalar(mark) != revision:
        part()
        op.execute(f"COMMENT ON TABLE alembic_version IS '{revision}'")


def create_tenant_table(
    table: str,
    *items: Any,
    references: Sequence[Reference] = (),
    versioned: bool = False,
    soft_deleted: bool = False,
    parent: str = "CASCADE",
) -> None:
    """Create a table of an organization's rows: keys, references within it, timestamps, row-level security.

    `items` are its own columns and checks. Also call `audit`, unless no user changes the table. `parent` is the ON
    DELETE action of the reference to the organization.
    """
    trash = (Reference("deleted_by", "users"), Reference("deletion_batch_id", "deletion_batches"))
    op.create_table(
        table,
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *items,
        _moment("created_at"),
        _moment("updated_at"),
        *([sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)] if versioned else ()),
        *(_trash_columns() if soft_deleted else ()),
        sa.PrimaryKeyConstraint("organization_id", "id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=f"fk_{table}_organization_id", ondelete=parent
        ),
        *(_foreign_key(table, reference) for reference in (*references, *(trash if soft_deleted else ()))),
    )
    if soft_deleted:
        op.create_index(
            f"idx_{table}_batch",
            table,
            ["organization_id", "deletion_batch_id"],
            postgresql_where=sa.text("deletion_batch_id IS NOT NULL"),
        )
    protect(table)
    touch(table)


def _moment(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)


def _trash_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("deleted_by", sa.Uuid()),
        sa.Column("deletion_batch_id", sa.Uuid()),
        sa.Column("is_deleted", sa.Boolean(), sa.Computed("deleted_at IS NOT NULL", persisted=True), nullable=False),
    )


def _foreign_key(table: str, reference: Reference) -> sa.ForeignKeyConstraint:
    column, target, ondelete = reference
    return sa.ForeignKeyConstraint(
        ["organization_id", column],
        [f"{target}.organization_id", f"{target}.id"],
        name=f"fk_{table}_{column}",
        ondelete=ondelete or f"SET NULL ({column})",
    )


def protect(table: str, tenant: str = TENANT, *, grant: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
    """Enable row-level security: the app sees its organization's rows, and the owner sees all.

    FORCE makes policies apply to the owner, too. The sub-select in `tenant` is evaluated once per statement; without it
    a scan is five times slower. `nullif` is needed because a setting local to an earlier transaction reads as ''
    afterwards.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant ON {table} TO app_rw USING ({tenant}) WITH CHECK ({tenant})")
    op.execute(f"CREATE POLICY owner ON {table} TO app_owner USING (true) WITH CHECK (true)")
    op.execute(f"GRANT {grant} ON {table} TO app_rw")


def touch(table: str) -> None:
    """Add the trigger that updates updated_at."""
    op.execute(
        f"CREATE TRIGGER touch_updated_at BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION touch_updated_at()"
    )


def audit(table: str, resource: str, *, ignored: Sequence[str] = (), redacted: Sequence[str] = ()) -> None:
    """Record every change as `<resource>.created|updated|deleted|restored|purged`.

    Changes to only `ignored` columns (counters, generated columns) are not recorded; for `redacted` ones the values are
    omitted.
    """
    op.execute(
        f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION "
        f"audit_row('{resource}', '{_array((*ALWAYS_IGNORED, *ignored))}', '{_array(redacted)}')"
    )


def _array(names: Sequence[str]) -> str:
    return "{" + ",".join(names) + "}"
