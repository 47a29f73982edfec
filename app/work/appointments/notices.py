"""Kinds of notifications about appointments."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.declarations.notice import Merge, Notice
from app.security.permissions import Permission

APPOINTMENT_ASSIGNED = Notice(
    kind="appointment_assigned",
    label=_l("Appointments assigned to me"),
    permission=Permission.APPOINTMENTS_READ,
    icon="calendar-check",
    about="appointment",
    merge=Merge.KIND,
    many=lambda n: ngettext("%(num)s appointment was assigned to you", "%(num)s appointments were assigned to you", n),
    many_link="/appointments",
)
