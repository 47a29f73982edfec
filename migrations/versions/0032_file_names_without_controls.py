"""Direction controls in names of imported files are escaped."""

from alembic import op

revision = "0032_file_names_without_controls"
down_revision = "0031_known_devices"
branch_labels = None
depends_on = None

description = "Names of files that were imported show what would turn their letters round"
breaking = False

#: Copied from app/directions.py at the time of writing.
CONTROLS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
LONGEST = 255


def upgrade() -> None:
    escaped = "file_name"
    for code in CONTROLS:
        escaped = f"replace({escaped}, chr({code}), '\\u{code:04x}')"
    listed = " || ".join(f"chr({code})" for code in CONTROLS)
    # There are few imports, and hardly any of these. The suffix states the kind of file, so it is retained.
    op.execute(f"UPDATE imports SET file_name = right({escaped}, {LONGEST}) WHERE file_name ~ ('[' || {listed} || ']')")


def downgrade() -> None:
    """Keep the names, which are valid for the previous version."""
