"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "bulk_operations",
        mentions=("settings", "filters", "failure"),
        staff=("created_by_label",),
        nobody=("action", "refusals"),
    ),
)
