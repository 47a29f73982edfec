"""What a bulk change sets: one form for each action."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, SelectField, TextAreaField, ValidationError
from wtforms.validators import AnyOf, DataRequired, Length, Regexp

from app.calls.rules import FEWEST_REASON_CHARACTERS, MOST_REASON_CHARACTERS
from app.models import BookingStatus, BulkAction, CallOutcome
from app.periods import EARLIEST
from app.security.actor import Actor
from app.users.queries import csr_choices
from app.web.forms import NewRowForm, in_words
from app.web.labels import options
from app.web.lists import as_options

_INCOMPLETE = _l("This form is incomplete. Go back to the list and choose again.")
_NOT_OFFERED = _l("Choose one of the values offered.")
_NOBODY = "none"


def _is_moment(_form: NewRowForm, field: Field) -> None:
    try:
        moment = datetime.fromisoformat(field.data or "")
    except ValueError:
        raise ValidationError(str(_INCOMPLETE)) from None
    if moment.tzinfo is None or moment.year < EARLIEST.year:
        raise ValidationError(str(_INCOMPLETE))


class BulkForm(NewRowForm):
    """How many rows were shown, and as of when; the forms below add what is set."""

    #: Fields whose values are shown afterwards, and the name under which the change takes each.
    sets: ClassVar[Mapping[str, str]]

    count = HiddenField(validators=[Regexp(r"^\d{1,9}$", message=_INCOMPLETE)])
    until = HiddenField(validators=[_is_moment])

    def offer(self, actor: Actor) -> None:
        """Fill the choices that depend on who asks."""

    def show_count(self, count: int, until: datetime) -> None:
        """What the person confirms by sending the form."""
        # What was sent would be shown before what is set here.
        self.count.data, self.count.raw_data = str(count), None
        self.until.data, self.until.raw_data = until.isoformat(), None

    @property
    def shown_count(self) -> int:
        """How many rows the person has seen; 0 where the form does not say so."""
        text = self.count.data or ""
        return int(text) if text.isdecimal() else 0

    @property
    def settings(self) -> dict[str, Any]:
        """What is set, once the form is valid; with the words for it, so that the history needs no look-up."""
        values = {stored: self._fields[name].data or None for name, stored in self.sets.items()}
        words = {
            str(self._fields[name].label.text): in_words(self._fields[name], self._fields[name].data)
            for name in self.sets
        }
        return {**values, "words": words}


class AssignCsrForm(BulkForm):
    """To whom calls are credited."""

    sets: ClassVar = {"csr": "csr_id"}

    csr = SelectField(_l("CSR"), validators=[DataRequired(_l("Choose a CSR."))], validate_choice=True)

    def offer(self, actor: Actor) -> None:
        """Those who have calls, or might."""
        self.csr.choices = [("", _("Choose …")), *as_options(csr_choices(actor)), (_NOBODY, _("Nobody"))]

    @property
    def settings(self) -> dict[str, Any]:
        """Nobody is stored as no id."""
        found = super().settings
        return {**found, "csr_id": None if found["csr_id"] == _NOBODY else found["csr_id"]}


class OutcomeForm(BulkForm):
    """What came of calls."""

    sets: ClassVar = {"outcome": "outcome"}

    outcome = SelectField(
        _l("Result"),
        choices=lambda: [("", _l("Not known")), *options(CallOutcome)],
        validators=[AnyOf(["", *CallOutcome], _NOT_OFFERED)],
        validate_choice=False,
    )


class BookingStatusForm(BulkForm):
    """Whether calls led to a booking. A reason is needed in any case: some of them may overrule what is set."""

    sets: ClassVar = {"booking_status": "booking_status", "reason": "reason"}

    booking_status = SelectField(
        _l("Booking status"),
        choices=lambda: [("", _l("Choose …")), *options(BookingStatus)],
        validators=[DataRequired(_l("Choose what came of it.")), AnyOf(list(BookingStatus), _NOT_OFFERED)],
        validate_choice=False,
    )
    reason = TextAreaField(
        _l("Reason"),
        validators=[
            DataRequired(_l("Say why, in a few words.")),
            Length(
                FEWEST_REASON_CHARACTERS,
                MOST_REASON_CHARACTERS,
                _l(
                    "Use %(least)s to %(most)s characters.", least=FEWEST_REASON_CHARACTERS, most=MOST_REASON_CHARACTERS
                ),
            ),
        ],
        render_kw={"rows": 2},
    )


FORMS: Mapping[BulkAction, type[BulkForm]] = {
    BulkAction.ASSIGN_CSR: AssignCsrForm,
    BulkAction.SET_OUTCOME: OutcomeForm,
    BulkAction.SET_BOOKING_STATUS: BookingStatusForm,
}
