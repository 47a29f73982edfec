"""Deletions in batches; rows that a restore left in the trash become a deletion of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0033_deletions_in_portions"
down_revision = "0032_file_names_without_controls"
branch_labels = None
depends_on = None

description = "Deletions go in portions, and what a restored organization leaves out is a deletion of its own"
breaking = False

PARENT, ONE_AT_A_TIME = "fk_deletion_batches_parent_batch_id", "check_deleting_or_restoring"

#: Deleted with a contact in batches: nothing new can be added to a card in the trash.
GOES_ALONG = ("tasks", "pending_actions", "contact_phones")

# Rows that stayed in the trash when their organization was restored, which no page showed and nothing purged: those of
# each organization become one deletion, retained from now on like any other. Parents first, because the label is taken
# from them.
PUT_APART = """
DO $$
DECLARE
  stranded record;
  apart uuid;
BEGIN
  FOR stranded IN
    SELECT batches.*, organizations.trash_days FROM deletion_batches batches
    JOIN organizations ON organizations.id = batches.organization_id
    WHERE batches.root_type = 'organization' AND batches.restored_at IS NULL AND batches.purged_at IS NULL
      AND organizations.deletion_batch_id IS DISTINCT FROM batches.id
  LOOP
    apart := new_uuid7();
    WITH left_out AS (
      SELECT 1 AS place, 'user' AS resource, id, name AS label FROM users
        WHERE organization_id = stranded.organization_id AND deletion_batch_id = stranded.id
      UNION ALL
      SELECT 2, 'phone_number', id, coalesce(display_name, number) FROM phone_numbers
        WHERE organization_id = stranded.organization_id AND deletion_batch_id = stranded.id
      UNION ALL
      SELECT 3, 'knowledge_item', id, question FROM knowledge_items
        WHERE organization_id = stranded.organization_id AND deletion_batch_id = stranded.id
      UNION ALL
      SELECT 4, 'subscription', id, plan FROM subscriptions
        WHERE organization_id = stranded.organization_id AND deletion_batch_id = stranded.id
    ), counted AS (
      SELECT jsonb_object_agg(resource, number) AS counts
      FROM (SELECT resource, count(*) AS number FROM left_out GROUP BY resource) kinds
    )
    INSERT INTO deletion_batches (
      organization_id, id, parent_batch_id, deleted_by, deleted_by_label, reason, root_type, root_id, root_label,
      counts, purge_after
    )
    SELECT stranded.organization_id, apart, stranded.id, stranded.deleted_by, stranded.deleted_by_label,
      stranded.reason, resource, left_out.id, left(label, 120), counts, now() + make_interval(days => stranded.trash_days)
    FROM left_out, counted ORDER BY place, left_out.id LIMIT 1;
    UPDATE users SET deletion_batch_id = apart
      WHERE organization_id = stranded.organization_id AND deletion_batch_id = stranded.id;
    UPDATE phone_numbers SET deletion_batch_id = apart
      WHERE organization_id = stranded.organization_id AND deletion_batch_id = stranded.id;
    UPDATE knowledge_items SET deletion_batch_id = apart
      WHERE organization_id = stranded.organization_id AND deletion_batch_id = stranded.id;
    UPDATE subscriptions SET deletion_batch_id = apart
      WHERE organization_id = stranded.organization_id AND deletion_batch_id = stranded.id;
    UPDATE deletion_batches SET restored_at = now()
      WHERE organization_id = stranded.organization_id AND id = stranded.id;
  END LOOP;
END
$$
"""


def upgrade() -> None:
    op.add_column("deletion_batches", sa.Column("parent_batch_id", sa.Uuid()))
    op.add_column("deletion_batches", sa.Column("deleting_at", sa.DateTime(timezone=True)))
    op.add_column("deletion_batches", sa.Column("delete_failure", sa.Text()))
    op.execute(
        f"ALTER TABLE deletion_batches ADD CONSTRAINT {PARENT} FOREIGN KEY (organization_id, parent_batch_id) "
        "REFERENCES deletion_batches (organization_id, id) ON DELETE SET NULL (parent_batch_id) NOT VALID"
    )
    op.execute(
        f"ALTER TABLE deletion_batches ADD CONSTRAINT {ONE_AT_A_TIME} "
        "CHECK (deleting_at IS NULL OR restoring_at IS NULL) NOT VALID"
    )
    for constraint in (PARENT, ONE_AT_A_TIME):
        # One row per deletion, and the columns are new, so the validation is fast.
        op.execute(
            "-- squawk-ignore constraint-missing-not-valid\n"
            f"ALTER TABLE deletion_batches VALIDATE CONSTRAINT {constraint}"
        )
    # The column is new, so the index is empty and built immediately.
    op.execute(
        "-- squawk-ignore require-concurrent-index-creation\n"
        "CREATE INDEX idx_deletion_batches_parent ON deletion_batches (organization_id, parent_batch_id) "
        "WHERE parent_batch_id IS NOT NULL"
    )
    for table in GOES_ALONG:
        refers = "NEW.contact_card_id IS NOT NULL AND NEW.deleted_at IS NULL"
        op.execute(
            f"CREATE TRIGGER refuse_card_in_trash BEFORE INSERT ON {table} FOR EACH ROW "
            f"WHEN ({refers}) EXECUTE FUNCTION refuse_card_in_trash()"
        )
        op.execute(
            f"CREATE TRIGGER refuse_moving_to_card_in_trash BEFORE UPDATE OF contact_card_id ON {table} FOR EACH ROW "
            f"WHEN (NEW.contact_card_id IS DISTINCT FROM OLD.contact_card_id AND {refers}) "
            "EXECUTE FUNCTION refuse_card_in_trash()"
        )
    op.execute(PUT_APART)


def downgrade() -> None:
    for table in GOES_ALONG:
        op.execute(f"DROP TRIGGER refuse_moving_to_card_in_trash ON {table}")
        op.execute(f"DROP TRIGGER refuse_card_in_trash ON {table}")
    op.drop_constraint(ONE_AT_A_TIME, "deletion_batches")
    op.drop_constraint(PARENT, "deletion_batches")
    for column in ("delete_failure", "deleting_at", "parent_batch_id"):
        op.drop_column("deletion_batches", column)
