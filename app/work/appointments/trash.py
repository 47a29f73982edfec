"""Deletion and restoring of appointments."""

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln

from app.declarations.deletable import Deletable
from app.models import Appointment, RecordingSession
from app.security.actor import Actor
from app.security.permissions import Permission
from app.trust.trash.refusal_queries import count_uses, still_in_use
from app.work.appointments.resource import APPOINTMENT
from app.work.contacts.trash import OF_A_CONTACT, label_of_contact
from app.work.leads.resource import LEAD


def label_of_appointment(appointment: Appointment) -> str:
    """Return the service and the name of the contact."""
    return f"{appointment.service_type}, {label_of_contact(appointment)}"


def _refuse_recorded(appointments: Sequence[Appointment], _actor: Actor) -> None:
    """Raise Conflict for appointments with recordings, which would be left without an appointment."""
    uses = {"recordings": count_uses(RecordingSession.appointment_id, appointments)}
    words = {"recordings": _ln("%(num)s recording", "%(num)s recordings", uses["recordings"])}
    if uses["recordings"]:
        raise still_in_use(uses, words, _l("Delete the recordings of this appointment first."))


APPOINTMENT_DELETION = Deletable(
    resource=APPOINTMENT,
    label=label_of_appointment,
    permission=Permission.APPOINTMENTS_DELETE,
    parents=OF_A_CONTACT,
    optional_parents={"lead_id": LEAD.name},
    check=_refuse_recorded,
)
