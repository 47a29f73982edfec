"""Notifications about recordings."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Merge, Notice
from app.security.permissions import Permission

RECORDING_DELAYED = Notice(
    kind="recording_delayed",
    label=_l("Recordings that take long to prepare"),
    permission=Permission.RECORDINGS_READ,
    hint=_l("After an hour, and when they’re ready"),
    icon="headphones",
    about="recording_session",
    merge=Merge.RECORD,
    notifies_actor=True,
)

RECORDING_FAILED = Notice(
    kind="recording_failed",
    label=_l("Recordings that can’t be played"),
    permission=Permission.RECORDINGS_READ,
    icon="headphones",
    about="recording_session",
    merge=Merge.RECORD,
    notifies_actor=True,
)
