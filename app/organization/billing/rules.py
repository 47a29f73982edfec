"""Rules of billing: which plan is larger, who may be let go for a smaller one, when a period ends, and what a payment
changes.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_ngettext as _ln

from app.errors import Sentence
from app.models import Role, SubscriptionStatus, UserStatus

#: So many payments must have failed before for the next one to make a subscription past due.
MAX_FAILED_PAYMENTS = 2
#: Why somebody was deactivated whose seat went with the plan.
PLAN_DOWNGRADE = "plan_downgrade"


# ---- plans


class Limits(Protocol):
    """How much a plan allows."""

    @property
    def call_minutes(self) -> int:
        """In a billing period."""
        ...

    @property
    def team_members(self) -> int:
        """How many people who take a seat it allows."""
        ...

    @property
    def phone_numbers(self) -> int:
        """Numbers at a time."""
        ...

    @property
    def storage_bytes(self) -> int:
        """Added in a billing period."""
        ...


def is_larger(plan: Limits, than: Limits) -> bool:
    """Whether nothing becomes less with `plan`. Any other change waits for the end of the period."""
    return all(mine >= theirs for mine, theirs in zip(_limits(plan), _limits(than), strict=True))


def _limits(plan: Limits) -> tuple[int, ...]:
    return plan.call_minutes, plan.team_members, plan.phone_numbers, plan.storage_bytes


class Member(Protocol):
    """Somebody who takes a seat."""

    @property
    def id(self) -> UUID: ...

    @property
    def role(self) -> str: ...

    @property
    def status(self) -> str: ...


class DowngradeProblem(StrEnum):
    """Why a smaller plan cannot be taken with those who are to be deactivated."""

    LAST_OWNER = "last_owner"
    TOO_FEW_CHOSEN = "too_few_chosen"
    NO_TAKER = "no_taker"


def seats_missing(members: Collection[Member], seats: int) -> int:
    """How many people a plan of so many seats has no room for."""
    return max(0, len(members) - seats)


def find_downgrade_problem(members: Sequence[Member], chosen: Collection[UUID], seats: int) -> DowngradeProblem | None:
    """Why the `members` cannot become `seats` by letting the `chosen` go; None when they can.

    Somebody chosen who is gone already has freed their seat themselves; who is suspended has it still.
    """
    staying = [member for member in members if member.id not in chosen]
    owners = {member.id for member in members if (member.role, member.status) == (Role.OWNER, UserStatus.ACTIVE)}
    if owners and owners <= set(chosen):
        return DowngradeProblem.LAST_OWNER
    return DowngradeProblem.TOO_FEW_CHOSEN if seats_missing(staying, seats) else None


def downgrade_problem_sentence(misfit: DowngradeProblem, more: int) -> Sentence:
    """What is wrong with the choice, in words; `more` is how many people are still to be chosen."""
    if misfit is DowngradeProblem.LAST_OWNER:
        return _l("Everybody who is an active owner would be deactivated, and an organization needs an owner.")
    if misfit is DowngradeProblem.NO_TAKER:
        return _l("Somebody who was to take over work can’t have it any more.")
    return _ln(
        "%(num)s more person must be chosen: the plan has fewer seats than there are people who take one.",
        "%(num)s more people must be chosen: the plan has fewer seats than there are people who take one.",
        more,
    )


# ---- periods


def first_period(begins: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The month that begins now, by the clocks of `zone` as all that follow it; in UTC."""
    return next_period(begins, begins, zone)


def next_period(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The month after the period [start, end), by the clocks of `zone`; in UTC.

    A period that began on the 31st ends on the last day of a shorter month, and the one after it on the 31st again.
    """
    first, last = start.astimezone(zone), end.astimezone(zone)
    was_cut = last.day == _days_of(last.year, last.month) and first.day > last.day
    day = first.day if was_cut else last.day
    year, month = (last.year, last.month + 1) if last.month < 12 else (last.year + 1, 1)
    ends = last.replace(year=year, month=month, day=min(day, _days_of(year, month)))
    return end.astimezone(UTC), ends.astimezone(UTC)


def period_at(start: datetime, end: datetime, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """The period that `now` is in, however many have passed since [start, end)."""
    while end <= now:
        start, end = next_period(start, end, zone)
    return start, end


def _days_of(year: int, month: int) -> int:
    return monthrange(year, month)[1]


# ---- payments


@dataclass(frozen=True, slots=True)
class Standing:
    """How a subscription stands with its payments; `failures` have come since the last one that was paid."""

    status: str
    failures: int

    def after_failure(self) -> "Standing":
        """One more payment has failed.

        What was cancelled stays so: else its last invoice, once paid, would bring it back.
        """
        is_overdue = self.failures >= MAX_FAILED_PAYMENTS and self.status != SubscriptionStatus.CANCELLED
        status = SubscriptionStatus.PAST_DUE if is_overdue else self.status
        return Standing(status, self.failures + 1)

    def after_payment(self, failures_since: int) -> "Standing":
        """An invoice was paid; `failures_since` is 0 unless news of that payment came late."""
        is_settled = failures_since <= MAX_FAILED_PAYMENTS and self.status == SubscriptionStatus.PAST_DUE
        return Standing(SubscriptionStatus.ACTIVE if is_settled else self.status, failures_since)


def level_reached(spent: Decimal, budget: Decimal, levels: Iterable[int]) -> int:
    """The highest of the `levels` in percent that is reached, 0 for none; anything uses up a budget of nothing."""
    if not spent:
        return 0
    percent = spent * 100 / budget if budget else Decimal(100)
    return max((level for level in levels if percent >= level), default=0)
