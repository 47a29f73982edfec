"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "invitations",
        staff=("email", "name", "invited_by_label"),
        secrets=("token_hash",),
    ),
)
