"""Notifications about the trash."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Merge, Notice
from app.security.permissions import Permission

DELETION_FINISHED = Notice(
    kind="deletion_finished",
    label=_l("Deletions finished"),
    permission=Permission.TRASH_READ,
    hint=_l("For large deletions and restores"),
    icon="trash-2",
    about="deletion_batch",
    merge=Merge.RECORD,
    notifies_actor=True,
)
