"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "list_settings",
        nobody=("page", "columns"),
    ),
    ColumnsOf(
        "list_visits",
        nobody=("page",),
    ),
    ColumnsOf(
        "saved_views",
        mentions=("name", "query"),
        nobody=("page",),
    ),
)
