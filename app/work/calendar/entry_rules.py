"""Calendar entries: their layout by day, with overlapping entries side by side, and the conflicts between them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from app.periods import EARLIEST, LATEST, midnight, moment_at

_QUARTER = timedelta(minutes=15)
_QUARTERS = 4
#: Shorter entries are drawn at this length so that their text fits.
_LEAST_QUARTERS = 2
#: Most entries side by side; the last lane contains the rest.
_MAX_LANES = 6


class EntryKind(StrEnum):
    """Kinds of entries, which are drawn differently."""

    VISIT = "visit"
    EVENT = "event"
    TIME_OFF = "off"
    #: Taken by an entry that the viewer can't see.
    BUSY = "busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry in a person's calendar, in the period [start, end).

    `name` and `id` are None if the viewer can't see what it is.
    """

    kind: EntryKind
    start: datetime
    end: datetime
    person_ids: frozenset[UUID]
    id: UUID | None = None
    name: str | None = None
    detail: str | None = None
    status: str = ""
    outcome: str | None = None
    #: Name and color of the event's calendar.
    calendar: str | None = None
    color: str | None = None
    zone: str | None = None
    version: int = 0
    #: True if the person can't be elsewhere at that time.
    is_taking: bool = True
    may_move: bool = False

    def meets(self, other: "Entry") -> bool:
        """Return whether both entries take a person's time and overlap."""
        return self.is_taking and other.is_taking and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Part:
    """The part of an entry within one day.

    Rows are quarter hours of local time, counted from midnight.
    """

    entry: Entry
    first_row: int
    rows: int
    lane: int
    lanes: int
    begins_before: bool
    ends_after: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A local day with its whole-day entries and its parts of other entries."""

    day: date
    start: datetime
    end: datetime
    all_day: Sequence[Entry]
    parts: Sequence[Part]

    @property
    def is_changed_clocks(self) -> bool:
        """True if the clocks change on this day, so that a time alone can be ambiguous."""
        return self.end - self.start != timedelta(days=1)


def day_of(day: date, zone: ZoneInfo, entries: Iterable[Entry]) -> Day:
    """Return the day with its share of `entries`, the earliest first."""
    start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    here = sorted(
        (one for one in entries if one.start < end and start < one.end),
        key=lambda one: (one.start, one.end, str(one.id)),
    )
    whole = [one for one in here if one.start <= start and end <= one.end]
    return Day(day, start, end, whole, _parts([one for one in here if one not in whole], start, end, zone))


def taken_of(day: Day) -> timedelta:
    """Return how much time of the day is taken by entries, not counting those for the whole day.

    Overlapping time counts once.
    """
    taken, until = timedelta(), day.start
    for part in sorted(day.parts, key=lambda one: one.entry.start):
        if part.entry.is_taking:
            start, end = max(part.entry.start, until), min(part.entry.end, day.end)
            taken += max(end - start, timedelta())
            until = max(until, end)
    return taken


def clashes_among(entries: Sequence[Entry]) -> list[tuple[Entry, Entry]]:
    """Return the pairs of overlapping entries that take the same person's time, the earliest first."""
    in_order = sorted(entries, key=lambda one: one.start)
    found = []
    for place, one in enumerate(in_order):
        for other in in_order[place + 1 :]:
            if other.start >= one.end:
                break
            if one.meets(other) and one.person_ids & other.person_ids:
                found.append((one, other))
    return found


def week_of(day: date, week_start: str) -> list[date]:
    """Return the seven days of the week that contains `day`."""
    first = 6 if week_start == "sunday" else 0
    monday = day - timedelta(days=(day.weekday() - first) % 7)
    return [monday + timedelta(days=ahead) for ahead in range(7)]


def step_to(day: date, shown: Sequence[date]) -> date | None:
    """Return `day`, or else the nearest day that can be shown; None if it is displayed already."""
    nearest = min(max(day, EARLIEST), LATEST)
    return None if nearest in shown else nearest


def row_of(moment: datetime, zone: ZoneInfo) -> int:
    """Return the number of the quarter hour that contains a time, counted from its local midnight."""
    here = moment.astimezone(zone)
    return here.hour * _QUARTERS + here.minute // 15


def whole_day_of(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the midnights at which the day `first` begins and the day `last` ends."""
    return midnight(first, zone), midnight(last + timedelta(days=1), zone)


def _parts(entries: Sequence[Entry], start: datetime, end: datetime, zone: ZoneInfo) -> list[Part]:
    spans = [(one, *_rows_of(one, start, end, zone)) for one in entries]
    spans.sort(key=lambda span: (span[1], -span[2]))
    found: list[Part] = []
    for cluster in _clusters(spans):
        lanes = _lanes([(first, rows) for _one, first, rows in cluster])
        count = max(lanes) + 1
        found += [
            Part(one, first, rows, lane, count, one.start < start, one.end > end)
            for (one, first, rows), lane in zip(cluster, lanes, strict=True)
        ]
    return found


def _rows_of(entry: Entry, start: datetime, end: datetime, zone: ZoneInfo) -> tuple[int, int]:
    last_row = 24 * _QUARTERS
    first = row_of(max(entry.start, start), zone)
    until = entry.end + _QUARTER - timedelta(microseconds=1)
    after = last_row if until >= end else row_of(until, zone)
    rows = max(after - first, _LEAST_QUARTERS)
    return min(first, last_row - rows), rows


def _clusters(spans: Sequence[tuple[Entry, int, int]]) -> list[list[tuple[Entry, int, int]]]:
    """Group spans that overlap, directly or through others."""
    found: list[list[tuple[Entry, int, int]]] = []
    until = -1
    for span in spans:
        if span[1] >= until:
            found.append([])
        found[-1].append(span)
        until = max(until, span[1] + span[2])
    return found


def _lanes(spans: Sequence[tuple[int, int]]) -> list[int]:
    """Return the first free lane for each span (first row, number of rows).

    Spans for which there is no lane left share the last one.
    """
    ends: list[int] = []
    lanes = []
    for first, rows in spans:
        lane = next((number for number, end in enumerate(ends) if end <= first), len(ends))
        if lane == len(ends):
            ends.append(0)
        ends[lane] = first + rows
        lanes.append(min(lane, _MAX_LANES - 1))
    return lanes


def moved(
    start: datetime, end: datetime, zone: ZoneInfo, day: date, clock: time | None, *known: datetime
) -> tuple[datetime, datetime]:
    """Return the new start and end of an entry that is moved to `day`, at `clock` or at its current time.

    Its length stays the same. `known` are times that resolve an ambiguous hour, in addition to its current start. Whole
    days stay whole days, however many hours they have.
    """
    first, last = start.astimezone(zone), end.astimezone(zone)
    if first.time() == last.time() == time() and clock in (None, time()):
        return midnight(day, zone), midnight(day + (last.date() - first.date()), zone)
    begins = moment_at(day, first.time() if clock is None else clock, zone, *known, start)
    return begins, begins + (end - start)
