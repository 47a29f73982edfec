"""The form of a booking, and the part of it that moves an appointment: who goes, and when."""

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

from app.declarations.input_forms import text_length
from app.errors import Sentence
from app.lists.choices import Choice
from app.periods import is_in_range
from app.web.forms import Form, NewRowForm, VersionedForm, version_field
from app.web.validators import at_most
from app.work.appointments.rules import MAX_NOTES_CHARACTERS, MAX_PLACE_CHARACTERS
from app.work.service_types.service import ServiceTypeInput

#: Buttons that show the form again with other times, and save nothing: a day, or the times for what was changed.
SHOW_DAY, SHOW_TIMES = "show_day", "show_times"
#: A button that takes another time than the chosen one.
INSTEAD = "instead"

_LENGTHS = (30, 45, 60, 90, 120, 180, 240, 480)
_CHOOSE_TIME = _l("Choose one of the free times.")


@dataclass(frozen=True, slots=True)
class Slot:
    """Somebody at a time, as the radio of it is named: `<id>/2026-11-20T22:00Z`."""

    rep_id: UUID
    start: datetime

    @classmethod
    def read(cls, text: str) -> "Slot":
        """Raises ValueError for what names none."""
        rep_id, _slash, moment = text.partition("/")
        start = datetime.fromisoformat(moment)
        if start.tzinfo is None or not is_in_range(start.date()):
            raise ValueError(text)
        return cls(UUID(rep_id), start.astimezone(UTC))

    def __str__(self) -> str:
        return f"{self.rep_id}/{self.start.astimezone(UTC).strftime('%Y-%m-%dT%H:%MZ')}"


def service_field() -> StringField:
    """What the appointment is about."""
    return StringField(
        _l("What"),
        [DataRequired(_l("Say what it is about.")), text_length(ServiceTypeInput, "name")],
        render_kw={"list": "services", "autocomplete": "off"},
    )


def place_field() -> StringField:
    """Where it is, in one line."""
    return StringField(
        _l("Where"),
        [at_most(MAX_PLACE_CHARACTERS)],
        render_kw={"autocomplete": "off"},
    )


def notes_field() -> TextAreaField:
    """What whoever goes should know."""
    return TextAreaField(
        _l("Note for the sales rep"),
        [Optional(), at_most(MAX_NOTES_CHARACTERS)],
        render_kw={"rows": 3},
    )


class SlotField(StringField):
    """A free time; `taken_instead` is True where a button offered it."""

    slot: Slot | None = None

    def process(self, formdata: Any, *given: Any, **more: Any) -> None:
        """Read the radio, or the button that offers another time."""
        super().process(formdata, *given, **more)
        if formdata and formdata.get(INSTEAD):
            self.data = formdata[INSTEAD]
        try:
            self.slot = Slot.read(self.data or "")
        except ValueError:
            self.slot = None

    def pre_validate(self, _form: Any) -> None:
        """Refuse what is no time of somebody's."""
        if self.slot is None:
            raise ValidationError(str(_CHOOSE_TIME))


def _length_choices() -> list[tuple[str, str]]:
    return [("", _("As usual")), *((str(one), ngettext("%(num)s minute", "%(num)s minutes", one)) for one in _LENGTHS)]


class TimesForm(Form):
    """Who goes and when. The day that is shown goes along, so that a form that comes back shows it again."""

    rep = SelectField(_l("Who goes"), validate_choice=False)
    minutes = SelectField(_l("How long"), choices=_length_choices, validate_choice=False)
    day = HiddenField()
    slot = SlotField(_l("When"))

    def offer(self, reps: Sequence[Choice], anybody: Sentence) -> None:
        """Offer these people, and `anybody` of them where there are several."""
        people = [(str(rep.id), rep.name) for rep in reps]
        self.rep.choices = people if len(people) == 1 else [("", anybody), *people]

    def changed_times(self) -> bool:
        """Whether a button asked for other times; nothing is to be saved."""
        return any(name in request.form for name in (SHOW_DAY, SHOW_TIMES))

    @property
    def shown_day(self) -> date | None:
        """The day that was asked for last; None: the first that has a free time."""
        typed = request.form.get(SHOW_DAY) or self.day.data or ""
        try:
            day = date.fromisoformat(typed)
        except ValueError:
            return None
        return day if is_in_range(day) else None

    @property
    def rep_id(self) -> UUID | None:
        """Who is to go; None: anybody."""
        try:
            return UUID(self.rep.data or "")
        except ValueError:
            return None

    @property
    def length(self) -> int | None:
        """In minutes; None: as usual."""
        text = self.minutes.data or ""
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None
        return number if number is not None and ServiceTypeInput.bounds("minutes").hold(number) else None

    @property
    def chosen(self) -> Slot:
        """The time that was chosen, once the form is valid."""
        return Slot.read(self.slot.data or "")


class BookingForm(TimesForm, NewRowForm):
    """What, who, where, when; and, of somebody without a card, their number and name."""

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

    @property
    def typed_service(self) -> str:
        """What it is about so far; nothing where that can’t be read."""
        return "" if self.service.process_errors else self.service.data or ""


class RescheduleForm(TimesForm, VersionedForm):
    """Another time for an appointment."""

    version = version_field()
