"""Notifications about the limits of an organization's plan."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Notice
from app.security.permissions import Permission

#: Usage adds up over all users, so the person who used the last of it is notified too.
QUOTA_WARNING = Notice(
    kind="quota_warning",
    label=_l("Plan limits"),
    permission=Permission.BILLING_READ,
    hint=_l("When usage reaches 80%, 90% and 100%"),
    icon="gauge",
    tone="warn",
    notifies_actor=True,
)
