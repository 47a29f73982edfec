"""Only what is deleted whole is removed for good"""

from alembic import op

revision = "0042_whole_deletions"
down_revision = "0041_signed_context"
branch_labels = None
depends_on = None

description = "Only what is deleted whole is removed for good"
breaking = False

WHOLE = "check_purged_when_all_deleted"


def upgrade() -> None:
    # Of what is gone nothing is left to do.
    op.execute(
        "UPDATE deletion_batches SET delete_failure = NULL WHERE purged_at IS NOT NULL AND delete_failure IS NOT NULL"
    )
    op.execute(
        f"ALTER TABLE deletion_batches ADD CONSTRAINT {WHOLE} "
        "CHECK (purged_at IS NULL OR (deleting_at IS NULL AND delete_failure IS NULL)) NOT VALID"
    )
    # One row a deletion: nobody waits long for them to be looked through.
    op.execute(
        f"-- squawk-ignore constraint-missing-not-valid\nALTER TABLE deletion_batches VALIDATE CONSTRAINT {WHOLE}"
    )


def downgrade() -> None:
    op.execute(f"ALTER TABLE deletion_batches DROP CONSTRAINT {WHOLE}")
