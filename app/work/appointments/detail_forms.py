"""Forms of an appointment's page."""

from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import DecimalField, HiddenField, SelectField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from app.audit.occurred_rules import is_late
from app.models import Appointment, AppointmentOutcome
from app.web.forms import OccurredField, VersionedForm, in_words, is_id, version_field
from app.work.appointments.booking_forms import notes_field, place_field, service_field
from app.work.appointments.place_rules import in_one_line, parts_of
from app.work.appointments.rules import MAX_DEAL_VALUE, MAX_REASON_CHARACTERS, MIN_REASON_CHARACTERS

_LENGTH = _l("Use %(least)s to %(most)s characters.", least=MIN_REASON_CHARACTERS, most=MAX_REASON_CHARACTERS)

_LATE = _l("It happened more than 72 hours ago, so it counts toward today.")


def _reason(label: Any, missing: Any, field_id: str) -> TextAreaField:
    return TextAreaField(
        label,
        [DataRequired(missing), Length(MIN_REASON_CHARACTERS, MAX_REASON_CHARACTERS, _LENGTH)],
        render_kw={"rows": 2},
        id=field_id,
    )


class OutcomeForm(VersionedForm):
    """Says what came of a visit: on its page, or on another page of ours, to which `back` leads."""

    back = HiddenField()
    occurred_at = OccurredField()

    @property
    def hidden(self) -> dict[str, str]:
        """What is sent along, by name."""
        besides = {"back": self.back.data} if self.back.data else {}
        return {"version": str(self._fields["version"].data), "occurred_at": self.occurred_at.data or "", **besides}

    def done(self, sentence: str) -> str:
        """Return `sentence`, and a note if it happened too long ago to count on its day."""
        told = self.occurred_at.moment
        return f"{sentence} {_LATE}" if told is not None and is_late(told, datetime.now(UTC)) else sentence

    @property
    def entered(self) -> list[tuple[str, str]]:
        """What somebody has typed, with its label: to be shown where the form itself has no place any more."""
        typed = (field for field in self if not isinstance(field, HiddenField))
        return [(str(field.label.text), in_words(field, field.data)) for field in typed if field.data]


class WonForm(OutcomeForm):
    """What the deal is worth."""

    outcome: ClassVar = AppointmentOutcome.CLOSED_WON
    deal_value = DecimalField(
        _l("Value of the deal"),
        [
            InputRequired(_l("Enter the value of the deal.")),
            NumberRange(0, MAX_DEAL_VALUE, _l("Enter an amount from 0 to 9,999,999.99.")),
        ],
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    version = version_field("won-version")


class LostForm(OutcomeForm):
    """Why there is no deal."""

    outcome: ClassVar = AppointmentOutcome.CLOSED_LOST
    lost_reason = _reason(_l("Why it was lost"), _l("Say why, in a few words."), "lost-reason")
    version = version_field("lost-version")


class StepForm(OutcomeForm):
    """A button that takes the next step, without anything to say."""

    version = version_field("step-version")


class CancelForm(VersionedForm):
    """Why an appointment is called off."""

    stored_as: ClassVar = {"reason": "cancelled_reason"}
    reason = _reason(_l("Reason"), _l("Say why, in a few words."), "cancel-reason")
    version = version_field("cancel-version")


class AssignForm(VersionedForm):
    """Which other sales rep goes instead."""

    stored_as: ClassVar = {"rep": "sales_rep_id"}
    rep = SelectField(_l("Who goes"), [is_id], validate_choice=False, id="assign-rep")
    version = version_field("assign-version")

    @property
    def rep_id(self) -> UUID:
        """Who was chosen, once the form is valid."""
        return UUID(self.rep.data)


class EditForm(VersionedForm):
    """What it is about, where it is, what to know."""

    stored_as: ClassVar = {"service": "service_type", "place": "address_line_1"}
    service = service_field()
    place = place_field()
    notes = notes_field()
    version = version_field()

    @classmethod
    def of(cls, appointment: Appointment) -> "EditForm":
        """The form as the appointment stands."""
        return cls(
            formdata=None,
            service=appointment.service_type,
            place=in_one_line(parts_of(appointment)),
            notes=appointment.notes or "",
            version=appointment.version,
        )
