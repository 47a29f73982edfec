"""Forms on the page of an appointment."""

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DecimalField, Field, HiddenField, SelectField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.audit.occurred_rules import is_late
from app.declarations.entered_fields import asks_for
from app.models import Appointment, AppointmentOutcome
from app.people.users.queries import booker_choices
from app.security.actor import Actor
from app.web.forms import Form, OccurredField, VersionedForm, in_words, is_id, version_field
from app.work.appointments.booking_forms import notes_field, place_field, service_field
from app.work.appointments.place_rules import in_one_line, parts_of
from app.work.appointments.resource import APPOINTMENT
from app.work.appointments.rules import (
    CHOOSE_BOOKER,
    DEAL_VALUE_RANGE,
    MAX_DEAL_VALUE,
    MAX_REASON_CHARACTERS,
    MIN_REASON_CHARACTERS,
    NO_ONE,
)

_LENGTH = _l("Use %(least)s to %(most)s characters.", least=MIN_REASON_CHARACTERS, most=MAX_REASON_CHARACTERS)

_LATE = _l("It happened more than 7 days ago, so it counts toward today.")


def is_chosen(_form: Form, field: Field) -> None:
    """Raise ValidationError unless the field has the id of a person, or stands for no one."""
    try:
        if field.data != NO_ONE:
            UUID(field.data or "")
    except ValueError:
        raise ValidationError(str(CHOOSE_BOOKER)) from None


def offered_bookers(actor: Actor, besides: UUID | None) -> list[tuple[str, Any]]:
    """Return the choices of a field for who booked: everyone who can have, and no one.

    `besides` is who is credited now, and isn't offered.
    """
    people = [(str(person.id), person.name) for person in booker_choices(actor) if person.id != besides]
    return [("", _("Choose…")), *people, (NO_ONE, _("No one"))]


def reason_field(label: Any, missing: Any, field_id: str | None = None) -> TextAreaField:
    """Return a required field for a reason of limited length."""
    return TextAreaField(
        label,
        [DataRequired(missing), Length(MIN_REASON_CHARACTERS, MAX_REASON_CHARACTERS, _LENGTH)],
        render_kw={"rows": 2},
        id=field_id,
    )


class OutcomeForm(VersionedForm):
    """Base of forms that record the result of an appointment.

    On a page other than the appointment's, `back` is the address of that page, to which the form returns.
    """

    back = HiddenField()
    occurred_at = OccurredField()

    @property
    def hidden(self) -> dict[str, str]:
        """Values of the hidden fields, by name."""
        besides = {"back": self.back.data} if self.back.data else {}
        return {"version": str(self._fields["version"].data), "occurred_at": self.occurred_at.data or "", **besides}

    def done(self, sentence: str) -> str:
        """Return `sentence`, with a note added if the result is too old to count on the day it happened."""
        told = self.occurred_at.moment
        return f"{sentence} {_LATE}" if told is not None and is_late(told, datetime.now(UTC)) else sentence

    @property
    def entered(self) -> list[tuple[str, str]]:
        """Labels and values of the typed fields, to show if the form itself is no longer available."""
        typed = (field for field in self if not isinstance(field, HiddenField))
        return [(str(field.label.text), in_words(field, field.data)) for field in typed if field.data]


class WonForm(OutcomeForm):
    """Form that marks the deal as won, with its value."""

    outcome: ClassVar = AppointmentOutcome.CLOSED_WON
    deal_value = DecimalField(
        _l("Deal value"),
        [
            InputRequired(_l("Enter the deal value.")),
            NumberRange(0, MAX_DEAL_VALUE, DEAL_VALUE_RANGE),
        ],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    version = version_field("won-version")


class LostForm(OutcomeForm):
    """Form that marks the deal as lost, with the reason."""

    outcome: ClassVar = AppointmentOutcome.CLOSED_LOST
    lost_reason = reason_field(_l("Lost reason"), _l("Briefly explain why."), "lost-reason")
    version = version_field("lost-version")


class StepForm(OutcomeForm):
    """Form with only a button, which takes the appointment's next step."""

    version = version_field("step-version")


class CancelForm(VersionedForm):
    """Form that cancels an appointment, with the reason."""

    stored_as: ClassVar = {"reason": "cancelled_reason"}
    reason = reason_field(_l("Reason"), _l("Briefly explain why."), "cancel-reason")
    version = version_field("cancel-version")


class AssignForm(VersionedForm):
    """Form that assigns another sales rep to an appointment."""

    stored_as: ClassVar = {"rep": "sales_rep_id"}
    rep = SelectField(_l("Sales rep"), [is_id], validate_choice=False, id="assign-rep")
    version = version_field("assign-version")

    @property
    def rep_id(self) -> UUID:
        """Id of the chosen rep, once the form is valid."""
        return UUID(self.rep.data)


class BookerForm(VersionedForm):
    """Form that corrects who booked an appointment, with the reason."""

    stored_as: ClassVar = {"csr": "csr_id"}
    csr = SelectField(_l("Booked by"), [is_chosen], validate_choice=False, id="credit-csr")
    reason = reason_field(_l("Reason"), _l("Briefly explain why."), "credit-reason")
    version = version_field("credit-version")

    @property
    def csr_id(self) -> UUID | None:
        """Id of the chosen person, once the form is valid; None for no one."""
        return None if self.csr.data == NO_ONE else UUID(self.csr.data)


@asks_for(APPOINTMENT)
class EditForm(VersionedForm):
    """Form that edits the service, the address and the notes of an appointment."""

    stored_as: ClassVar = {"service": "service_type", "place": "address_line_1"}
    service = service_field()
    place = place_field()
    notes = notes_field()
    version = version_field()

    @classmethod
    def of(cls, appointment: Appointment) -> "EditForm":
        """Return the form filled from the appointment."""
        return cls(
            formdata=None,
            service=appointment.service_type,
            place=in_one_line(parts_of(appointment)),
            notes=appointment.notes or "",
            version=appointment.version,
            **APPOINTMENT.entered_values(appointment),
        )
