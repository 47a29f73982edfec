"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "outbound_streams",
        mentions=("last_error", "test_error"),
        staff=("created_by_label",),
        secrets=("secret",),
        nobody=("name", "url"),
    ),
)
