"""Rules of the working time of reps: from when to when a person was one, and how long they worked meanwhile."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from app.models import Role
from app.periods import Span

#: How long the business hours of a person are open from one moment to another.
OpenTime = Callable[[datetime, datetime], timedelta]


def rep_spans(begin: datetime, end: datetime, role: str, changes: Sequence[tuple[datetime, str]]) -> Iterator[Span]:
    """Yield the parts of [begin, end) in which a person was a sales rep.

    `role` is their role after the last of `changes`, each of which has its time and the role before it.
    """
    moments = [begin, *(min(max(at, begin), end) for at, _before in changes), end]
    roles = [*(before for _at, before in changes), role]
    for each, (start, until) in zip(roles, pairwise(moments), strict=True):
        if each == Role.SALES_REP and start < until:
            yield Span(start, until)


def worked(spans: Iterable[Span], absences: Iterable[Span], open_time: OpenTime) -> timedelta:
    """Return the business hours within `spans`, less those of `absences`, which don't overlap each other."""
    total = timedelta()
    away = list(absences)
    for span in spans:
        total += open_time(span.start, span.end)
        for absence in away:
            start, end = max(span.start, absence.start), min(span.end, absence.end)
            if start < end:
                total -= open_time(start, end)
    return total
