"""Content of an event's pages: the event, its history, and the choices of its form."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from app.audit.actions import Action
from app.audit.queries import HistoryEntry
from app.errors import DomainError, EventTimeConflict, LazyText, UserNotAvailable
from app.lists.choices import Choice
from app.lists.history_page import Change, Happened
from app.security.actor import Actor
from app.security.permissions import Permission
from app.web.labels import label
from app.work.calendar import event_rules
from app.work.calendar.event_forms import EventEditForm, EventFields
from app.work.calendar.event_queries import EventDetail, list_common_times
from app.work.calendar.people_queries import list_active_people
from app.work.calendar.resource import EVENT
from app.work.calendars.queries import list_calendars

_WORDS: dict[str, tuple[LazyText, str]] = {
    "event.created": (_l("Added by %(name)s"), "plus"),
    Action.EVENT_MOVED: (_l("Rescheduled by %(name)s"), "calendar"),
}
_CHANGED = (_l("Changed by %(name)s"), "pencil")


@dataclass(frozen=True, slots=True)
class EventPage:
    """Context of the template of an event's page."""

    detail: EventDetail
    #: The day on which it begins in the organization's time zone.
    day: date
    may_change: bool
    may_delete: bool
    #: First and last day of an event that takes whole days.
    whole_days: tuple[datetime, datetime] | None
    is_elsewhere: bool
    moments: Sequence[Happened]


def event_page(actor: Actor, detail: EventDetail) -> EventPage:
    """Return the context of the event's page as `actor` sees it."""
    event = detail.event
    zone = ZoneInfo(actor.timezone)
    first, last = event.start_at.astimezone(zone), event.end_at.astimezone(zone)
    is_whole = first.time() == last.time() == first.time().min
    return EventPage(
        detail=detail,
        day=first.date(),
        may_change=event_rules.may_change(event, actor),
        may_delete=actor.may(Permission.EVENTS_DELETE),
        whole_days=(first, last - timedelta(minutes=1)) if is_whole else None,
        is_elsewhere=event.timezone != actor.timezone,
        moments=list(_moments(detail.history)),
    )


def offer_choices(actor: Actor, form: EventFields, detail: EventDetail | None = None) -> None:
    """Offer the people and calendars that `actor` can choose, and those that the event has already."""
    people = list_active_people(actor)
    organizers = [one for one in people if event_rules.may_organize_for(actor, one.id)]
    if actor.reference_id is not None:
        organizers = _with(organizers, Choice(actor.user_id, actor.name))
    calendars = list_calendars(actor)
    if detail is not None:
        event = detail.event
        organizers = _with(organizers, Choice(event.organizer_id, detail.organizer))
        calendars = _with(calendars, Choice(event.calendar_id, detail.calendar))
        for one in detail.attendees:
            people = _with(people, one)
    form.offer(organizers, people, calendars, detail.event.type if detail else None)


def is_taken(error: DomainError | None) -> bool:
    """Return whether the error is that a person isn't free, so that other times can be offered."""
    return isinstance(error, EventTimeConflict | UserNotAvailable)


def free_instead(
    actor: Actor, people: set[UUID], start: datetime, end: datetime, besides: UUID | None
) -> list[datetime]:
    """Return the times nearest to the requested one at which all of these people are free."""
    return list_common_times(actor, people, start, end - start, besides=besides)


def edit_form(detail: EventDetail) -> EventEditForm:
    """Return the form filled from the event."""
    return EventEditForm.of(detail.event, [one.id for one in detail.attendees])


def _with(choices: Sequence[Choice], one: Choice) -> list[Choice]:
    return [*choices] if any(choice.id == one.id for choice in choices) else [*choices, one]


def _moments(history: Sequence[HistoryEntry]) -> Iterator[Happened]:
    known = EVENT.recorded
    for entry in history:
        title, icon = _WORDS.get(entry.action, _CHANGED)
        changes = [_change(name, known[name], *values) for name, values in entry.changes.items() if name in known]
        if changes or entry.action in _WORDS:
            yield Happened(entry.at, str(title) % {"name": entry.actor_label}, icon, changes)


def _change(name: str, words: LazyText, before: object, after: object) -> Change:
    if name != "status":
        return Change(str(words))
    return Change(str(words), *(label(str(value) if value else None, "EventStatus") for value in (before, after)))
