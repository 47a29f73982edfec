"""Forms that create, edit and move events."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import get_locale, lazy_pgettext, pgettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
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
from wtforms.validators import AnyOf, DataRequired, InputRequired, Optional, StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from app.errors import FieldError, LazyText, ValidationFailed
from app.lists.choices import Choice
from app.lists.listing import as_options, matching
from app.models import Event, EventKind, EventStatus
from app.organization.settings.rules import check_timezone
from app.periods import is_in_range, moment_at
from app.web.formatting import full_moment, long_date
from app.web.forms import Difference, Form, NewRowForm, VersionedForm, is_id, version_field
from app.web.labels import options
from app.web.templating import MAX_OPTIONS
from app.web.validators import at_most, is_day_in_range
from app.work.calendar.entry_rules import moved, whole_day_of
from app.work.calendar.event_rules import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_LOCATION_CHARACTERS,
    MAX_TITLE_CHARACTERS,
    EventValues,
    shown,
)
from app.zones import timezones

#: Buttons: one uses another time than the typed one, the other adds the typed person and saves nothing.
INSTEAD, ADD = "instead", "add"
#: Most people offered if a name matches several.
_MAX_ASKED_BACK = 10

_NOT_OFFERED = _l("Choose one of the options.")
_WHEN_BEGINS = _l("Enter when the event starts.")

#: Names of form fields that differ from the column's name.
FORM_FIELDS = {"end_at": "end_day", "organizer_id": "organizer", "calendar_id": "calendar"}
#: Fields of the times, which a version conflict shows as two moments.
_TIMES = frozenset({"start_day", "start_time", "end_day", "end_time"})


def _unless_all_day(missing: LazyText) -> Callable[[Form, TimeField], None]:
    """Return a validator that requires a time unless the event takes all day.

    It must come before `Optional`, which ends the chain.
    """

    def validate(form: Form, field: TimeField) -> None:
        if (
            not form["all_day"].data
            and field.data is None
            and not any((text or "").strip() for text in field.raw_data or ())
        ):
            field.errors = []
            raise StopValidation(str(missing))

    return validate


def _known_zone(_form: Form, field: StringField) -> None:
    try:
        check_timezone(field.data or "")
    except ValidationFailed as refused:
        raise ValidationError(str(refused.sentence)) from None


class EventFields(Form):
    """Fields shared by the forms that create and edit an event.

    Times are local to the event's time zone.
    """

    title = StringField(_l("Title"), [DataRequired(_l("Enter a title.")), at_most(MAX_TITLE_CHARACTERS)])
    kind = SelectField(lazy_pgettext("event", "Type"), validate_choice=False)
    all_day = BooleanField(_l("All day"))
    start_day = DateField(_l("Start date"), [DataRequired(_WHEN_BEGINS), is_day_in_range])
    start_time = TimeField(_l("Start time"), [_unless_all_day(_WHEN_BEGINS), Optional()])
    end_day = DateField(_l("End date"), [Optional(), is_day_in_range], description=_l("Leave empty for the same day."))
    end_time = TimeField(_l("End time"), [_unless_all_day(_l("Enter an end time.")), Optional()])
    organizer = SelectField(_l("Organizer"), [is_id], validate_choice=False)
    attendees = SelectMultipleField(
        _l("Other attendees"), validate_choice=False, widget=ListWidget(), option_widget=CheckboxInput()
    )
    person = StringField(
        _l("Add attendee"),
        [at_most(MAX_TITLE_CHARACTERS)],
        render_kw={"list": "people", "autocomplete": "off"},
        description=_l("Type part of a person’s name."),
    )
    timezone = StringField(
        _l("Time zone"),
        [DataRequired(_l("Choose a time zone.")), _known_zone],
        render_kw={"list": "timezones", "autocomplete": "off", "spellcheck": "false"},
        description=_l("Start and end times are in this time zone."),
    )
    location = StringField(_l("Location"), [at_most(MAX_LOCATION_CHARACTERS)])
    calendar = SelectField(_l("Calendar"), validate_choice=False)
    status = SelectField(
        _l("Status"),
        choices=lambda: options(EventStatus),
        default=EventStatus.CONFIRMED.value,
        validators=[AnyOf(list(EventStatus), _NOT_OFFERED)],
        validate_choice=False,
    )
    description = TextAreaField(
        _l("Description"), [Optional(), at_most(MAX_DESCRIPTION_CHARACTERS)], render_kw={"rows": 4}
    )
    #: Times that a typed day and time can stand for; they resolve an hour that occurs twice.
    known: Sequence[datetime] = ()
    #: People who can be invited, and those whom the typed name could mean.
    people: Sequence[tuple[str, str]] = ()
    asked_back: Collection[str] = ()

    def offer(
        self,
        organizers: Sequence[Choice],
        people: Sequence[Choice],
        calendars: Sequence[Choice],
        kind: str | None = None,
    ) -> None:
        """Offer these people and calendars, and all types.

        `kind` is the event's current type, which is offered too.
        """
        kinds = options(EventKind)
        known = kind is None or any(value == kind for value, _words in kinds)
        self.kind.choices = kinds if kind is None or known else [*kinds, (kind, kind)]
        self.organizer.choices = as_options(organizers)
        self.people = self.attendees.choices = as_options(people)
        self.calendar.choices = as_options(calendars) or [("", _("Everyone"))]

    @property
    def is_typed(self) -> bool:
        """True if there are too many people for a list, so that names are typed and added one at a time."""
        return len(self.people) > MAX_OPTIONS

    @property
    def is_adding(self) -> bool:
        """True if the form was submitted with the button that adds a person, which saves nothing."""
        return ADD in request.form

    def add_person(self) -> None:
        """Add the typed person to the attendees.

        Raises ValidationFailed if the text matches no one, or several people, who are then offered.
        """
        typed = (self.person.data or "")[:MAX_TITLE_CHARACTERS]
        if not typed or not self.is_typed:
            return
        found = matching(typed, self.people)
        if not found:
            raise ValidationFailed([FieldError("person", _l("No one matches “%(typed)s”.", typed=typed))])
        self.person.data = ""
        if len(found) > 1:
            self.asked_back = list(found)[:_MAX_ASKED_BACK]
            several = _l("“%(typed)s” matches several people. Select one, or type more of the name.", typed=typed)
            raise ValidationFailed([FieldError("person", several)])
        self.attendees.data = list(dict.fromkeys([*(self.attendees.data or ()), *found]))

    def show_chosen(self) -> None:
        """List only attendees and possible matches if there are too many people."""
        if self.is_typed:
            listed = {*(self.attendees.data or ()), *self.asked_back}
            self.attendees.choices = [one for one in self.people if one[0] in listed]

    def validate_kind(self, field: SelectField) -> None:
        """Refuse a type that wasn't offered."""
        if field.data not in {str(choice[0]) for choice in field.iter_choices()}:
            raise ValidationError(str(_NOT_OFFERED))

    def zone(self, usual: str) -> ZoneInfo:
        """Return the time zone of the typed times, or `usual` if the typed zone is unknown."""
        typed = self.timezone.data
        return ZoneInfo(typed if typed in timezones() else usual)

    def take_instead(self, zone: ZoneInfo) -> None:
        """Fill in the free time whose button was pressed, keeping the length. The form must be valid."""
        start = _moment(request.form.get(INSTEAD))
        if start is None:
            return
        first, last = self._span(zone)
        self.known = start, start + (last - first)
        here, until = (moment.astimezone(zone) for moment in self.known)
        self.all_day.data = False
        begins, ends = (self.start_day, self.start_time), (self.end_day, self.end_time)
        for field, moment in [(one, here) for one in begins] + [(one, until) for one in ends]:
            field.process(MultiDict({field.name: moment.strftime(field.format[0])}))

    def values(self, zone: ZoneInfo) -> EventValues:
        """Return the submitted values, once the form is valid."""
        start, end = self._span(zone)
        return EventValues(
            type=self.kind.data,
            title=self.title.data or "",
            start=start,
            end=end,
            organizer_id=UUID(self.organizer.data),
            calendar_id=_id(self.calendar.data),
            timezone=self.timezone.data,
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
        return moment_at(first, starts, zone, *self.known), moment_at(last, ends, zone, *reversed(self.known))


class NewEventForm(EventFields, NewRowForm):
    """Form that creates an event, with an id generated for it."""


class EventEditForm(EventFields, VersionedForm):
    """Form that edits an existing event."""

    version = version_field()

    @classmethod
    def of(cls, event: Event, attendee_ids: Sequence[UUID]) -> "EventEditForm":
        """Return the form filled from the event, in its own time zone."""
        attendees = [str(one) for one in attendee_ids]
        return cls(formdata=None, **_typed(shown(event)), attendees=attendees, version=event.version)

    def _compare(self, current: Mapping[str, Any]) -> list[Difference]:
        stored, zone = _typed(current), ZoneInfo(current["timezone"])
        mine = self.zone(current["timezone"])
        theirs = _span_in_words(current["start_at"], current["end_at"], zone)
        yours = _span_in_words(*self._span(mine), mine)
        rest = {name: value for name, value in stored.items() if name not in _TIMES}
        return [*super()._compare({**current, **rest}), *_other_times(theirs, yours)]


def _span_in_words(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """Return start and end as text in `zone`; the first and last day for whole days."""
    first, last, locale = start.astimezone(zone), end.astimezone(zone), get_locale()
    if first.time() == last.time() == time():
        return long_date(first.date(), locale), long_date(last.date() - timedelta(days=1), locale)
    return full_moment(first, locale), full_moment(last, locale)


def _other_times(theirs: tuple[str, str], yours: tuple[str, str]) -> list[Difference]:
    labels = (str(_("Start")), pgettext("moment", "End"))
    rows = (Difference(*row) for row in zip(labels, theirs, yours, strict=True))
    return [row for row in rows if row.now != row.yours]


def _typed(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the field values of an event, in its own time zone."""
    zone = ZoneInfo(stored["timezone"])
    first, last = stored["start_at"].astimezone(zone), stored["end_at"].astimezone(zone)
    all_day = first.time() == last.time() == time()
    return {
        "title": stored["title"],
        "kind": stored["type"],
        "all_day": all_day,
        "start_day": first.date(),
        "start_time": first.time(),
        "end_day": last.date() - timedelta(days=1) if all_day else last.date(),
        "end_time": last.time(),
        "organizer": str(stored["organizer_id"]),
        "location": stored["location"] or "",
        "calendar": str(stored["calendar_id"]),
        "timezone": stored["timezone"],
        "status": stored["status"],
        "description": stored["description"] or "",
    }


class MoveForm(VersionedForm):
    """Form that moves an event; dragging submits the same fields."""

    day = DateField(_l("Day"), [InputRequired(_l("Choose a day.")), is_day_in_range])
    time = TimeField(_l("Time"), [Optional()], description=_l("Leave empty for the same time."))
    back = HiddenField()
    #: Sent by Undo: the exact time that day and time stand for.
    exact = HiddenField()
    version = version_field()
    #: Time zone of the typed day and time.
    zone: ZoneInfo

    @classmethod
    def at(cls, start: datetime, zone: ZoneInfo, version: int, back: str) -> Self:
        """Return the form of an event that now begins at `start`."""
        here = start.astimezone(zone)
        return cls(formdata=None, day=here.date(), time=here.time(), back=back, version=version)

    @classmethod
    def sent(cls, zone: ZoneInfo) -> Self:
        """Return the form as submitted. Undo passes the previous values in its address."""
        form = cls(formdata=request.values)
        form.zone = zone
        return form

    def span(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """Return the new start and end of an event, once the form is valid."""
        instead = _moment(request.form.get(INSTEAD))
        if instead is not None:
            return instead, instead + (end - start)
        day: Any = self.day.data
        exact = _moment(self.exact.data)
        return moved(start, end, self.zone, day, self.time.data, *([exact] if exact else []))

    def _compare(self, current: Mapping[str, Any]) -> list[Difference]:
        start, end = current["start_at"], current["end_at"]
        return _other_times(_span_in_words(start, end, self.zone), _span_in_words(*self.span(start, end), self.zone))


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
    return found.astimezone(UTC) if found.tzinfo and is_in_range(found.date()) else None
