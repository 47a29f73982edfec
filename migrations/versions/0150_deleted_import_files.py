"""The time at which the file of an import was deleted, because a person in it was erased.

Until now, only imports that hadn't started said so; the integrity check reported the files of others as missing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0150_deleted_import_files"
down_revision = "0149_time_off_by_person"
branch_labels = None
depends_on = None

description = "Imports say that their file was deleted with an erased person"
breaking = False


def upgrade() -> None:
    op.add_column("imports", sa.Column("file_deleted_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("imports", "file_deleted_at")
