"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from app.declarations.personal import ColumnsOf

COLUMNS = (
    ColumnsOf(
        "import_errors",
        mentions=("value", "reason"),
        nobody=("column_name",),
    ),
    ColumnsOf(
        "import_mappings",
        mentions=("name", "mapping"),
        staff=("created_by_label",),
    ),
    ColumnsOf(
        "import_rows",
        mentions=("before",),
        nobody=("resource",),
    ),
    ColumnsOf(
        "imports",
        mentions=("file_name", "failure", "preview", "preview_failure"),
        staff=("users_created", "created_by_label", "mapping"),
        nobody=("storage_key", "undo_counts"),
    ),
)
