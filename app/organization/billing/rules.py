"""Rules of billing: comparison of plans, downgrades, billing periods, and the effects of payments."""

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

from app.errors import LazyText
from app.models import Role, SubscriptionStatus, UserStatus

#: Number of failed payments after which the next failure makes a subscription past due.
MAX_FAILED_PAYMENTS = 2
#: Deactivation reason of people who lost their seat to a downgrade.
PLAN_DOWNGRADE = "plan_downgrade"


# ---- plans


class Limits(Protocol):
    """Protocol of the limits of a plan."""

    @property
    def call_minutes(self) -> int:
        """Minutes per billing period."""
        ...

    @property
    def team_members(self) -> int:
        """Number of people who take a seat."""
        ...

    @property
    def phone_numbers(self) -> int:
        """Number of phone numbers that the organization can have at a time."""
        ...

    @property
    def storage_bytes(self) -> int:
        """Bytes added per billing period."""
        ...


def is_larger(plan: Limits, than: Limits) -> bool:
    """Return whether no limit of `plan` is lower than that of `than`.

    Any other change of plan waits for the end of the period.
    """
    return all(mine >= theirs for mine, theirs in zip(_limits(plan), _limits(than), strict=True))


def _limits(plan: Limits) -> tuple[int, ...]:
    return plan.call_minutes, plan.team_members, plan.phone_numbers, plan.storage_bytes


class Member(Protocol):
    """Protocol of a person who takes a seat."""

    @property
    def id(self) -> UUID: ...

    @property
    def role(self) -> str: ...

    @property
    def status(self) -> str: ...


class DowngradeProblem(StrEnum):
    """Reasons why a downgrade isn't possible with the people selected for deactivation."""

    LAST_OWNER = "last_owner"
    TOO_FEW_CHOSEN = "too_few_chosen"
    NO_TAKER = "no_taker"


def seats_missing(members: Collection[Member], seats: int) -> int:
    """Return how many people exceed this number of seats."""
    return max(0, len(members) - seats)


def find_downgrade_problem(members: Sequence[Member], chosen: Collection[UUID], seats: int) -> DowngradeProblem | None:
    """Return the problem with deactivating `chosen` to fit the members into `seats`, or None.

    A chosen person who is no longer a member has freed their seat already; a suspended person still takes one.
    """
    staying = [member for member in members if member.id not in chosen]
    owners = {member.id for member in members if (member.role, member.status) == (Role.OWNER, UserStatus.ACTIVE)}
    if owners and owners <= set(chosen):
        return DowngradeProblem.LAST_OWNER
    return DowngradeProblem.TOO_FEW_CHOSEN if seats_missing(staying, seats) else None


def downgrade_problem_sentence(misfit: DowngradeProblem, more: int) -> LazyText:
    """Return the message for a problem; `more` is how many more people have to be selected."""
    if misfit is DowngradeProblem.LAST_OWNER:
        return _l("This would deactivate every active owner, and an organization needs at least one.")
    if misfit is DowngradeProblem.NO_TAKER:
        return _l("Someone you chose to take over work can’t do so anymore. Choose someone else.")
    return _ln(
        "Choose %(num)s more person: the plan has fewer seats than you use.",
        "Choose %(num)s more people: the plan has fewer seats than you use.",
        more,
    )


# ---- periods


def first_period(begins: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the bounds, in UTC, of the month that begins at `begins` in the time zone `zone`."""
    return next_period(begins, begins, zone)


def next_period(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the bounds, in UTC, of the month after the period [start, end) in the time zone `zone`.

    A period that began on the 31st ends on the last day of a shorter month, and the one after it on the 31st again.
    """
    first, last = start.astimezone(zone), end.astimezone(zone)
    was_cut = last.day == _days_of(last.year, last.month) and first.day > last.day
    day = first.day if was_cut else last.day
    year, month = (last.year, last.month + 1) if last.month < 12 else (last.year + 1, 1)
    ends = last.replace(year=year, month=month, day=min(day, _days_of(year, month)))
    return end.astimezone(UTC), ends.astimezone(UTC)


def period_at(start: datetime, end: datetime, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    """Return the period that contains `now`, however many have passed since [start, end)."""
    while end <= now:
        start, end = next_period(start, end, zone)
    return start, end


def _days_of(year: int, month: int) -> int:
    return monthrange(year, month)[1]


# ---- payments


@dataclass(frozen=True, slots=True)
class PaymentState:
    """Payment state of a subscription; `failures` counts failed payments since the last successful one."""

    status: str
    failures: int

    def after_failure(self) -> "PaymentState":
        """Return the state after one more failed payment.

        A canceled subscription stays canceled: otherwise paying its last invoice would reactivate it.
        """
        is_overdue = self.failures >= MAX_FAILED_PAYMENTS and self.status != SubscriptionStatus.CANCELLED
        status = SubscriptionStatus.PAST_DUE if is_overdue else self.status
        return PaymentState(status, self.failures + 1)

    def after_payment(self, failures_since: int) -> "PaymentState":
        """Return the state after a paid invoice.

        `failures_since` is the number of failed payments after that payment: 0 unless its event arrived late.
        """
        is_settled = failures_since <= MAX_FAILED_PAYMENTS and self.status == SubscriptionStatus.PAST_DUE
        return PaymentState(SubscriptionStatus.ACTIVE if is_settled else self.status, failures_since)


def level_reached(spent: Decimal, budget: Decimal, levels: Iterable[int]) -> int:
    """Return the highest reached level in percent, or 0; any spending uses up a zero budget."""
    if not spent:
        return 0
    percent = spent * 100 / budget if budget else Decimal(100)
    return max((level for level in levels if percent >= level), default=0)
