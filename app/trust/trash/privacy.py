"""Personal data in the trash, and how it is erased (docs/privacy.md)."""

from flask_babel import lazy_gettext as _l

from app.declarations.personal import Personal, Way, among

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
