"""View as: admins see pages as another user."""

from alembic import op

revision = "0023_viewing_as"
down_revision = "0022_people"
branch_labels = None
depends_on = None

description = "An admin sees pages as somebody else does"
breaking = False

COLUMNS = {"viewing_user_id": "uuid", "viewing_since": "timestamptz", "viewing_reason": "text"}
CONSTRAINTS = {
    "fk_user_sessions_viewing_user_id": (
        "FOREIGN KEY (organization_id, viewing_user_id) REFERENCES users (organization_id, id)"
        " ON DELETE SET NULL (viewing_user_id)"
    ),
    "check_viewing_reason_length": "CHECK (char_length(viewing_reason) BETWEEN 3 AND 500)",
    "check_viewing_with_reason": (
        "CHECK (viewing_user_id IS NULL OR (viewing_since IS NOT NULL AND viewing_reason IS NOT NULL))"
    ),
    "check_viewing_another": "CHECK (viewing_user_id <> user_id)",
    "check_viewing_at_home": "CHECK (viewing_since IS NULL OR entered_organization_id IS NULL)",
}


def upgrade() -> None:
    # Everything is committed before it is validated, so a second run after a failure finds what the first one left.
    for column, kind in COLUMNS.items():
        op.execute(f"ALTER TABLE user_sessions ADD COLUMN IF NOT EXISTS {column} {kind}")
    for name, definition in CONSTRAINTS.items():
        op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE user_sessions DROP CONSTRAINT IF EXISTS {name}")
        op.execute(f"ALTER TABLE user_sessions ADD CONSTRAINT {name} {definition} NOT VALID")
    # Last, in separate transactions, so that no one waits for it.
    with op.get_context().autocommit_block():
        for name in CONSTRAINTS:
            # Can be repeated without a transaction.
            op.execute(f"-- squawk-ignore prefer-robust-stmts\nALTER TABLE user_sessions VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    for name in reversed(CONSTRAINTS):
        op.drop_constraint(name, "user_sessions")
    for column in reversed(COLUMNS):
        op.drop_column("user_sessions", column)
