"""Billing rules, tested without a database."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from app.models import PlanCode, Role, UserStatus
from app.organization.billing.rules import (
    DowngradeProblem,
    PaymentState,
    find_downgrade_problem,
    first_period,
    is_larger,
    next_period,
    period_at,
    seats_missing,
)
from app.organization.settings.rules import QUOTAS, Quotas

UTC_ZONE = ZoneInfo("UTC")
NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class Person:
    """A user who takes a seat."""

    role: str = Role.CSR
    status: str = UserStatus.ACTIVE
    id: UUID = field(default_factory=uuid4)


def at(text: str, zone: ZoneInfo = UTC_ZONE) -> datetime:
    """Return the time that `text` states in `zone`."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def ends(first: str, number: int, zone: ZoneInfo = UTC_ZONE) -> list[str]:
    """Return the local days on which the next `number` periods end after a period that began on `first`."""
    start, end = at(first, zone), at("2027-02-28", zone)
    days = []
    for _ in range(number):
        start, end = next_period(start, end, zone)
        days.append(f"{end.astimezone(zone):%m-%d}")
    return days


def test_what_began_on_the_31st_ends_on_the_last_day_of_short_months_and_on_the_31st_of_long_ones() -> None:
    assert ends("2027-01-31", 5) == ["03-31", "04-30", "05-31", "06-30", "07-31"]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2027-01-30", "2027-02-28", "2027-03-30"),
        ("2028-01-31", "2028-02-29", "2028-03-31"),
        ("2027-01-28", "2027-02-28", "2027-03-28"),
        ("2027-12-15", "2028-01-15", "2028-02-15"),
        ("2027-11-30", "2027-12-30", "2028-01-30"),
        ("2027-01-25", "2027-02-08", "2027-03-08"),
    ],
    ids=["30th", "leap year", "28th", "over the year", "30th of a long month", "after a trial of two weeks"],
)
def test_the_day_of_the_month_stays(start: str, end: str, expected: str) -> None:
    assert next_period(at(start), at(end), UTC_ZONE) == (at(end), at(expected))


def test_the_first_month_ends_on_its_day_by_the_clocks_of_the_company() -> None:
    evening = datetime(2027, 1, 31, 2, tzinfo=UTC)  # the 30th in New York
    start, end = first_period(evening, NEW_YORK)
    days = []
    for _ in range(3):
        days.append(end.astimezone(NEW_YORK).date().isoformat())
        start, end = next_period(start, end, NEW_YORK)

    assert days == ["2027-02-28", "2027-03-30", "2027-04-30"]


def test_midnight_of_the_company_stays_midnight_when_its_clocks_change() -> None:
    _start, end = next_period(at("2026-09-15", NEW_YORK), at("2026-10-15", NEW_YORK), NEW_YORK)

    assert end == at("2026-11-15", NEW_YORK) == datetime(2026, 11, 15, 5, tzinfo=UTC)


def test_missed_periods_are_passed_over_to_the_one_that_it_is_now() -> None:
    start, end = period_at(at("2026-01-31"), at("2026-02-28"), UTC_ZONE, at("2026-06-30"))

    assert (start, end) == (at("2026-06-30"), at("2026-07-31"))


def test_a_period_that_runs_stays() -> None:
    period = at("2026-01-31"), at("2026-02-28")

    assert period_at(*period, UTC_ZONE, at("2026-02-27T23:59:59")) == period


def test_a_plan_is_larger_when_it_takes_nothing_away() -> None:
    starter, professional = QUOTAS[PlanCode.STARTER], QUOTAS[PlanCode.PROFESSIONAL]
    with_fewer_seats = Quotas(20_000, 10, 50, professional.storage_bytes)

    assert is_larger(professional, starter)
    assert not is_larger(starter, professional)
    assert not is_larger(with_fewer_seats, starter)


@pytest.mark.parametrize(("people", "seats", "missing"), [(25, 25, 0), (28, 25, 3), (3, 25, 0)])
def test_so_many_have_to_go(people: int, seats: int, missing: int) -> None:
    assert seats_missing([Person() for _ in range(people)], seats) == missing


def test_a_choice_fits_when_enough_go_and_an_owner_stays() -> None:
    owner, second, csr = Person(Role.OWNER), Person(Role.OWNER), Person()
    people = [owner, second, csr]

    assert find_downgrade_problem(people, {second.id}, 2) is None
    assert find_downgrade_problem(people, {second.id, csr.id}, 2) is None
    assert find_downgrade_problem(people, set(), 2) is DowngradeProblem.TOO_FEW_CHOSEN
    assert find_downgrade_problem(people, {owner.id, second.id}, 2) is DowngradeProblem.LAST_OWNER
    second.status = UserStatus.SUSPENDED
    assert find_downgrade_problem(people, {owner.id}, 2) is DowngradeProblem.LAST_OWNER


def test_who_is_gone_already_has_freed_their_own_seat_and_no_other() -> None:
    owner, csr, gone = Person(Role.OWNER), Person(), Person()

    assert find_downgrade_problem([owner, csr], {gone.id}, 2) is None
    assert find_downgrade_problem([owner, csr, Person()], {gone.id}, 2) is DowngradeProblem.TOO_FEW_CHOSEN


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (PaymentState("active", 0), PaymentState("active", 1)),
        (PaymentState("active", 1), PaymentState("active", 2)),
        (PaymentState("active", 2), PaymentState("past_due", 3)),
        (PaymentState("past_due", 7), PaymentState("past_due", 8)),
        (PaymentState("trialing", 1), PaymentState("trialing", 2)),
        (PaymentState("cancelled", 2), PaymentState("cancelled", 3)),
    ],
)
def test_the_third_payment_that_fails_makes_it_past_due(before: PaymentState, after: PaymentState) -> None:
    assert before.after_failure() == after


@pytest.mark.parametrize(
    ("before", "failures_since", "after"),
    [
        (PaymentState("past_due", 3), 0, PaymentState("active", 0)),
        (PaymentState("active", 2), 0, PaymentState("active", 0)),
        (PaymentState("trialing", 1), 0, PaymentState("trialing", 0)),
        (PaymentState("past_due", 4), 3, PaymentState("past_due", 3)),
        (PaymentState("past_due", 4), 2, PaymentState("active", 2)),
    ],
)
def test_a_payment_settles_what_failed_before_it(
    before: PaymentState, failures_since: int, after: PaymentState
) -> None:
    assert before.after_payment(failures_since) == after
