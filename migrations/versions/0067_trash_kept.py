"""People who deleted records, and the trash's retention, are read again only after a change."""

from alembic import op

revision = "0067_trash_kept"
down_revision = "0066_names_of_records"
branch_labels = None
depends_on = None

description = "The trash reads again only what has changed of its pickers"
breaking = False

_BEFORE = ("people", "topics", "views")
KINDS = (*_BEFORE, "trash")
_KEEPING = ("trash_days", "legal_hold", "legal_hold_reason")


def _columns(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in _KEEPING)


#: Like those of migration 0045: each runs last in its transaction.
TRIGGERS = (
    ("deletion_batches", "deleters_come_and_go", "INSERT OR DELETE", "", "raise_revision_of_row('trash')"),
    (
        "deletion_batches",
        "deleters_change",
        "UPDATE OF deleted_by",
        "OLD.deleted_by IS DISTINCT FROM NEW.deleted_by",
        "raise_revision_of_row('trash')",
    ),
    (
        "organizations",
        "keeping_changes",
        f"UPDATE OF {', '.join(_KEEPING)}",
        f"({_columns('OLD')}) IS DISTINCT FROM ({_columns('NEW')})",
        "raise_revision_of_organization('trash')",
    ),
)


def upgrade() -> None:
    _allow(KINDS)
    for table, name, happens, when, function in TRIGGERS:
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {name} AFTER {happens} ON {table} DEFERRABLE INITIALLY DEFERRED "
            f"FOR EACH ROW {f'WHEN ({when}) ' if when else ''}EXECUTE FUNCTION {function}"
        )


def downgrade() -> None:
    for table, name, *_rest in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute("DELETE FROM revisions WHERE kind = 'trash'")
    _allow(_BEFORE)


def _allow(kinds: tuple[str, ...]) -> None:
    op.execute("-- squawk-ignore ban-drop-constraint\nALTER TABLE revisions DROP CONSTRAINT check_kind")
    op.create_check_constraint("check_kind", "revisions", f"kind IN {kinds}", postgresql_not_valid=True)
    op.execute("-- squawk-ignore constraint-missing-not-valid\nALTER TABLE revisions VALIDATE CONSTRAINT check_kind")
