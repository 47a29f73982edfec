"""Notifications to users about disputes."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.declarations.notice import Merge, Notice
from app.security.permissions import Permission

DISPUTE_RAISED = Notice(
    kind="dispute_raised",
    label=_l("Disputes raised"),
    permission=Permission.DISPUTES_DECIDE,
    icon="thumbs-down",
    tone="warn",
    about="booking_dispute",
    merge=Merge.KIND,
    many=lambda n: ngettext("%(num)s dispute is waiting", "%(num)s disputes are waiting", n),
    many_link="/disputes",
)
DISPUTE_DECIDED = Notice(
    kind="dispute_decided",
    label=_l("Disputes decided"),
    permission=Permission.CALLS_READ,
    icon="circle-check",
    tone="good",
    about="booking_dispute",
    merge=Merge.RECORD,
)
