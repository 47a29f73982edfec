"""What is still to happen: calls that will be made and changes that come by themselves, in the order of their time."""

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
    """One thing to come; `number` keeps those of one moment in the order they were planned in."""

    at: datetime
    number: int
    due: Due = field(compare=False)
    household: Household = field(compare=False)


class EventQueue:
    """A queue by time. A household counts what is planned for it, so that it is kept until all of it has happened."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._numbers = count()

    def plan(self, at: datetime, due: Due, household: Household) -> None:
        """Have `due` happen at `at`."""
        household.planned += 1
        heapq.heappush(self._items, Item(at, next(self._numbers), due, household))

    def take(self, until: datetime) -> Item | None:
        """The next item that falls due by `until`, if there is one."""
        if not self._items or self._items[0].at > until:
            return None
        item = heapq.heappop(self._items)
        item.household.planned -= 1
        return item

    def rest(self) -> Iterator[Item]:
        """Everything that is left, taken out."""
        while self._items:
            item = heapq.heappop(self._items)
            item.household.planned -= 1
            yield item
