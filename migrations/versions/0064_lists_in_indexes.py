"""Lists of daily work are counted in indexes, and a user's own leads and contacts are found by their calls."""

from alembic import op

revision = "0064_lists_in_indexes"
down_revision = "0063_trail_in_fewer_steps"
branch_labels = None
depends_on = None

description = "Lists of contacts, leads, appointments and tasks are counted without reading their tables"
breaking = False

_DUE = "COALESCE(due_at, '9999-01-01 00:00:00+00'::timestamptz)"
_WHETHER_LIVE = " INCLUDE (deleted_at)"
_WHOM = " INCLUDE (contact_card_id, deleted_at)"
_WHOM_AND_WHAT = " INCLUDE (contact_card_id, lead_id)"
_LATEST = "started_at DESC, id DESC"

#: table → name → definition after the organization: new, and old; None if there is no such index. Indexes in the order
#: of a list are read for its page and, if they contain the deletion, for its count alone.
INDEXES: dict[str, dict[str, tuple[str | None, str | None]]] = {
    "calls": {
        "idx_calls_csr_date": (f"csr_id, {_LATEST}){_WHOM_AND_WHAT}", f"csr_id, {_LATEST})"),
        "idx_calls_handler_date": (
            f"handled_by_user_id, {_LATEST}){_WHOM_AND_WHAT}",
            f"handled_by_user_id, {_LATEST})",
        ),
        "idx_calls_rep_date": (f"assigned_rep_id, {_LATEST}){_WHOM_AND_WHAT}", f"assigned_rep_id, {_LATEST})"),
    },
    "contact_cards": {
        "idx_contact_cards_date": (f"created_at DESC, id DESC){_WHETHER_LIVE}", "created_at DESC, id DESC)"),
        "idx_contact_cards_source": (f"source, created_at DESC, id DESC){_WHETHER_LIVE}", None),
        "idx_contact_cards_deleted": (None, "is_deleted)"),
    },
    "leads": {
        "idx_leads_activity": (f"last_activity_at DESC, id DESC){_WHETHER_LIVE}", "last_activity_at DESC, id DESC)"),
        "idx_leads_csr": (
            f"csr_id, last_activity_at DESC, id DESC){_WHOM}",
            "csr_id, last_activity_at DESC, id DESC)",
        ),
        "idx_leads_rep": (f"assigned_rep_id, last_activity_at DESC, id DESC){_WHOM}", None),
        "idx_leads_rep_stage": (None, "assigned_rep_id, stage)"),
        "idx_leads_stage": (f"stage, last_activity_at DESC, id DESC){_WHETHER_LIVE}", None),
        "idx_leads_deleted": (None, "is_deleted)"),
    },
    "appointments": {
        "idx_appointments_start": (
            f"scheduled_start_at DESC, id DESC){_WHETHER_LIVE}",
            "scheduled_start_at DESC, id DESC)",
        ),
        "idx_appointments_rep_start": (
            f"sales_rep_id, scheduled_start_at, id){_WHOM}",
            "sales_rep_id, scheduled_start_at)",
        ),
        "idx_appointments_csr_start": (f"csr_id, scheduled_start_at, id){_WHOM}", None),
        "idx_appointments_status": (f"status, scheduled_start_at, id){_WHETHER_LIVE}", None),
        "idx_appointments_outcome": (f"outcome, scheduled_start_at, id){_WHETHER_LIVE}", None),
        "idx_appointments_deleted": (None, "is_deleted)"),
    },
    "tasks": {
        "idx_tasks_due": (f"{_DUE}, id){_WHETHER_LIVE}", f"{_DUE}, id)"),
        "idx_tasks_open": (f"{_DUE}, id){_WHETHER_LIVE} WHERE status IN ('pending', 'in_progress')", None),
        "idx_tasks_status": (f"status, {_DUE}, id){_WHETHER_LIVE}", None),
        "idx_tasks_priority": (f"priority, {_DUE}, id){_WHETHER_LIVE}", None),
        "idx_tasks_deleted": (None, "is_deleted)"),
    },
}


def upgrade() -> None:
    _change(0)


def downgrade() -> None:
    _change(1)


def _change(which: int) -> None:
    # Outside a transaction, so that rows can be written in the meantime. Each index remains until its replacement is
    # built.
    with op.get_context().autocommit_block():
        for table, indexes in INDEXES.items():
            for name, definitions in indexes.items():
                _replace(table, name, definitions[which])


def _replace(table: str, name: str, definition: str | None) -> None:
    built = f"{name}_built"
    # Rebuilt, because an interrupted run can have left it half built.
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {built}")
    if definition is not None:
        op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {built} ON {table} (organization_id, {definition}")
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
    if definition is not None:
        op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX {built} RENAME TO {name}")
