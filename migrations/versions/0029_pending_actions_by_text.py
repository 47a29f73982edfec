"""Suggested tasks of the category `other` are distinguished by their text."""

from alembic import op

revision = "0029_pending_actions_by_text"
down_revision = "0028_streams"
branch_labels = None
depends_on = None

description = "Pending actions of other kinds are told apart by their text"
breaking = False

OF_ROLES, OF_ROLES_BEFORE = "idx_users_organization_role", "idx_users_role_name"
KEY, KEY_BEFORE = "uq_pending_actions_contact_category_due_text", "uq_pending_actions_contact_category_due"
KEY_COLUMNS = "organization_id, contact_card_id, category, due_at"
# A hash, because a text can be longer than an index entry. Texts of erased people are all equal, so the ID is used.
TEXT = (
    "(CASE WHEN category <> 'other' OR due_at IS NOT NULL THEN NULL"
    " WHEN raw_text = 'Erased' THEN id::text ELSE md5(raw_text) END)"
)
# The previous key allows only one of these. The first one is retained.
DELETE_FURTHER = """
DELETE FROM pending_actions USING (
  SELECT id, row_number() OVER (PARTITION BY organization_id, contact_card_id ORDER BY created_at, id) AS place
  FROM pending_actions WHERE category = 'other' AND due_at IS NULL
) numbered
WHERE pending_actions.id = numbered.id AND place > 1
"""


def upgrade() -> None:
    # Outside a transaction, so that actions can be stored in the meantime. Leftovers of an interrupted run are created
    # again.
    with op.get_context().autocommit_block():
        # No query refers to the index by name.
        op.execute(f"-- squawk-ignore renaming-object\nALTER INDEX IF EXISTS {OF_ROLES_BEFORE} RENAME TO {OF_ROLES}")
        op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {KEY}")
        op.execute(
            f"CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS {KEY} ON pending_actions ({KEY_COLUMNS}, {TEXT})"
            " NULLS NOT DISTINCT"
        )
        op.execute(
            f"-- squawk-ignore ban-drop-constraint\nALTER TABLE pending_actions DROP CONSTRAINT IF EXISTS {KEY_BEFORE}"
        )


def downgrade() -> None:
    op.execute(DELETE_FURTHER)
    op.execute(f"ALTER TABLE pending_actions ADD CONSTRAINT {KEY_BEFORE} UNIQUE NULLS NOT DISTINCT ({KEY_COLUMNS})")
    op.drop_index(KEY, "pending_actions")
    op.execute(f"ALTER INDEX {OF_ROLES} RENAME TO {OF_ROLES_BEFORE}")
