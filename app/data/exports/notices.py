"""Notifications about exports."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Merge, Notice
from app.security.permissions import Permission

EXPORT_READY = Notice(
    kind="export_ready",
    label=_l("Exports finished"),
    permission=Permission.EXPORTS_CREATE,
    icon="download",
    about="export",
    merge=Merge.RECORD,
    notifies_actor=True,
)
