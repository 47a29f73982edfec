"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "knowledge_items",
        mentions=("question", "answer"),
        nobody=("category", "search", "external_source", "external_id", "external_fingerprint"),
    ),
)
