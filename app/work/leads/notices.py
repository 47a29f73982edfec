"""Notifications to users about leads."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.declarations.notice import Merge, Notice
from app.security.permissions import Permission

LEAD_ASSIGNED = Notice(
    kind="lead_assigned",
    label=_l("Leads assigned to me"),
    permission=Permission.LEADS_READ,
    icon="square-kanban",
    about="lead",
    merge=Merge.KIND,
    many=lambda n: ngettext("%(num)s lead was assigned to you", "%(num)s leads were assigned to you", n),
    many_link="/leads",
)
