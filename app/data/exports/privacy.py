"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "exports",
        mentions=("filters", "failure"),
        staff=("requested_by_label",),
        nobody=("kind", "sort", "file_path"),
    ),
)
