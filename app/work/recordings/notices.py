"""Notifications about recordings."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Merge, Notice
from app.security.permissions import Permission

RECORDING_FAILED = Notice(
    kind="recording_failed",
    label=_l("Recordings that can’t be played"),
    permission=Permission.RECORDINGS_READ,
    icon="headphones",
    about="recording_session",
    merge=Merge.RECORD,
    notifies_actor=True,
)
