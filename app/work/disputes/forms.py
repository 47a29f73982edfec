"""Forms of disputes: what the booking status should be, and what is decided."""

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
    """What the booking status of a call should be, and why; `version` is that of the call."""

    row_id = HiddenField(validators=[is_id], id="dispute-row-id")
    to_status = SelectField(
        _l("It should be"),
        validators=[
            DataRequired(_l("Choose what it should be.")),
            AnyOf(list(BookingStatus), _l("Choose one of the values offered.")),
        ],
        validate_choice=False,
        id="dispute-to-status",
    )
    reason = TextAreaField(
        _l("Why"), [DataRequired(_l("Say why, in a few words.")), _LENGTH], render_kw={"rows": 3}, id="dispute-reason"
    )
    version = version_field("dispute-version")

    @classmethod
    def of(cls, call: Call) -> Self:
        """A new one about a call as it stands."""
        form = cls(formdata=None, row_id=str(uuid7()), version=call.version)
        form.offer(call)
        return form

    def offer(self, call: Call) -> None:
        """All but what it is now."""
        others = [(value, words) for value, words in options(BookingStatus) if value != call.booking_status]
        self.to_status.choices = [("", _l("Choose …")), *others]


class DecisionForm(VersionedForm):
    """What a manager decides; the button says it."""

    note = TextAreaField(_l("Note"), [Optional(), _LENGTH], render_kw={"rows": 2}, id="decision-note")
    decision = StringField(
        validators=[AnyOf([ACCEPT, REJECT], _l("Accept it or reject it."))],
    )
    version = version_field("decision-version")
    #: The booking status of the call that was seen.
    seen_status = HiddenField(validators=[Optional(), AnyOf(list(BookingStatus))], id="decision-seen-status")

    @classmethod
    def of(cls, dispute: BookingDispute, call: Call) -> Self:
        """The form as the dispute and its call stand."""
        form = cls(formdata=None, version=dispute.version)
        form.see(call)
        return form

    def see(self, call: Call) -> None:
        """Take over what the call says now; what was sent would be shown before that."""
        self.seen_status.data, self.seen_status.raw_data = call.booking_status, None

    @property
    def seen(self) -> BookingStatus | None:
        """Once the form is valid."""
        return BookingStatus(self.seen_status.data) if self.seen_status.data else None

    @property
    def is_accepted(self) -> bool:
        """Once the form is valid."""
        return bool(self.decision.data == ACCEPT)
