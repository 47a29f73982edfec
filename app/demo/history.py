"""Some months at one company, call by call: who calls next, who is called, and what that leads to.

The moments at which the phone rings are given. At each of them happens what is due by then; otherwise somebody new
calls, or somebody who has called before. Rows come out as soon as they are final, and what is still open at the end.
Only what is still going on is kept, and a limited number of people who may call again.
"""

import heapq
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.demo import mix
from app.demo.agenda import WITHOUT_A_CALL, Due, Item
from app.demo.errands import Errands
from app.demo.households import Household
from app.demo.missed import MissedCalls
from app.demo.office import LAST_CALLS, Office
from app.demo.rhythm import moments
from app.demo.rows import EntryRow, LeadRow, Row
from app.demo.seeding import stream
from app.demo.states import lead_dead
from app.demo.talks import Talks
from app.demo.visits import Visits
from app.models.leads import LeadStage
from app.models.missed_calls import EntryStatus

_REMEMBERED = 600
_NUISANCE, _NEW = 0.05, 0.8
_LEAST_QUIET = timedelta(days=18)
_NUMBERS_A_HOUSEHOLD = 1.3
_UNANSWERED = "No answer after three tries"
# So many minutes ago the people called whom nobody has called back yet.
_WAITING = (21, 12, 9, 5, 2)
_SCENE_SHARE = 20


class History:
    """The calls of one company, `calls` of them, up to `office.now`."""

    def __init__(self, office: Office, calls: int) -> None:
        self._office = office
        visits = Visits(office)
        talks = Talks(office, visits)
        self._visits = visits
        self._missed = MissedCalls(office, talks)
        self._errands = Errands(office, talks, self._missed)
        self._living: dict[UUID, Household] = {}
        self._remembered: list[Household] = []
        self._calls_left = calls

    def rows(self) -> Iterator[Row]:
        """Everything that happens, in no particular order of tables."""
        office = self._office
        waiting = self._waiting()
        usual = moments(
            self._calls_left - len(waiting),
            office.first_day,
            office.now - LAST_CALLS,
            office.company.timezone,
            stream_of(office),
        )
        for moment in heapq.merge(usual, waiting):
            office.diary.turn_to(office.local(moment).date())
            yield from self._wait(moment) if moment in waiting else self._ring(moment)
            self._calls_left -= 1
        yield from self._close()
