"""Notifications about reports."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Notice
from app.insight.reports import rules
from app.insight.reports.queries import chosen_channels
from app.messaging.outbox.mails import Mail
from app.security.permissions import Permission

REPORT_READY = Notice(
    kind=rules.REPORT_READY,
    label=_l("Weekly reports"),
    hint=_l("Once a week, after last week’s numbers are in"),
    permission=Permission.REPORTS_READ,
    icon="scroll-text",
    ways=rules.WAYS,
    about="report",
    notifies_actor=True,
    mail=Mail.WEEKLY_REPORT,
    decided=chosen_channels,
)
