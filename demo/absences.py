"""Days off for the staff: a week or a long weekend from time to time."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from app.security.permissions import Role
from demo.people import Employee

_AWAY = frozenset({Role.CSR, Role.SALES_REP, Role.MANAGER})
_REASONS = ("Vacation", "Vacation", "Family visit", "Training", "Moving house")
_LENGTHS = (1, 2, 5, 9)
_GAP = (50, 110)
_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Absence:
    """Days off from `first` to `last`, both included, in the company's time zone."""

    person: Employee
    first: date
    last: date
    reason: str


class Absences:
    """Days off for a company's staff, from `start` until some weeks after `today`.

    No one is off today or tomorrow, so that every page about today has people to show.
    """

    def __init__(self, staff: Sequence[Employee], start: date, today: date, chance: random.Random) -> None:
        self.all: list[Absence] = []
        for person in (person for person in staff if person.member.role in _AWAY):
            day = start + timedelta(days=chance.randint(5, _GAP[1]))
            while day < today + _AHEAD:
                last = day + timedelta(days=chance.choice(_LENGTHS) - 1)
                if not day <= today + timedelta(days=1) <= last + timedelta(days=1):
                    self.all.append(Absence(person, day, last, chance.choice(_REASONS)))
                day = last + timedelta(days=chance.randint(*_GAP))
        self._days = {
            (absence.person.id, absence.first + timedelta(days=number))
            for absence in self.all
            for number in range((absence.last - absence.first).days + 1)
        }

    def is_off(self, user_id: UUID, day: date) -> bool:
        """Return whether the person is off on that local day."""
        return (user_id, day) in self._days
