"""The form that books an appointment, and the fields that it shares with other forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import HiddenField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Optional

from app.declarations.entered_fields import asks_for
from app.declarations.input_forms import text_length
from app.errors import LazyText
from app.lists.choices import Choice
from app.periods import is_in_range
from app.web.forms import Form, NewRowForm
from app.web.validators import at_most
from app.work.appointments.resource import APPOINTMENT
from app.work.appointments.rules import MAX_NOTES_CHARACTERS, MAX_PLACE_CHARACTERS
from app.work.service_types.rules import ServiceTypeInput

#: Buttons that show the form again with other times and save nothing: for another day, or for changed fields.
SHOW_DAY, SHOW_TIMES = "show_day", "show_times"
#: Button that books an alternative to the chosen time.
INSTEAD = "instead"

_LENGTHS = (30, 45, 60, 90, 120, 180, 240, 480)
#: Label of a sales rep who isn't free at the chosen time.
BUSY_THEN = _l("%(name)s (busy then)", name="{name}")
_CHOOSE_TIME = _l("Choose one of the available times.")


@dataclass(frozen=True, slots=True)
class Slot:
    """A rep and a start time, as in the value of a radio button: `<id>/2026-11-20T22:00Z`."""

    rep_id: UUID
    start: datetime

    @classmethod
    def read(cls, text: str) -> "Slot":
        """Return the slot that `text` names. Raises ValueError if it names none."""
        rep_id, _slash, moment = text.partition("/")
        start = datetime.fromisoformat(moment)
        if start.tzinfo is None or not is_in_range(start.date()):
            raise ValueError(text)
        return cls(UUID(rep_id), start.astimezone(UTC))

    def __str__(self) -> str:
        return f"{self.rep_id}/{self.start.astimezone(UTC).strftime('%Y-%m-%dT%H:%MZ')}"


def service_field() -> StringField:
    """Return the field for the service that is booked."""
    return StringField(
        _l("Service"),
        [DataRequired(_l("Enter what the appointment is for.")), text_length(ServiceTypeInput, "name")],
        render_kw={"list": "services", "autocomplete": "off"},
    )


def place_field() -> StringField:
    """Return the field for the address, in one line."""
    return StringField(
        _l("Location"),
        [at_most(MAX_PLACE_CHARACTERS)],
        render_kw={"autocomplete": "off"},
    )


def notes_field() -> TextAreaField:
    """Return the field for notes to the sales rep."""
    return TextAreaField(
        _l("Note for the sales rep"),
        [Optional(), at_most(MAX_NOTES_CHARACTERS)],
        render_kw={"rows": 3},
    )


class SlotField(StringField):
    """Field of a free time, chosen by a radio button or by a button that offers an alternative."""

    slot: Slot | None = None

    def process(self, formdata: Any, *given: Any, **more: Any) -> None:
        """Read the radio button, or the button that offers an alternative."""
        super().process(formdata, *given, **more)
        if formdata and formdata.get(INSTEAD):
            self.data = formdata[INSTEAD]
        try:
            self.slot = Slot.read(self.data or "")
        except ValueError:
            self.slot = None

    def pre_validate(self, _form: Any) -> None:
        """Refuse a value that isn't a slot."""
        if self.slot is None:
            raise ValidationError(str(_CHOOSE_TIME))


def _length_choices() -> list[tuple[str, str]]:
    return [("", _("Default")), *((str(one), ngettext("%(num)s minute", "%(num)s minutes", one)) for one in _LENGTHS)]


class TimesForm(Form):
    """Fields that choose the time and the sales rep.

    A time is offered with the rep who suits best; the field of the sales rep replaces that rep. The displayed day is
    submitted too, so that a form with errors shows the same day again.
    """

    rep = SelectField(_l("Sales rep"), validate_choice=False)
    minutes = SelectField(_l("Length"), choices=_length_choices, validate_choice=False)
    shown_on = HiddenField()
    slot = SlotField(_l("When"))

    def offer(self, reps: Sequence[Choice], anybody: LazyText, free: Sequence[int] | None = None) -> None:
        """Offer these reps as choices, and also `anybody` if there are several.

        `free` are the positions of those who are free at the chosen time; the others are marked. None marks no one.
        """
        marked = [
            rep.name if free is None or number in free else str(BUSY_THEN).replace("{name}", rep.name)
            for number, rep in enumerate(reps)
        ]
        people = [(str(rep.id), label, {"data-name": rep.name}) for rep, label in zip(reps, marked, strict=True)]
        self.rep.choices = people if len(people) == 1 else [("", anybody, {}), *people]

    def changed_times(self) -> bool:
        """Return whether a button asked for other times, in which case nothing must be saved."""
        return any(name in request.form for name in (SHOW_DAY, SHOW_TIMES))

    @property
    def shown_day(self) -> date | None:
        """The day that was requested last; None stands for the first day with a free time."""
        typed = request.form.get(SHOW_DAY) or self.shown_on.data or ""
        try:
            day = date.fromisoformat(typed)
        except ValueError:
            return None
        return day if is_in_range(day) else None

    @property
    def rep_id(self) -> UUID | None:
        """The chosen rep; None stands for anyone available."""
        try:
            return UUID(self.rep.data or "")
        except ValueError:
            return None

    @property
    def length(self) -> int | None:
        """The length in minutes; None stands for the default."""
        text = self.minutes.data or ""
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None
        return number if number is not None and ServiceTypeInput.bounds("minutes").hold(number) else None

    @property
    def wanted_start(self) -> datetime | None:
        """The start of the chosen time; None if none is chosen."""
        return self.slot.slot.start if self.slot.slot else None

    @property
    def chosen(self) -> Slot:
        """The chosen time with the chosen sales rep, once the form is valid."""
        slot = Slot.read(self.slot.data or "")
        if INSTEAD in request.form or self.rep_id is None:
            return slot
        return Slot(self.rep_id, slot.start)


@asks_for(APPOINTMENT)
class BookingForm(TimesForm, NewRowForm):
    """Form that books an appointment.

    A person who is not a contact yet is identified by number and name; a contact without a name gets one. `person` is a
    contact with the same number that was chosen instead.
    """

    service = service_field()
    place = place_field()
    notes = notes_field()
    number = StringField(
        _l("Number"),
        [at_most(40)],
        render_kw={"type": "tel", "autocomplete": "off"},
    )
    name = StringField(
        _l("Name"),
        [at_most(100)],
        render_kw={"autocomplete": "off"},
    )
    person = HiddenField()
    #: True if the contact's name isn't known, so that it must be entered.
    asks_name: bool = False

    def validate_name(self, field: StringField) -> None:
        """Refuse a missing name."""
        if self.asks_name and not field.data and self.person_id is None:
            raise ValidationError(_("Enter the contact’s name."))

    @property
    def person_id(self) -> UUID | None:
        """The contact that was chosen because it has the number already, or None."""
        try:
            return UUID(self.person.data or "")
        except ValueError:
            return None

    @property
    def typed_service(self) -> str:
        """The service typed so far; empty if it can't be read."""
        return "" if self.service.process_errors else self.service.data or ""
