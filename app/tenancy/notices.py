"""What people are told about the limits of their organization."""

from flask_babel import lazy_gettext as _l

from app.declarations.notice import Notice
from app.security.permissions import Permission

#: Nobody uses a plan up by themselves, so whoever used the last of it is told too.
QUOTA_WARNING = Notice(
    kind="quota_warning",
    label=_l("Limits of the plan"),
    permission=Permission.BILLING_READ,
    hint=_l("At 80, 90 and 100 %"),
    icon="gauge",
    tone="warn",
    tells_actor=True,
)
