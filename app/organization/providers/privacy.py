"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "integrations",
        secrets=("secrets",),
        nobody=("account_id",),
    ),
)
