"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "reports",
        staff=("numbers",),
    ),
    ColumnsOf("report_subscriptions"),
    ColumnsOf("report_views"),
)
