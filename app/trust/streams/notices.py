"""Notifications about outbound streams."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Merge, Notice, Way
from app.security.permissions import Permission

STREAM_STOPPED = Notice(
    kind="job_failed",
    label=_l("Audit streams paused or stopped"),
    permission=Permission.WEBHOOKS_MANAGE,
    icon="radio-tower",
    tone="bad",
    ways=frozenset({Way.PAGE, Way.MAIL}),
    about="outbound_stream",
    merge=Merge.RECORD,
    notifies_actor=True,
)
