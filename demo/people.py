"""People of a demonstration company: their rows, their skill on the phone, and their sign-ins."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.declarations.demonstration import SignIn
from app.security.permissions import Role
from demo.companies import COMPANIES, PASSWORD, PLATFORM, STAFF, Company, Member
from demo.conversations.composer import Craft
from demo.rows import UserRow
from demo.seeding import Ids

_QUARTER = timedelta(days=91)
_SATURDAY = 5
_MIN_DILIGENCE, _MAX_DILIGENCE = 0.35, 0.96
_BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
        "Safari/605.1.15"
    ),
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:143.0) Gecko/20100101 Firefox/143.0",
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
        "Mobile/15E148 Safari/604.1"
    ),
)
ASSISTANT_CRAFT = Craft(0.93, 1.08)


@dataclass(frozen=True, slots=True)
class Employee:
    """A person on the staff, with an ID; `since` is when the demonstration begins."""

    id: UUID
    member: Member
    manager_id: UUID | None
    since: datetime

    @property
    def ip_address(self) -> str:
        """Address that they sign in from, from a range reserved for examples."""
        return f"203.0.113.{10 + self.id.int % 200}"

    @property
    def user_agent(self) -> str:
        """Browser that they always sign in with."""
        return _BROWSERS[self.id.int % len(_BROWSERS)]

    @property
    def first(self) -> str:
        """First name, as they introduce themselves on the phone."""
        return self.member.name.split()[0]

    def craft(self, at: datetime) -> Craft:
        """Return their skill on a call at `at`, which improves or declines over time."""
        diligence = self.member.working.diligence + self._drift(at)
        return Craft(min(max(diligence, _MIN_DILIGENCE), _MAX_DILIGENCE), self.member.working.pace)

    def closing(self, at: datetime) -> float:
        """Return the amount added to the chance of a booking."""
        return self.member.working.closing + self._drift(at)

    def is_on_shift(self, local: datetime) -> bool:
        """Return whether they work at that local time; on Saturdays everyone works the short day."""
        start, end = self.member.working.shift
        return start <= local.hour < end or local.weekday() >= _SATURDAY

    def _drift(self, at: datetime) -> float:
        return self.member.working.drift * ((at - self.since) / _QUARTER)


def hire(company: Company, ids: Ids, since: datetime) -> list[Employee]:
    """Return the whole staff, managers before the people they manage."""
    ids_by_name: dict[str, UUID] = {}
    staff = []
    for member in company.staff:
        ids_by_name[member.name] = ids.at(since)
        manager_id = ids_by_name[member.manager] if member.manager else None
        staff.append(Employee(ids_by_name[member.name], member, manager_id, since))
    return staff


def of_role(staff: Sequence[Employee], role: Role) -> list[Employee]:
    return [employee for employee in staff if employee.member.role is role]


def user_rows(
    company: Company, staff: Sequence[Employee], organization_id: UUID, now: datetime, chance: random.Random
) -> Iterator[UserRow]:
    """Yield the users; they were last seen within two days before `now`."""
    for employee in staff:
        yield UserRow(
            organization_id=organization_id,
            id=employee.id,
            email=company.email_of(employee.member),
            name=employee.member.name,
            role=employee.member.role,
            manager_id=employee.manager_id,
            email_verified_at=employee.since + timedelta(hours=chance.uniform(1, 60)),
            last_seen_at=now - timedelta(minutes=chance.uniform(2, 2_800)),
            created_at=employee.since,
        )


def sign_ins() -> list[SignIn]:
    """Return every sign-in, company by company, then those of the platform's staff."""
    people = [
        SignIn(company.email_of(member), PASSWORD, str(member.role), company.slug)
        for company in COMPANIES
        for member in company.staff
    ]
    staff = [SignIn(PLATFORM.email_of(member), PASSWORD, f"platform_{role}", PLATFORM.slug) for member, role in STAFF]
    return [*people, *staff]
