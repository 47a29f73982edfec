"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "jobs",
        mentions=("error",),
        staff=("context", "asked_by_label"),
        nobody=("name", "arguments", "one_by_one"),
    ),
)
