"""What is kept here about people, and what becomes of it (docs/privacy.md)."""

from flask_babel import lazy_gettext as _l

from app.declarations.personal import ColumnsOf, Personal, Way, among

PERSONAL = (
    Personal(
        "deletion_batches",
        _l("Deletions"),
        lambda c, who: among(c.root_id, who.ids),
        {"root_label": Way.WORD, "reason": Way.CLEARED},
        "deletion_batch",
        searched=True,
        how="root_id",
    ),
)

COLUMNS = (
    ColumnsOf(
        "deletion_batches",
        mentions=("root_label", "reason", "restore_failure", "delete_failure"),
        staff=("deleted_by_label", "restored_by_label"),
        nobody=("root_type", "counts"),
    ),
)
