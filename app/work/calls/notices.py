"""Notifications about the coaching of calls."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Merge, Notice
from app.security.permissions import Permission

COACHING_NOTE = Notice(
    kind="coaching_note",
    label=_l("Coaching"),
    permission=Permission.CALLS_READ,
    hint=_l("New notes, replies and notes marked as done"),
    icon="sparkles",
    about="call",
    merge=Merge.RECORD,
)
