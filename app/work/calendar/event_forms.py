"""Forms of events."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import get_locale, lazy_pgettext
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

from app.errors import FieldError, Sentence, ValidationFailed
from app.lists.choices import Choice
from app.lists.listing import as_options, matching
from app.models import Event, EventKind, EventStatus
from app.organization.settings.rules import check_timezone, timezones
from app.periods import is_in_range
from app.web.formatting import full_moment, long_date
from app.web.forms import Difference, Form, NewRowForm, VersionedForm, is_id, version_field
from app.web.labels import options
from app.web.templating import MAX_OPTIONS
from app.web.validators import at_most, is_day_in_range
from app.work.calendar.entry_rules import moment_at, moved, whole_day_of
from app.work.calendar.event_rules import (
    MAX_DESCRIPTION_CHARACTERS,
    MAX_LOCATION_CHARACTERS,
    MAX_TITLE_CHARACTERS,
    EventValues,
    shown,
)

#: Buttons: one takes another time than the one that was typed, the other adds whoever was typed and saves nothing.
INSTEAD, ADD = "instead", "add"
#: So many are offered where a name may be several people's.
_MAX_ASKED_BACK = 10

_NOT_OFFERED = _l("Choose one of the values offered.")
_WHEN_BEGINS = _l("Say when it begins.")

#: The fields that say when: a conflict shows two moments instead.
_TIMES = frozenset({"start_day", "start_time", "end_day", "end_time"})
#: Begin and end, as events and visits call them.
_SPANS = ("start_at", "scheduled_start_at", "end_at", "scheduled_end_at")


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


def _known_zone(_form: Form, field: StringField) -> None:
    try:
        check_timezone(field.data or "")
    except ValidationFailed as refused:
        raise ValidationError(str(refused.sentence)) from None


class EventFields(Form):
    """What the forms of a new event and of one that is there share. Times are on the clocks of its zone."""

    title = StringField(_l("Title"), [DataRequired(_l("Say what it is.")), at_most(MAX_TITLE_CHARACTERS)])
    kind = SelectField(lazy_pgettext("event", "Kind"), validate_choice=False)
    all_day = BooleanField(_l("All day"))
    start_day = DateField(_l("Begins on"), [DataRequired(_WHEN_BEGINS), is_day_in_range])
    start_time = TimeField(_l("At"), [_unless_all_day(_WHEN_BEGINS), Optional()])
    end_day = DateField(_l("Ends on"), [Optional(), is_day_in_range], description=_l("Without a day: on the same."))
    end_time = TimeField(_l("At"), [_unless_all_day(_l("Say when it ends.")), Optional()])
    organizer = SelectField(_l("Whose"), [is_id], validate_choice=False)
    attendees = SelectMultipleField(
        _l("Who else comes"), validate_choice=False, widget=ListWidget(), option_widget=CheckboxInput()
    )
    person = StringField(
        _l("Add somebody"),
        [at_most(MAX_TITLE_CHARACTERS)],
        render_kw={"list": "people", "autocomplete": "off"},
        description=_l("A name or a part of one, of one person at a time."),
    )
    timezone = StringField(
        _l("Time zone"),
        [DataRequired(_l("Choose a time zone.")), _known_zone],
        render_kw={"list": "timezones", "autocomplete": "off", "spellcheck": "false"},
        description=_l("Begin and end are on its clocks."),
    )
    location = StringField(_l("Where"), [at_most(MAX_LOCATION_CHARACTERS)])
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
    #: Moments that the days and times stand for, where they read so: the clocks have an hour twice.
    known: Sequence[datetime] = ()
    #: Who can be invited; whoever may be meant by what was typed.
    people: Sequence[tuple[str, str]] = ()
    asked_back: Collection[str] = ()

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
        self.people = self.attendees.choices = as_options(people)
        self.calendar.choices = as_options(calendars) or [("", _("Everybody"))]

    @property
    def is_typed(self) -> bool:
        """Whether there are too many people to choose from a list: they are typed, and added one at a time."""
        return len(self.people) > MAX_OPTIONS

    @property
    def is_adding(self) -> bool:
        """Whether the button was pressed that saves nothing."""
        return ADD in request.form

    def add_person(self) -> None:
        """Have whoever was typed come too. Raises ValidationFailed where nobody is called so or several are, who are
        offered then.
        """
        typed = (self.person.data or "")[:MAX_TITLE_CHARACTERS]
        if not typed or not self.is_typed:
            return
        found = matching(typed, self.people)
        if not found:
            raise ValidationFailed([FieldError("person", _l("Nobody is called “%(typed)s”.", typed=typed))])
        self.person.data = ""
        if len(found) > 1:
            self.asked_back = list(found)[:_MAX_ASKED_BACK]
            several = _l("“%(typed)s” may be several people. Tick whom you mean, or write more of it.", typed=typed)
            raise ValidationFailed([FieldError("person", several)])
        self.attendees.data = list(dict.fromkeys([*(self.attendees.data or ()), *found]))

    def show_chosen(self) -> None:
        """Of many people only list those who come or may be meant."""
        if self.is_typed:
            listed = {*(self.attendees.data or ()), *self.asked_back}
            self.attendees.choices = [one for one in self.people if one[0] in listed]

    def validate_kind(self, field: SelectField) -> None:
        """One of those offered."""
        if field.data not in {str(choice[0]) for choice in field.iter_choices()}:
            raise ValidationError(str(_NOT_OFFERED))

    def zone(self, usual: str) -> ZoneInfo:
        """On whose clocks the times are typed: `usual` where what was typed is no zone."""
        typed = self.timezone.data
        return ZoneInfo(typed if typed in timezones() else usual)

    def take_instead(self, zone: ZoneInfo) -> None:
        """Take the free time of the button that was pressed, as long as what was typed, once the form is valid."""
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
        """What was typed, once the form is valid."""
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
    """What a new event begins with: an id of its own."""


class EventEditForm(EventFields, VersionedForm):
    """An event as it is."""

    version = version_field()

    @classmethod
    def of(cls, event: Event, attendee_ids: Sequence[UUID]) -> "EventEditForm":
        """The form as the event stands, on its own clocks."""
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
    """Begin and end on the clocks of `zone`; of what takes whole days its first and last day."""
    first, last, locale = start.astimezone(zone), end.astimezone(zone), get_locale()
    if first.time() == last.time() == time():
        return long_date(first.date(), locale), long_date(last.date() - timedelta(days=1), locale)
    return full_moment(first, locale), full_moment(last, locale)


def _other_times(theirs: tuple[str, str], yours: tuple[str, str]) -> list[Difference]:
    labels = (str(_("Begins")), str(_("Ends")))
    rows = (Difference(*row) for row in zip(labels, theirs, yours, strict=True))
    return [row for row in rows if row.now != row.yours]


def _typed(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What the fields hold of an event, on its own clocks."""
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
    """Another time, and of a visit who goes; dragging sends the same."""

    day = DateField(_l("Day"), [InputRequired(_l("Choose a day.")), is_day_in_range])
    time = TimeField(_l("At"), [Optional()], description=_l("Without a time: at the same."))
    rep = SelectField(_l("Who goes"), [Optional(), is_id], validate_choice=False)
    back = HiddenField()
    #: Of Undo: the very moment that day and time stand for.
    exact = HiddenField()
    version = version_field()
    #: On whose clocks day and time were typed.
    zone: ZoneInfo

    @classmethod
    def at(cls, start: datetime, zone: ZoneInfo, version: int, back: str, rep_id: UUID | None = None) -> Self:
        """The form of what begins at `start` now."""
        here = start.astimezone(zone)
        given = {"day": here.date(), "time": here.time(), "rep": str(rep_id or ""), "back": back, "version": version}
        return cls(formdata=None, **given)

    @classmethod
    def sent(cls, zone: ZoneInfo) -> Self:
        """As it was sent; Undo says in its address where it was."""
        form = cls(formdata=request.values)
        form.zone = zone
        return form

    @property
    def rep_id(self) -> UUID | None:
        """Who goes, once the form is valid; None: as before."""
        return _id(self.rep.data)

    def span(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """Where it goes that is now from `start` to `end`, once the form is valid."""
        instead = _moment(request.form.get(INSTEAD))
        if instead is not None:
            return instead, instead + (end - start)
        day: Any = self.day.data
        exact = _moment(self.exact.data)
        return moved(start, end, self.zone, day, self.time.data, *([exact] if exact else []))

    def _compare(self, current: Mapping[str, Any]) -> list[Difference]:
        start, end = (current[name] for name in _SPANS if name in current)
        theirs, yours = _span_in_words(start, end, self.zone), _span_in_words(*self.span(start, end), self.zone)
        rep = {"rep": str(current["sales_rep_id"])} if self.rep.data and "sales_rep_id" in current else {}
        return [*_other_times(theirs, yours), *super()._compare(rep)]


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
