"""Forms for raising a dispute and for deciding it."""

from typing import Self
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length, Optional

from app.db.ids import uuid7
from app.models import Appointment, BookingDispute, BookingStatus, Call
from app.web.forms import NewRowForm, VersionedForm, is_id, version_field
from app.web.labels import options
from app.work.appointments.detail_forms import is_chosen, reason_field
from app.work.appointments.rules import NO_ONE
from app.work.disputes.rules import MAX_REASON_CHARACTERS, MIN_REASON_CHARACTERS, disputed_value

_LENGTH = Length(
    MIN_REASON_CHARACTERS,
    MAX_REASON_CHARACTERS,
    _l("Use %(least)s to %(most)s characters.", least=MIN_REASON_CHARACTERS, most=MAX_REASON_CHARACTERS),
)
ACCEPT, REJECT = "accept", "reject"


class DisputeForm(NewRowForm, VersionedForm):
    """Form for the requested booking status of a call, with a reason. `version` is that of the call."""

    row_id = HiddenField(validators=[is_id], id="dispute-row-id")
    to_status = SelectField(
        _l("Requested status"),
        validators=[
            DataRequired(_l("Choose the correct status.")),
            AnyOf(list(BookingStatus), _l("Choose one of the options.")),
        ],
        validate_choice=False,
        id="dispute-to-status",
    )
    reason = TextAreaField(
        _l("Reason"), [DataRequired(_l("Briefly explain why.")), _LENGTH], render_kw={"rows": 3}, id="dispute-reason"
    )
    version = version_field("dispute-version")

    @classmethod
    def of(cls, call: Call) -> Self:
        """Return a new form for the call in its current state."""
        form = cls(formdata=None, row_id=str(uuid7()), version=call.version)
        form.offer(call)
        return form

    def offer(self, call: Call) -> None:
        """Offer all booking statuses except the current one."""
        others = [(value, words) for value, words in options(BookingStatus) if value != call.booking_status]
        self.to_status.choices = [("", _l("Choose…")), *others]


class BookedByDisputeForm(NewRowForm):
    """Form for the person who booked an appointment after all, or no one, with a reason."""

    row_id = HiddenField(validators=[is_id], id="booked-by-row-id")
    appointment_id = SelectField(_l("Appointment"), [is_id], validate_choice=False, id="booked-by-appointment")
    to_csr = SelectField(_l("Actually booked by"), [is_chosen], validate_choice=False, id="booked-by-csr")
    reason = reason_field(_l("Reason"), _l("Briefly explain why."), "booked-by-reason")

    @property
    def chosen(self) -> UUID:
        """Id of the appointment, once the form is valid."""
        return UUID(self.appointment_id.data)

    @property
    def to_csr_id(self) -> UUID | None:
        """Id of the chosen person, once the form is valid; None for no one."""
        return None if self.to_csr.data == NO_ONE else UUID(self.to_csr.data)


class DecisionForm(VersionedForm):
    """Form for the decision on a dispute, made with one of two buttons."""

    note = TextAreaField(_l("Note"), [Optional(), _LENGTH], render_kw={"rows": 2}, id="decision-note")
    decision = StringField(
        validators=[AnyOf([ACCEPT, REJECT], _l("Choose Accept or Reject."))],
    )
    version = version_field("decision-version")
    #: The disputed value when the page was opened: the booking status of a call, or who booked an appointment.
    seen_status = HiddenField(validators=[Optional(), AnyOf(list(BookingStatus))], id="decision-seen-status")
    seen_csr = HiddenField(validators=[Optional(), is_chosen], id="decision-seen-csr")

    @classmethod
    def of(cls, dispute: BookingDispute, record: Call | Appointment) -> Self:
        """Return the form for the dispute and its record in their current state."""
        form = cls(formdata=None, version=dispute.version)
        form.see(record)
        return form

    def see(self, record: Call | Appointment) -> None:
        """Show the current value of the record instead of the one that was submitted with the form."""
        field = self.seen_status if isinstance(record, Call) else self.seen_csr
        field.data, field.raw_data = disputed_value(record), None

    @property
    def seen(self) -> str | None:
        """The value that the user saw, from a valid form."""
        return self.seen_status.data or self.seen_csr.data or None

    @property
    def is_accepted(self) -> bool:
        """True if a valid form accepts the dispute."""
        return bool(self.decision.data == ACCEPT)
