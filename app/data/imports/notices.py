"""Notifications about imports."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Merge, Notice
from app.security.permissions import Permission

IMPORT_FINISHED = Notice(
    kind="import_finished",
    label=_l("Imports finished"),
    permission=Permission.CALLS_IMPORT,
    icon="upload",
    about="import",
    merge=Merge.RECORD,
    notifies_actor=True,
)
