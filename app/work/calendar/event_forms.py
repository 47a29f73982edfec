"""Forms of events."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    ValidationError,
)
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from app.errors import Sentence
from app.lists.choices import Choice
from app.lists.listing import as_options
from app.models import Event, EventKind, EventStatus
from app.periods import EARLIEST, LATEST
from app.web.forms import Form, NewRowForm, VersionedForm, is_id, version_field
from app.web.labels import label, options
from app.work.calendar.entry_rules import moment_at, moved, whole_day_of
from app.work.calendar.event_rules import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_LOCATION_CHARACTERS,
    MAX_TITLE_CHARACTERS,
    EventValues,
)

#: A button that takes another time than the one that was typed.
INSTEAD = "instead"

_NOT_OFFERED = _l("Choose one of the values offered.")
_WHEN_BEGINS = _l("Say when it begins.")


def _at_most(most: int) -> Length:
    return Length(max=most, message=_l("Use %(most)s characters at most.", most=most))


def _in_range(_form: Form, field: DateField) -> None:
    if field.data is not None and not EARLIEST <= field.data <= LATEST:
        raise ValidationError(_("Choose a day between 1990 and 2199."))


def _unless_all_day(missing: Sentence) -> Callable[[Form, TimeField], None]:
    """An event that takes a part of a day has its times. Stands before `Optional`, which ends the chain."""

    def validate(form: Form, field: TimeField) -> None:
        if (
            not form["all_day"].data
            and field.data is None
            and not any((text or "").strip() for text in field.raw_data or ())
        ):
            field.errors = []
            raise StopValidation(str(missing))

    return validate


class EventFields(Form):
    """What the forms of a new event and of one that is there share. Times are on the clocks of a zone."""

    title = StringField(_l("Title"), [DataRequired(_l("Say what it is.")), _at_most(MAX_TITLE_CHARACTERS)])
    kind = SelectField(lazy_pgettext("event", "Kind"), validate_choice=False)
    all_day = BooleanField(_l("All day"))
    start_day = DateField(_l("Begins on"), [DataRequired(_WHEN_BEGINS), _in_range])
    start_time = TimeField(_l("At"), [_unless_all_day(_WHEN_BEGINS), Optional()])
    end_day = DateField(_l("Ends on"), [Optional(), _in_range], description=_l("Without a day: on the same."))
    end_time = TimeField(_l("At"), [_unless_all_day(_l("Say when it ends.")), Optional()])
    organizer = SelectField(_l("Whose"), [is_id], validate_choice=False)
    attendees = SelectMultipleField(
        _l("Who else comes"), validate_choice=False, widget=ListWidget(), option_widget=CheckboxInput()
    )
    location = StringField(_l("Where"), [_at_most(MAX_LOCATION_CHARACTERS)])
    calendar = SelectField(_l("Calendar"), validate_choice=False)
    status = SelectField(
        _l("Status"),
        choices=lambda: options(EventStatus),
        default=EventStatus.CONFIRMED.value,
        validators=[AnyOf(list(EventStatus), _NOT_OFFERED)],
        validate_choice=False,
    )
    description = TextAreaField(
        _l("Description"), [Optional(), _at_most(MAX_DESCRIPTION_CHARACTERS)], render_kw={"rows": 4}
    )

    def offer(
        self,
        organizers: Sequence[Choice],
        people: Sequence[Choice],
        calendars: Sequence[Choice],
        kind: str | None = None,
    ) -> None:
        """What can be chosen; `kind` is the one that the event has now."""
        kinds = options(EventKind)
        known = kind is None or any(value == kind for value, _words in kinds)
        self.kind.choices = kinds if kind is None or known else [*kinds, (kind, kind)]
        self.organizer.choices = as_options(organizers)
        self.attendees.choices = as_options(people)
        self.calendar.choices = as_options(calendars) or [("", _("Everybody"))]

    def validate_kind(self, field: SelectField) -> None:
        """One of those offered."""
        if field.data not in {str(choice[0]) for choice in field.iter_choices()}:
            raise ValidationError(str(_NOT_OFFERED))

    def take_instead(self, zone: ZoneInfo) -> None:
        """Take the free time of the button that was pressed, as long as what was typed."""
        start = _moment(request.form.get(INSTEAD))
        if start is None or self.start_day.data is None or self.start_time.data is None or self.end_time.data is None:
            return
        first, last = self._span(zone)
        here, until = start.astimezone(zone), (start + (last - first)).astimezone(zone)
        self.start_day.data, self.start_time.data = here.date(), here.time()
        self.end_day.data, self.end_time.data = until.date(), until.time()
        for field in (self.start_day, self.start_time, self.end_day, self.end_time):
            field.raw_data = None  # what was sent would be shown before what is set here

    def values(self, zone: ZoneInfo) -> EventValues:
        """What was typed, once the form is valid."""
        start, end = self._span(zone)
        return EventValues(
            type=self.kind.data,
            title=self.title.data or "",
            start=start,
            end=end,
            organizer_id=UUID(self.organizer.data),
            calendar_id=_id(self.calendar.data),
            status=EventStatus(self.status.data),
            location=self.location.data or None,
            description=self.description.data or None,
            attendee_ids=frozenset(found for one in self.attendees.data or () if (found := _id(one))),
        )

    def _span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        first: Any = self.start_day.data
        last: Any = self.end_day.data or first
        starts: Any = self.start_time.data
        ends: Any = self.end_time.data
        if self.all_day.data:
            return whole_day_of(first, last, zone)
        return moment_at(first, starts, zone), moment_at(last, ends, zone)


class NewEventForm(EventFields, NewRowForm):
    """What a new event begins with: an id of its own."""


class EventEditForm(EventFields, VersionedForm):
    """An event as it is."""

    stored_as: ClassVar = {"kind": "type"}
    version = version_field()

    @classmethod
    def of(cls, event: Event, attendee_ids: Sequence[UUID], zone: ZoneInfo) -> "EventEditForm":
        """The form as the event stands, on the clocks of `zone`."""
        first, last = event.start_at.astimezone(zone), event.end_at.astimezone(zone)
        all_day = first.time() == last.time() == time()
        return cls(
            formdata=None,
            title=event.title,
            kind=event.type,
            all_day=all_day,
            start_day=first.date(),
            start_time=first.time(),
            end_day=last.date() - timedelta(days=1) if all_day else last.date(),
            end_time=last.time(),
            organizer=str(event.organizer_id),
            attendees=[str(one) for one in attendee_ids],
            location=event.location or "",
            calendar=str(event.calendar_id),
            status=event.status,
            description=event.description or "",
            version=event.version,
        )


class MoveForm(VersionedForm):
    """Another time, and of a visit who goes; dragging sends the same."""

    day = DateField(_l("Day"), [InputRequired(_l("Choose a day.")), _in_range])
    time = TimeField(_l("At"), [Optional()], description=_l("Without a time: at the same."))
    rep = SelectField(_l("Who goes"), [Optional(), is_id], validate_choice=False)
    back = HiddenField()
    version = version_field()

    @classmethod
    def at(cls, start: datetime, zone: ZoneInfo, version: int, back: str, rep_id: UUID | None = None) -> "MoveForm":
        """The form of what begins at `start` now."""
        here = start.astimezone(zone)
        given = {"day": here.date(), "time": here.time(), "rep": str(rep_id or ""), "back": back, "version": version}
        return cls(formdata=None, **given)

    @classmethod
    def sent(cls) -> "MoveForm":
        """As it was sent; Undo says in its address where it was."""
        return cls(formdata=request.values)

    @property
    def rep_id(self) -> UUID | None:
        """Who goes, once the form is valid; None: as before."""
        return _id(self.rep.data)

    def span(self, start: datetime, end: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Where it goes, once the form is valid."""
        instead = _moment(request.form.get(INSTEAD))
        if instead is not None:
            return instead, instead + (end - start)
        day: Any = self.day.data
        return moved(start, end, zone, day, self.time.data)


def kind_words(kind: str) -> str:
    """What a kind is called; one that is not offered as it was written."""
    return label(kind, "EventKind") if kind in list(EventKind) else kind


def _id(typed: str | None) -> UUID | None:
    try:
        return UUID(typed or "")
    except ValueError:
        return None


def _moment(typed: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(typed or "")
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
