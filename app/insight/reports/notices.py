"""What people are told about reports."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Notice, Way
from app.messaging.outbox.mails import Mail
from app.security.permissions import Permission

REPORT_READY = Notice(
    kind="report_ready",
    label=_l("Weekly reports"),
    hint=_l("On Monday, when the numbers of last week are counted."),
    permission=Permission.REPORTS_READ,
    icon="scroll-text",
    ways=frozenset({Way.PAGE, Way.MAIL}),
    about="report",
    tells_actor=True,
    mail=Mail.WEEKLY_REPORT,
)
