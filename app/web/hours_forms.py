"""Forms for opening hours: a variable number of lines, with start and end, for each weekday.

The buttons that add and remove lines belong to the form itself: it is shown again with one line more or less, and
nothing is saved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import request
from wtforms import Field, ValidationError

from app.errors import DomainError, LazyText, VersionConflict
from app.web.forms import VersionedForm
from app.web.hours_rules import (
    END_OF_DAY,
    MAX_LINES,
    MIDNIGHT,
    WEEKDAYS,
    Spans,
    by_weekday,
    check_lines,
    to_store,
)

#: Names of the two buttons; their value is the weekday, and for the second one also the line: "monday-1".
ADD, REMOVE = "add_line", "remove_line"

_LINE_NUMBERS = frozenset(str(number) for number in range(MAX_LINES))

#: Longer than any spelling of a time.
_MAX_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a weekday: both inputs as typed, and their error."""

    opens: str = ""
    closes: str = ""
    error: LazyText | None = None


class SpansField(Field):
    """Field of one weekday.

    `data` are its spans, `lines` the displayed inputs: a closed day has one blank line to type into.
    """

    data: Spans
    lines: tuple[Line, ...]

    def process(self, formdata: Any, *given: Any, **more: Any) -> None:
        """Read the submitted lines, named `monday-0-from` and `monday-0-to`, or else the stored hours."""
        super().process(None, *given, **more)
        if formdata:
            lines = [f"{self.name}-{number}" for number in range(MAX_LINES)]
            names = [name for name in lines if f"{name}-from" in formdata]
            typed = [(_typed(formdata, f"{name}-from"), _typed(formdata, f"{name}-to")) for name in names]
            checked = check_lines(typed)
            self.data = checked.spans
            self.lines = tuple(Line(*pair, checked.wrong.get(number)) for number, pair in enumerate(typed))
        else:
            self.data = self.data or Spans()
            self.lines = tuple(Line(span.opens, _as_clock(span.closes)) for span in self.data)
        self.lines = self.lines or (Line(),)

    def pre_validate(self, _form: Any) -> None:
        """Reject invalid lines; each error is shown at its line."""
        wrong = [str(line.error) for line in self.lines if line.error is not None]
        if wrong:
            raise ValidationError(f"{self.label.text}: {' '.join(wrong)}")

    @property
    def may_grow(self) -> bool:
        """True if another line fits."""
        return len(self.lines) < MAX_LINES

    def without(self, number: int) -> None:
        """Remove the line at index `number`."""
        self.lines = tuple(line for index, line in enumerate(self.lines) if index != number) or (Line(),)

    def with_one_more(self) -> None:
        """Add a blank line, if another one fits."""
        if self.may_grow:
            self.lines = (*self.lines, Line())


class HoursForm(VersionedForm):
    """A form that includes opening hours."""

    monday = SpansField(WEEKDAYS["monday"])
    tuesday = SpansField(WEEKDAYS["tuesday"])
    wednesday = SpansField(WEEKDAYS["wednesday"])
    thursday = SpansField(WEEKDAYS["thursday"])
    friday = SpansField(WEEKDAYS["friday"])
    saturday = SpansField(WEEKDAYS["saturday"])
    sunday = SpansField(WEEKDAYS["sunday"])

    #: Service name of the hours.
    hours_name: ClassVar = "business_hours"

    #: Weekday to which a line was just added; the new line gets the focus.
    grown: str | None = None

    @property
    def weekdays(self) -> list[SpansField]:
        """Fields of the weekdays, Monday first."""
        return [self._fields[day] for day in WEEKDAYS]

    @property
    def hours(self) -> dict[str, list[list[str]]]:
        """The hours to store, once the form is valid."""
        return to_store({field.name: field.data for field in self.weekdays})

    def refuse(self, error: DomainError, names: Mapping[str, str] | None = None) -> None:
        """Add a service's errors like `Form.refuse`; in a conflict, the stored hours are compared by weekday."""
        if isinstance(error, VersionConflict):
            current = error.extra["current"]
            current |= by_weekday(current[self.hours_name] or {})
        super().refuse(error, names)

    def changed_lines(self) -> bool:
        """Add or remove a line if a button asked for it, and return whether one did; if so, save nothing."""
        more, (day, _dash, number) = request.form.get(ADD, ""), request.form.get(REMOVE, "").partition("-")
        if more in WEEKDAYS:
            self._fields[more].with_one_more()
            self.grown = more
        elif day in WEEKDAYS and number in _LINE_NUMBERS:
            self._fields[day].without(int(number))
        else:
            return False
        return True


def _typed(formdata: Any, name: str) -> str:
    """Return the typed text in a form that can be displayed again."""
    text: str = formdata.get(name, "")
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").strip()[:_MAX_LENGTH]


def _as_clock(closes: str) -> str:
    return MIDNIGHT if closes == END_OF_DAY else closes
