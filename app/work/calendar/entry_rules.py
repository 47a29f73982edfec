"""What stands in a calendar, and where in its days: all of a day or a part of it, side by side, and what meets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from app.periods import EARLIEST, LATEST, midnight

_QUARTER = timedelta(minutes=15)
_QUARTERS = 4
#: What is shorter is drawn as long as this, so that its words fit.
_LEAST_QUARTERS = 2
#: So many stand side by side; of more, the last lane has the rest.
_MAX_LANES = 6


class EntryKind(StrEnum):
    """How an entry is drawn."""

    VISIT = "visit"
    EVENT = "event"
    TIME_OFF = "off"
    #: Taken by something that whoever looks may not know.
    BUSY = "busy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something in the calendar of a person: [start, end). `name` and `id` are None where it may not be known what."""

    kind: EntryKind
    start: datetime
    end: datetime
    person_ids: frozenset[UUID]
    id: UUID | None = None
    name: str | None = None
    detail: str | None = None
    status: str = ""
    outcome: str | None = None
    #: What an event stands in, and the colour of that.
    calendar: str | None = None
    color: str | None = None
    zone: str | None = None
    version: int = 0
    #: Whether nobody can be in something else then.
    is_taking: bool = True
    may_move: bool = False

    def meets(self, other: "Entry") -> bool:
        """Whether somebody would have to be in two places."""
        return self.is_taking and other.is_taking and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Part:
    """What a day has of an entry. Rows are quarters of an hour of the local clock, counted from midnight."""

    entry: Entry
    first_row: int
    rows: int
    lane: int
    lanes: int
    begins_before: bool
    ends_after: bool


@dataclass(frozen=True, slots=True)
class Day:
    """A local day: what takes all of it, and the parts of it that are taken."""

    day: date
    start: datetime
    end: datetime
    all_day: Sequence[Entry]
    parts: Sequence[Part]

    @property
    def is_changed_clocks(self) -> bool:
        """Whether the clocks change on it: then a time alone may mean two moments."""
        return self.end - self.start != timedelta(days=1)


def day_of(day: date, zone: ZoneInfo, entries: Iterable[Entry]) -> Day:
    """The day with its share of `entries`, the earliest first."""
    start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    here = sorted(
        (one for one in entries if one.start < end and start < one.end),
        key=lambda one: (one.start, one.end, str(one.id)),
    )
    whole = [one for one in here if one.start <= start and end <= one.end]
    return Day(day, start, end, whole, _parts([one for one in here if one not in whole], start, end, zone))


def taken_of(day: Day) -> timedelta:
    """How much of the day is taken by what takes a part of it; what meets counts once."""
    taken, until = timedelta(), day.start
    for part in sorted(day.parts, key=lambda one: one.entry.start):
        if part.entry.is_taking:
            start, end = max(part.entry.start, until), min(part.entry.end, day.end)
            taken += max(end - start, timedelta())
            until = max(until, end)
    return taken


def clashes_among(entries: Sequence[Entry]) -> list[tuple[Entry, Entry]]:
    """The pairs of one person's entries that meet, the earliest first."""
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
    """The seven days of the week that `day` is in."""
    first = 6 if week_start == "sunday" else 0
    monday = day - timedelta(days=(day.weekday() - first) % 7)
    return [monday + timedelta(days=ahead) for ahead in range(7)]


def step_to(day: date, shown: Sequence[date]) -> date | None:
    """`day`, or the nearest one that calendars reach; None where that is shown already."""
    nearest = min(max(day, EARLIEST), LATEST)
    return None if nearest in shown else nearest


def row_of(moment: datetime, zone: ZoneInfo) -> int:
    """The quarter of an hour that a moment is in, by the clock of its day."""
    here = moment.astimezone(zone)
    return here.hour * _QUARTERS + here.minute // 15


def whole_day_of(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the midnight that `first` begins with to the one that `last` ends with."""
    return midnight(first, zone), midnight(last + timedelta(days=1), zone)


def moment_at(day: date, clock: time, zone: ZoneInfo, *known: datetime) -> datetime:
    """A time of a local day. One that the clocks jump over is as much later as they jump.

    It is that of the `known` moments which reads so, to the minute: of an hour that comes twice they say which.
    """
    for moment in known:
        here = moment.astimezone(zone)
        if (here.date(), here.time().replace(second=0, microsecond=0)) == (day, clock):
            return moment
    return datetime.combine(day, clock, zone).astimezone(UTC)


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
    """Those that stand beside each other, each with whatever it overlaps."""
    found: list[list[tuple[Entry, int, int]]] = []
    until = -1
    for span in spans:
        if span[1] >= until:
            found.append([])
        found[-1].append(span)
        until = max(until, span[1] + span[2])
    return found


def _lanes(spans: Sequence[tuple[int, int]]) -> list[int]:
    """For each the first lane that is free."""
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
    """Where something goes that begins on `day`, at `clock` or at the time that it has; it stays as long as it is.
    `known` are moments that the two may stand for, beside the one that it begins at now.

    Whole days stay whole days, however many hours they have.
    """
    first, last = start.astimezone(zone), end.astimezone(zone)
    if first.time() == last.time() == time() and clock in (None, time()):
        return midnight(day, zone), midnight(day + (last.date() - first.date()), zone)
    begins = moment_at(day, first.time() if clock is None else clock, zone, *known, start)
    return begins, begins + (end - start)
