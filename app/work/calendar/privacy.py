"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "events",
        mentions=("title", "description", "location"),
        staff=("created_by_label",),
        nobody=("type", "timezone"),
    ),
)
