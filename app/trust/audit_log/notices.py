"""Notifications about the audit trail."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Merge, Notice
from app.security.permissions import Permission

REVERT_FINISHED = Notice(
    kind="revert_finished",
    label=_l("Reverts finished"),
    permission=Permission.AUDIT_REVERT,
    hint=_l("For operations reverted in the background"),
    icon="history",
    about="operation_revert",
    merge=Merge.RECORD,
    notifies_actor=True,
)
