"""Queue of future events, in time order: calls to be made and changes that happen without a call."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import count

from demo.households import Household


class Due(StrEnum):
    CALL_BACK = "call_back"
    ASSISTANT_CALLS_BACK = "assistant_calls_back"
    CALLS_AGAIN = "calls_again"
    FOLLOW_UP = "follow_up"
    CONFIRMATION = "confirmation"
    BEFORE_VISIT_QUESTION = "before_visit_question"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    WHERE_IS_HE = "where_is_he"
    REP_BEFORE_VISIT = "rep_before_visit"
    REP_AFTER_VISIT = "rep_after_visit"
    AFTERWARDS = "afterwards"
    VISIT_ENDS = "visit_ends"
    ENTRY_LAPSES = "entry_lapses"
    LEAD_COOLS = "lead_cools"


WITHOUT_A_CALL = frozenset({Due.VISIT_ENDS, Due.ENTRY_LAPSES, Due.LEAD_COOLS})


@dataclass(order=True, frozen=True, slots=True)
class Item:
    """One future event; `number` preserves the planning order of events at the same time."""

    at: datetime
    number: int
    due: Due = field(compare=False)
    household: Household = field(compare=False)


class EventQueue:
    """A queue ordered by time.

    Each household counts its planned events, so that it is remembered until all of them have happened.
    """

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._numbers = count()

    def plan(self, at: datetime, due: Due, household: Household) -> None:
        """Schedule `due` for the household at `at`."""
        household.planned += 1
        heapq.heappush(self._items, Item(at, next(self._numbers), due, household))

    def take(self, until: datetime) -> Item | None:
        """Remove and return the next item that is due by `until`, or None."""
        if not self._items or self._items[0].at > until:
            return None
        item = heapq.heappop(self._items)
        item.household.planned -= 1
        return item

    def rest(self) -> Iterator[Item]:
        """Remove and yield everything that is left."""
        while self._items:
            item = heapq.heappop(self._items)
            item.household.planned -= 1
            yield item
