"""Forms for raising a dispute and for deciding it."""

from typing import Self

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length, Optional

from app.db.ids import uuid7
from app.models import BookingDispute, BookingStatus, Call
from app.web.forms import NewRowForm, VersionedForm, is_id, version_field
from app.web.labels import options
from app.work.disputes.rules import MAX_REASON_CHARACTERS, MIN_REASON_CHARACTERS

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


class DecisionForm(VersionedForm):
    """Form for the decision on a dispute, made with one of two buttons."""

    note = TextAreaField(_l("Note"), [Optional(), _LENGTH], render_kw={"rows": 2}, id="decision-note")
    decision = StringField(
        validators=[AnyOf([ACCEPT, REJECT], _l("Choose Accept or Reject."))],
    )
    version = version_field("decision-version")
    #: Booking status of the call when the page was opened.
    seen_status = HiddenField(validators=[Optional(), AnyOf(list(BookingStatus))], id="decision-seen-status")

    @classmethod
    def of(cls, dispute: BookingDispute, call: Call) -> Self:
        """Return the form for the dispute and its call in their current state."""
        form = cls(formdata=None, version=dispute.version)
        form.see(call)
        return form

    def see(self, call: Call) -> None:
        """Show the current status of the call instead of the one that was submitted with the form."""
        self.seen_status.data, self.seen_status.raw_data = call.booking_status, None

    @property
    def seen(self) -> BookingStatus | None:
        """Booking status that the user saw, from a valid form."""
        return BookingStatus(self.seen_status.data) if self.seen_status.data else None

    @property
    def is_accepted(self) -> bool:
        """True if a valid form accepts the dispute."""
        return bool(self.decision.data == ACCEPT)
