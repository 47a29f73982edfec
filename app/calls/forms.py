"""Forms of a call's page."""

from collections.abc import Mapping
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectField, TextAreaField, ValidationError
from wtforms.validators import AnyOf, DataRequired, Length, Optional, Regexp

from app.calls.rules import FEWEST_REASON_CHARACTERS, MOST_NOTE_CHARACTERS, MOST_REASON_CHARACTERS
from app.db.ids import uuid7
from app.errors import DomainError, VersionConflict
from app.models import BookingStatus, Call, CallOutcome
from app.web.forms import Form
from app.web.labels import options

_NOT_FROM_HERE = _l("This form is incomplete. Reload the page and try again.")
_NOT_OFFERED = _l("Choose one of the values offered.")


def _is_id(_form: Form, field: Field) -> None:
    try:
        UUID(field.data or "")
    except ValueError:
        raise ValidationError(str(_NOT_FROM_HERE)) from None


def _version_field(field_id: str) -> HiddenField:
    return HiddenField(validators=[Regexp(r"^\d{1,9}$", message=_NOT_FROM_HERE)], id=field_id)


class _ChangeForm(Form):
    """A form that changes what it was opened with; `is_stale` when somebody else has changed that meanwhile.

    A stale form takes over the new version: it shows both values, and saving it again means the second thought.
    """

    is_stale = False

    def refuse(self, error: DomainError, names: Mapping[str, str] | None = None) -> None:
        """Show what a service refused."""
        super().refuse(error, names)
        if isinstance(error, VersionConflict):
            self.is_stale = True
            self._fields["version"].data = str(error.extra["current_version"])

    @property
    def opened_with(self) -> int:
        """The version of the call that the form showed, once the form is valid."""
        return int(self._fields["version"].data)


class OutcomeForm(_ChangeForm):
    """What came of a call."""

    outcome = SelectField(
        _l("Result"),
        choices=lambda: [("", _l("Not known")), *options(CallOutcome)],
        validators=[AnyOf(["", *CallOutcome], _NOT_OFFERED)],
        validate_choice=False,
        id="outcome-value",
    )
    version = _version_field("outcome-version")

    @classmethod
    def of(cls, call: Call) -> "OutcomeForm":
        """The form as the call stands."""
        return cls(formdata=None, outcome=call.outcome or "", version=call.version)

    @property
    def chosen(self) -> CallOutcome | None:
        """None: not known."""
        return CallOutcome(self.outcome.data) if self.outcome.data else None


class BookingStatusForm(_ChangeForm):
    """Whether a call led to a booking."""

    booking_status = SelectField(
        _l("Booking status"),
        choices=lambda: [("", _l("Choose …")), *options(BookingStatus)],
        validators=[DataRequired(_l("Choose what came of it.")), AnyOf(list(BookingStatus), _NOT_OFFERED)],
        validate_choice=False,
        id="booking-status-value",
    )
    reason = TextAreaField(
        _l("Reason"),
        validators=[
            Optional(),
            Length(
                FEWEST_REASON_CHARACTERS,
                MOST_REASON_CHARACTERS,
                _l(
                    "Use %(least)s to %(most)s characters.", least=FEWEST_REASON_CHARACTERS, most=MOST_REASON_CHARACTERS
                ),
            ),
        ],
        render_kw={"rows": 2},
        id="booking-status-reason",
    )
    version = _version_field("booking-status-version")

    @classmethod
    def of(cls, call: Call) -> "BookingStatusForm":
        """The form as the call stands; a new status has a new reason."""
        return cls(formdata=None, booking_status=call.booking_status or "", reason="", version=call.version)

    @property
    def chosen(self) -> BookingStatus:
        """Once the form is valid."""
        return BookingStatus(self.booking_status.data)


class NoteForm(Form):
    """A new note; it has its id before it is sent, so that sending it twice writes it once."""

    body = TextAreaField(
        _l("Add a note"),
        validators=[
            DataRequired(_l("Write something first.")),
            Length(max=MOST_NOTE_CHARACTERS, message=_l("Use %(most)s characters at most.", most=MOST_NOTE_CHARACTERS)),
        ],
        render_kw={"rows": 3},
        id="note-body",
    )
    is_coaching = BooleanField(_l("Coaching: for the CSR of this call and managers only"), id="note-is-coaching")
    note_id = HiddenField(validators=[_is_id], id="note-id")

    @classmethod
    def new(cls) -> "NoteForm":
        """An empty one."""
        return cls(formdata=None, note_id=str(uuid7()))

    @property
    def new_id(self) -> UUID:
        """Once the form is valid."""
        return UUID(self.note_id.data)
