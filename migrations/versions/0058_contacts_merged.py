"""Merging of two contacts, and notes about contacts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.support import Reference, audit, create_tenant_table

revision = "0058_contacts_merged"
down_revision = "0057_leads_by_stage"
branch_labels = None
depends_on = None

description = "What a merge of two contacts did is kept, so that it can be undone; contacts have notes"
breaking = False

STATUSES = "'waiting', 'done', 'failed'"


def upgrade() -> None:
    create_tenant_table(
        "contact_merges",
        sa.Column("kept_card_id", sa.Uuid()),
        sa.Column("merged_card_id", sa.Uuid()),
        sa.Column("kept_version", sa.Integer(), nullable=False),
        sa.Column("merged_version", sa.Integer(), nullable=False),
        sa.Column("choices", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("rows_total", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_moved", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("unrecorded", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("operation_id", sa.Uuid(), nullable=False),
        sa.Column("deletion_batch_id", sa.Uuid()),
        sa.Column("requested_by", sa.Uuid()),
        sa.Column("requested_by_label", sa.Text(), server_default="", nullable=False),
        sa.Column("failure", sa.Text()),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(f"status IN ({STATUSES})", name="check_status"),
        sa.CheckConstraint("kept_card_id <> merged_card_id", name="check_merged_with_another"),
        sa.CheckConstraint("rows_moved >= 0 AND rows_total >= 0", name="check_rows_counted"),
        sa.CheckConstraint("char_length(failure) BETWEEN 1 AND 1000", name="check_failure_length"),
        sa.CheckConstraint("(status = 'waiting') = (finished_at IS NULL)", name="check_merge_finished_at"),
        references=(
            Reference("kept_card_id", "contact_cards"),
            Reference("merged_card_id", "contact_cards"),
            Reference("deletion_batch_id", "deletion_batches"),
            Reference("requested_by", "users"),
        ),
    )
    for column in ("kept_card_id", "merged_card_id", "deletion_batch_id", "requested_by"):
        name = column.removesuffix("_id")
        op.create_index(f"idx_contact_merges_{name}", "contact_merges", ["organization_id", column])
    audit("contact_merges", "contact_merge", ignored=("rows_moved", "unrecorded"))

    create_tenant_table(
        "contact_notes",
        sa.Column("contact_card_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("author_label", sa.Text(), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.CheckConstraint("char_length(body) BETWEEN 1 AND 5000", name="check_body_length"),
        references=(Reference("contact_card_id", "contact_cards", "CASCADE"), Reference("user_id", "users")),
        versioned=True,
        soft_deleted=True,
    )
    op.create_index(
        "idx_contact_notes_contact_date",
        "contact_notes",
        ["organization_id", "contact_card_id", sa.text("created_at DESC"), sa.text("id DESC")],
    )
    op.create_index("idx_contact_notes_user", "contact_notes", ["organization_id", "user_id"])
    op.create_index("idx_contact_notes_deleted", "contact_notes", ["organization_id", "is_deleted"])
    audit("contact_notes", "contact_note")
    refers = "NEW.contact_card_id IS NOT NULL AND NEW.deleted_at IS NULL"
    op.execute(
        "CREATE TRIGGER refuse_card_in_trash BEFORE INSERT ON contact_notes FOR EACH ROW "
        f"WHEN ({refers}) EXECUTE FUNCTION refuse_card_in_trash()"
    )
    op.execute(
        "CREATE TRIGGER refuse_moving_to_card_in_trash BEFORE UPDATE OF contact_card_id ON contact_notes FOR EACH ROW "
        f"WHEN (NEW.contact_card_id IS DISTINCT FROM OLD.contact_card_id AND {refers}) "
        "EXECUTE FUNCTION refuse_card_in_trash()"
    )


def downgrade() -> None:
    op.drop_table("contact_notes")
    op.drop_table("contact_merges")
