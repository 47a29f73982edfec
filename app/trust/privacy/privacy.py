"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "erasures",
        mentions=("reason", "failure"),
        staff=("requested_by_label",),
        nobody=("counts", "files"),
    ),
)
