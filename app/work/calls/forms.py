"""Forms of a call's page."""

from typing import ClassVar, Self
from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, Length, Optional, Regexp

from app.db.ids import uuid7
from app.declarations.entered_fields import asks_for
from app.errors import LazyText as Text
from app.models import BookingStatus, Call, CallNote, CallOutcome
from app.web.forms import Form, VersionedForm, is_id, version_field
from app.web.labels import options
from app.web.validators import at_most
from app.work.calls.resource import CALL
from app.work.calls.rules import MAX_NOTE_CHARACTERS, MAX_REASON_CHARACTERS, MIN_REASON_CHARACTERS

_NOT_OFFERED = _l("Choose one of the options.")


@asks_for(CALL)
class OutcomeForm(VersionedForm):
    """Form for the outcome of a call, and for the fields that the resource declares as entered."""

    outcome = SelectField(
        _l("Outcome"),
        choices=lambda: [("", _l("Unknown")), *options(CallOutcome)],
        validators=[AnyOf(["", *CallOutcome], _NOT_OFFERED)],
        validate_choice=False,
        id="outcome-value",
    )
    version = version_field("outcome-version")

    @classmethod
    def of(cls, call: Call) -> "OutcomeForm":
        """Return the form filled with the current outcome."""
        values = CALL.entered_values(call)
        return cls(formdata=None, outcome=call.outcome or "", version=call.version, **values)

    @property
    def chosen(self) -> CallOutcome | None:
        """The selected outcome, or None for unknown."""
        return CallOutcome(self.outcome.data) if self.outcome.data else None


class BookingStatusForm(VersionedForm):
    """Form for the booking status of a call."""

    stored_as: ClassVar = {"reason": "booking_status_reason"}

    booking_status = SelectField(
        _l("Booking status"),
        choices=lambda: [("", _l("Choose…")), *options(BookingStatus)],
        validators=[DataRequired(_l("Choose a booking status.")), AnyOf(list(BookingStatus), _NOT_OFFERED)],
        validate_choice=False,
        id="booking-status-value",
    )
    reason = TextAreaField(
        _l("Reason"),
        validators=[
            Optional(),
            Length(
                MIN_REASON_CHARACTERS,
                MAX_REASON_CHARACTERS,
                _l("Use %(least)s to %(most)s characters.", least=MIN_REASON_CHARACTERS, most=MAX_REASON_CHARACTERS),
            ),
        ],
        render_kw={"rows": 2},
        id="booking-status-reason",
    )
    version = version_field("booking-status-version")

    @classmethod
    def of(cls, call: Call) -> "BookingStatusForm":
        """Return the form filled with the current status.

        The reason is left empty, because a new status needs a new reason.
        """
        return cls(formdata=None, booking_status=call.booking_status or "", reason="", version=call.version)

    @property
    def chosen(self) -> BookingStatus:
        """The selected booking status of a valid form."""
        return BookingStatus(self.booking_status.data)


def _note_field(label: Text, field_id: str, rows: int) -> TextAreaField:
    validators = [DataRequired(_l("Enter some text.")), at_most(MAX_NOTE_CHARACTERS)]
    return TextAreaField(label, validators=validators, render_kw={"rows": rows}, id=field_id)


class NoteEditForm(VersionedForm):
    """Form for editing a note."""

    body = _note_field(_l("Note"), "note-text", 8)
    version = version_field("note-version")

    @classmethod
    def of(cls, note: CallNote) -> "NoteEditForm":
        """Return the form filled with the current note."""
        return cls(formdata=None, body=note.body, version=note.version)


class _NewNoteForm(Form):
    """Form for a new note, whose ID is generated in advance so that submitting it twice stores one note."""

    body: TextAreaField
    note_id: HiddenField

    @classmethod
    def new(cls) -> Self:
        """Return an empty form with the ID of the new note."""
        return cls(formdata=None, note_id=str(uuid7()))

    @property
    def new_id(self) -> UUID:
        """The new note's ID, from a valid form."""
        return UUID(self.note_id.data)


class NoteForm(_NewNoteForm):
    """Form for a note on the page of the call."""

    body = _note_field(_l("Add a note"), "note-body", 3)
    is_coaching = BooleanField(_l("Coaching note, visible only to this call’s CSR and managers"), id="note-is-coaching")
    note_id = HiddenField(validators=[is_id], id="note-id")


class PanelNoteForm(_NewNoteForm):
    """Form for a note in a panel, whose element IDs don't clash with those of `NoteForm`."""

    body = _note_field(_l("Note"), "panel-note-body", 6)
    note_id = HiddenField(validators=[is_id], id="panel-note-id")


class CoachingForm(_NewNoteForm):
    """Form for a coaching note, at a turn or about the whole call."""

    body = _note_field(_l("Coaching note"), "coaching-body", 4)
    note_id = HiddenField(validators=[is_id], id="coaching-id")
    turn = HiddenField(
        validators=[Regexp(r"^\d{0,4}$", message=_l("This turn doesn’t exist in the transcript."))], id="coaching-turn"
    )

    @classmethod
    def at(cls, turn: int | None) -> Self:
        """Return an empty form for a note at `turn`, or about the whole call if it is None."""
        return cls(formdata=None, note_id=str(uuid7()), turn="" if turn is None else str(turn))

    @property
    def at_turn(self) -> int | None:
        """The turn from a valid form, or None for the whole call."""
        return int(self.turn.data) if self.turn.data else None


class AnswerForm(_NewNoteForm):
    """Form for an answer to a coaching note."""

    body = _note_field(_l("Reply"), "answer-body", 2)
    note_id = HiddenField(validators=[is_id], id="answer-id")

    @classmethod
    def to(cls, parent_id: UUID) -> Self:
        """Return an empty form, with element IDs that are unique among the answer forms on a page."""
        return cls.new().named(parent_id)

    def named(self, parent_id: UUID) -> Self:
        """Set element IDs that contain the ID of the answered note."""
        self.body.id, self.note_id.id = f"answer-body-{parent_id}", f"answer-id-{parent_id}"
        self.body.label.field_id = self.body.id
        return self


class DoneForm(VersionedForm):
    """Form of the button that marks a coaching note as done."""

    version = version_field("coaching-version")
