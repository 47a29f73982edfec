"""Personal data in appointments, and how it is erased (docs/privacy.md)."""

from flask_babel import lazy_gettext as _l

from app.declarations.personal import ERASED, Ending, Personal, Way, among
from app.models import AppointmentStatus, Base

_ADDRESS = dict.fromkeys(("address_line_1", "address_line_2", "city", "state", "zip", "country"), Way.CLEARED)

PERSONAL = (
    Personal(
        "appointments",
        _l("Appointments"),
        lambda c, who: among(c.id, who.appointments),
        {**_ADDRESS, "lost_reason": Way.CLEARED, "notes": Way.CLEARED, "cancelled_reason": Way.CLEARED},
        "appointment",
        how="contact_card_id",
        ending=Ending(
            _l("Appointments to cancel"),
            Base.metadata.tables["appointments"].c.status == AppointmentStatus.SCHEDULED,
            {"status": AppointmentStatus.CANCELLED, "cancelled_reason": ERASED},
        ),
    ),
)
