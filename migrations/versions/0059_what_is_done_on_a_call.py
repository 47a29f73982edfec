"""Decisions on disputes can have a reason; coaching can refer to a transcript turn, be answered and be marked done."""

import sqlalchemy as sa
from alembic import op

from migrations.support import once

revision = "0059_what_is_done_on_a_call"
down_revision = "0058_contacts_merged"
branch_labels = None
depends_on = None

description = "Decisions of disputes say why, and coaching stands at a turn of the transcript, is answered and done"
breaking = False

#: name → (table, condition)
CHECKS = {
    "check_decision_note_length": ("booking_disputes", "char_length(decision_note) BETWEEN 3 AND 500"),
    "check_decision_note_decided": ("booking_disputes", "decision_note IS NULL OR status <> 'open'"),
    "check_turn_range": ("call_notes", "turn BETWEEN 0 AND 4999"),
    "check_coached_at_turn": (
        "call_notes",
        "kind = 'coaching' OR (turn IS NULL AND parent_id IS NULL AND done_at IS NULL)",
    ),
    "check_answers_have_no_turn": ("call_notes", "parent_id IS NULL OR (turn IS NULL AND done_at IS NULL)"),
}
PARENT = "fk_call_notes_parent_id"
ANSWERS = "idx_call_notes_parent"


def upgrade() -> None:
    once(revision, _at_once)
    # Outside a transaction, so that rows can be written during validation.
    with op.get_context().autocommit_block():
        for name, table in {
            PARENT: "call_notes",
            **{name: table for name, (table, _condition) in CHECKS.items()},
        }.items():
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE {table} VALIDATE CONSTRAINT {name}")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {ANSWERS}")
        op.execute(
            f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {ANSWERS} ON call_notes (organization_id, parent_id) "
            "WHERE parent_id IS NOT NULL"
        )


def _at_once() -> None:
    op.add_column("booking_disputes", sa.Column("decision_note", sa.Text()))
    op.add_column("call_notes", sa.Column("turn", sa.Integer()))
    op.add_column("call_notes", sa.Column("parent_id", sa.Uuid()))
    op.add_column("call_notes", sa.Column("done_at", sa.DateTime(timezone=True)))
    op.execute(
        f"ALTER TABLE call_notes ADD CONSTRAINT {PARENT} FOREIGN KEY (organization_id, parent_id) "
        "REFERENCES call_notes (organization_id, id) ON DELETE CASCADE NOT VALID"
    )
    for name, (table, condition) in CHECKS.items():
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition}) NOT VALID")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {ANSWERS}")
    for name, (table, _condition) in CHECKS.items():
        op.drop_constraint(name, table, type_="check")
    op.drop_constraint(PARENT, "call_notes", type_="foreignkey")
    for column in ("done_at", "parent_id", "turn"):
        op.drop_column("call_notes", column)
    op.drop_column("booking_disputes", "decision_note")
