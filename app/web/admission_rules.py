"""Rules of admission to a lane: how many requests run at a time, which ones wait, and which is next.

Shares keep one person or organization from displacing others. They apply only while others wait. A client of the JSON
API also has a limit of its own, beyond which its requests wait even while slots are free.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar
from uuid import UUID

from app.errors import Overloaded, TooManyAtOnce
from app.security.requesters import Requester

#: Concurrent requests of one client of the JSON API.
API_CLIENT_SLOTS = 3
_REMEMBERED_ORGANIZATIONS = 4096
#: 0.29 × 100 is 28.999… in floating point.
_ROUNDING = 1e-9

Request = TypeVar("Request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Limits on concurrent requests, running and waiting: in total, per person and per organization."""

    slots: int
    waiting: int
    person_slots: int
    person_waiting: int
    organization_slots: int
    organization_waiting: int

    @classmethod
    def of(cls, slots: int, waiting: int, *, person: float, person_waiting: int, organization: float) -> Self:
        """Return the shares of a lane with these numbers of slots and of waiting requests.

        `person` is a fraction of the slots; `organization` is a fraction of the slots and of the waiting requests. Each
        is rounded down, to at least 1.
        """
        return cls(
            slots=slots,
            waiting=waiting,
            person_slots=_part(slots, person),
            person_waiting=person_waiting,
            organization_slots=_part(slots, organization),
            organization_waiting=_part(waiting, organization),
        )


class Admission(Generic[Request]):
    """Slots of one lane, and the requests that wait for them. Not thread-safe.

    `requester_of` is called for each decision, because the first request that authenticates a session identifies its
    other requests. `client_of` identifies the client of a request of the JSON API; it returns None for other requests.
    """

    def __init__(
        self,
        shares: Shares,
        requester_of: Callable[[Request], Requester],
        client_of: Callable[[Request], bytes | None] = lambda _request: None,
    ) -> None:
        self.shares = shares
        self._requester_of = requester_of
        self._client_of = client_of
        self._working: list[Request] = []
        self._waiting: list[Request] = []
        #: Number of the last turn of each organization.
        self._turns: OrderedDict[UUID | None, int] = OrderedDict()
        self._turn = 0

    def enter(self, request: Request) -> bool:
        """Give `request` a slot, or let it wait; return whether it has a slot.

        Raises TooManyAtOnce if its person has too many waiting requests, and Overloaded if too many wait in the lane or
        for its organization.
        """
        if len(self._working) < self.shares.slots and not self._is_at_its_limit(request):
            self._begin(request)
            return True
        requester = self._requester_of(request)
        waiting = [self._requester_of(other) for other in self._waiting]
        if sum(other.person == requester.person for other in waiting) >= self.shares.person_waiting:
            raise TooManyAtOnce(limit=self.shares.person_slots + self.shares.person_waiting)
        of_organization = sum(other.organization == requester.organization for other in waiting)
        if len(waiting) >= self.shares.waiting or of_organization >= self.shares.organization_waiting:
            raise Overloaded
        self._waiting.append(request)
        return False

    def leave(self, request: Request) -> Request | None:
        """Pass the slot of `request` to the next waiting request and return that one; None if none can have it."""
        self._working.remove(request)
        ready = [other for other in self._waiting if not self._is_at_its_limit(other)]
        if not ready:
            return None
        chosen = self._next(ready)
        self._waiting.remove(chosen)
        self._begin(chosen)
        return chosen

    def give_up(self, request: Request) -> bool:
        """Remove `request` from the queue. Returns False if it has been given a slot in the meantime."""
        if request in self._waiting:
            self._waiting.remove(request)
            return True
        return False

    def _begin(self, request: Request) -> None:
        self._working.append(request)
        organization = self._requester_of(request).organization
        self._turn += 1
        self._turns[organization] = self._turn
        self._turns.move_to_end(organization)
        if len(self._turns) > _REMEMBERED_ORGANIZATIONS:
            self._turns.popitem(last=False)

    def _is_at_its_limit(self, request: Request) -> bool:
        client = self._client_of(request)
        if client is None:
            return False
        return sum(self._client_of(other) == client for other in self._working) >= API_CLIENT_SLOTS

    def _next(self, ready: Sequence[Request]) -> Request:
        """Return the request of `ready` to run next: one within the shares of its person and organization, if possible.

        If there is none, one within the share of its person is preferred. Among equals, organizations take turns.
        """
        working = [self._requester_of(other) for other in self._working]

        def order(request: Request) -> tuple[bool, bool, int]:
            mine = self._requester_of(request)
            of_person = sum(other.person == mine.person for other in working)
            of_organization = sum(other.organization == mine.organization for other in working)
            return (
                of_person >= self.shares.person_slots,
                of_organization >= self.shares.organization_slots,
                self._turns.get(mine.organization, 0),
            )

        return min(ready, key=order)  # in case of a tie, the one that came first


def _part(whole: int, fraction: float) -> int:
    return max(1, int(whole * fraction + _ROUNDING))
