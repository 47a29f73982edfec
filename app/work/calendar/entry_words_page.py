"""Display text of calendar entries: time, name, status and conflicts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from flask import url_for
from flask_babel import format_date, get_locale
from flask_babel import gettext as _

from app.models import AppointmentOutcome, AppointmentStatus, EventStatus
from app.security.actor import Actor
from app.web import formatting
from app.web.labels import label
from app.work.calendar.entry_rules import Day, Entry, EntryKind, Part

_UNTOLD = (AppointmentStatus.SCHEDULED, EventStatus.CONFIRMED)


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry in words.

    `href` is None if the user can't open it, `move` if they can't move it.
    """

    is_gap: ClassVar = False

    entry: Entry
    tone: str
    time: str
    until: str
    name: str
    details: str
    clash: str
    elsewhere: str
    href: str | None
    move: str | None


def calendars_of(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Return the calendars of the events among `entries` by name, each with its color."""
    found = {(one.calendar, one.color) for one in entries if one.calendar and one.color}
    return sorted(found, key=lambda one: (one[0].casefold(), one))


def shown_entry(
    entry: Entry, day: Day, other: Entry | None, now: datetime, actor: Actor, part: Part | None = None
) -> Shown:
    """Return `entry` as displayed in `day`.

    `other` is the entry that it conflicts with, `part` its part of the day.
    """
    zone = ZoneInfo(actor.timezone)
    if part is None:
        starts, until = _("All day"), _days_words(entry, zone)
    else:
        starts = _beginning_words(part, day, zone)
        until = _end_words(part, day, zone)
    return Shown(
        entry=entry,
        tone=_tone(entry, other, now),
        time=starts,
        until=until,
        name=_name(entry),
        details=", ".join(filter(None, (entry.detail, _status_words(entry)))),
        clash=_("conflicts with %(name)s", name=_name(other)) if other is not None else "",
        elsewhere=_elsewhere(entry, actor),
        href=_href(entry),
        move=_move(entry, now),
    )


def time_words(moment: datetime, day: Day, zone: ZoneInfo) -> str:
    """Return the time, such as "2:41 PM", with the time zone on a day when the clocks change."""
    here = moment.astimezone(zone)
    words = formatting.clock(here, get_locale())
    return f"{words} {formatting.zone_name(here, get_locale())}" if day.is_changed_clocks else words


def _beginning_words(part: Part, day: Day, zone: ZoneInfo) -> str:
    if part.begins_before:
        return str(_("since %(day)s", day=_day_words(part.entry.start, zone)))
    return time_words(part.entry.start, day, zone)


def _end_words(part: Part, day: Day, zone: ZoneInfo) -> str:
    if part.ends_after:
        return str(_("to %(time)s", time=_day_words(part.entry.end, zone)))
    return str(_("to %(time)s", time=time_words(part.entry.end, day, zone)))


def _day_words(moment: datetime, zone: ZoneInfo) -> str:
    here = moment.astimezone(zone)
    return f"{format_date(here.date(), 'EEE', rebase=False)} {formatting.clock(here, get_locale())}"


def _days_words(entry: Entry, zone: ZoneInfo) -> str:
    """Return the end of an entry of several whole days; empty for a single day."""
    first, last = entry.start.astimezone(zone).date(), entry.end.astimezone(zone)
    if (last.date() - first).days <= 1:
        return ""
    return str(_("to %(time)s", time=_day_words(entry.end, zone)))


def _name(entry: Entry) -> str:
    if entry.name:
        return formatting.contact_name(entry.name)
    return str(_("Time off") if entry.kind is EntryKind.TIME_OFF else _("Busy"))


def _status_words(entry: Entry) -> str:
    if entry.kind is EntryKind.VISIT:
        if entry.outcome and entry.outcome != AppointmentOutcome.OPEN:
            return label(entry.outcome, "AppointmentOutcome")
        return "" if entry.status in _UNTOLD else label(entry.status, "AppointmentStatus")
    return "" if entry.status in ("", *_UNTOLD) else label(entry.status, "EventStatus")


def _elsewhere(entry: Entry, actor: Actor) -> str:
    """Return the start in the entry's own time zone; empty if it is the same in the organization's."""
    if entry.zone is None or entry.zone == actor.timezone:
        return ""
    there = entry.start.astimezone(ZoneInfo(entry.zone))
    here = entry.start.astimezone(ZoneInfo(actor.timezone))
    if there.utcoffset() == here.utcoffset():
        return ""
    return f"{formatting.clock(there, get_locale())} {formatting.zone_name(there, get_locale())}"


def _tone(entry: Entry, other: Entry | None, now: datetime) -> str:
    if other is not None:
        return "clash"
    if entry.kind is EntryKind.TIME_OFF:
        return "off"
    if entry.end <= now or entry.status == AppointmentStatus.COMPLETED:
        return "done"
    return "" if entry.kind is EntryKind.VISIT else "plain"


def _href(entry: Entry) -> str | None:
    if entry.id is None:
        return None
    if entry.kind is EntryKind.VISIT:
        return url_for("appointments.show", appointment_id=entry.id)
    return url_for("calendar.show_event", event_id=entry.id)


def _move(entry: Entry, now: datetime) -> str | None:
    if entry.id is None or not entry.may_move or (entry.kind is EntryKind.VISIT and entry.end <= now):
        return None
    if entry.kind is EntryKind.VISIT:
        return url_for("appointments.reschedule", appointment_id=entry.id)
    return url_for("calendar.move_event", event_id=entry.id)
