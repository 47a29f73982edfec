"""Names of files that were imported show what would turn their letters round"""

from alembic import op

revision = "0032_file_names_without_controls"
down_revision = "0031_known_devices"
branch_labels = None
depends_on = None

description = "Names of files that were imported show what would turn their letters round"
breaking = False

#: As in app/directions.py when this was written.
CONTROLS = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
LONGEST = 255


def upgrade() -> None:
    escaped = "file_name"
    for code in CONTROLS:
        escaped = f"replace({escaped}, chr({code}), '\\u{code:04x}')"
    listed = " || ".join(f"chr({code})" for code in CONTROLS)
    # Few imports, and hardly any of these: nobody waits. The ending says what kind of file it is, so it is kept.
    op.execute(f"UPDATE imports SET file_name = right({escaped}, {LONGEST}) WHERE file_name ~ ('[' || {listed} || ']')")


def downgrade() -> None:
    """The names are as good for the version before."""
