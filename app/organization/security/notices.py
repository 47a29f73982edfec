"""Notices of security alerts and of reminders to set up two-factor authentication.

Both are also sent by email, whatever the recipient has chosen for notifications. Security alerts can't be turned off,
because their email links to them.
"""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Notice, Way
from app.security.permissions import Permission

#: Someone else may be acting in the name of an owner or admin, so they are notified of their own changes, too.
SECURITY_ALERT = Notice(
    kind="security_alert",
    label=_l("Security alerts"),
    permission=Permission.ORGANIZATION_UPDATE,
    hint=_l(
        "New owners, large exports and sensitive permissions. For each of these, you also get an email "
        "at most once an hour."
    ),
    icon="shield-alert",
    tone="warn",
    offered=(),
    always=frozenset({Way.MAIL}),
    notifies_actor=True,
)

SECOND_FACTOR_REMINDER = Notice(
    kind="second_factor_reminder",
    label=_l("Two-factor authentication reminders"),
    hint=_l("When an admin asks you to set it up. You always get the email."),
    icon="shield-check",
    tone="warn",
    offered=(Way.PAGE,),
    always=frozenset({Way.MAIL}),
)
