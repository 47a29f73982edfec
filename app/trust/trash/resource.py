"""Deletions: what they are called, who sees them, and where."""

from flask_babel import lazy_gettext as _l

from app.declarations.resource import Resource, Words
from app.models import DeletionBatch
from app.security import own_rows
from app.security.permissions import Permission
from app.security.scope import Scope

DELETION_BATCH = Resource(
    name="deletion_batch",
    model=DeletionBatch,
    words=Words(_l("deletion"), _l("deletions")),
    icon="trash-2",
    title=lambda: DeletionBatch.root_label,
    page=("trash.show", "batch_id"),
    page_permission=Permission.TRASH_READ,
    # One’s own deletion can be undone by everybody, for a while.
    scope=Scope((Permission.TRASH_READ,), own_rows.deletions, own_is_free=True),
    revert=_l("Deletions are undone in the trash."),
)
