"""Numbers of several people in shared statements, each equal to a separate query."""

from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from app.db.filters import TEAM, Person
from app.insight.metrics import csr_queries, rep_queries
from app.insight.metrics.follow_up_queries import unbooked_without_follow_up
from app.insight.metrics.objection_queries import objection_shares, top_objections
from app.insight.metrics.step_rules import Step
from app.insight.metrics.volume_queries import call_volume, calls_of_days_before
from app.models import Call, Role
from app.periods import Period, resolve_period
from app.security.actor import Actor
from app.work.calls.filters import CallFilters
from app.work.calls.queries import call_list
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.metrics.documented import NOBODY, Documented
from tests.support.factories import DAY, Factories

WEEKS = 7
EARLIER = DAY - timedelta(days=1)


@pytest.mark.parametrize("csr", [None, TEAM])
@pytest.mark.parametrize("compare", [True, False])
def test_everybody_together_has_the_numbers_of_the_dashboard(
    random_company: RandomCompany, asking: Asking, csr: Person | None, compare: bool
) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        period = random_company.period
        team = csr_queries.csr_team(actor, period, csr=csr, now=NOW, compare=compare)

        assert team.together == csr_queries.csr_numbers(actor, period, csr=csr, now=NOW, compare=compare)


def test_each_person_has_the_numbers_that_they_have_alone(random_company: RandomCompany, asking: Asking) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        period = random_company.period
        team = csr_queries.csr_team(actor, period, csr=None, now=NOW)

        for row in team.people:
            assert row.numbers == csr_queries.csr_numbers(actor, period, csr=row.id or "none", now=NOW), row.name


@pytest.mark.parametrize("rep", [None, TEAM])
@pytest.mark.parametrize("compare", [True, False])
def test_all_reps_together_have_the_numbers_of_sales(
    random_company: RandomCompany, asking: Asking, rep: Person | None, compare: bool
) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        period = random_company.period
        team = rep_queries.rep_team(actor, period, rep=rep, now=NOW, compare=compare)

        assert team.together == rep_queries.rep_numbers(actor, period, rep=rep, now=NOW, compare=compare)


def test_each_rep_has_the_numbers_that_they_have_alone(random_company: RandomCompany, asking: Asking) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        period = random_company.period
        team = rep_queries.rep_team(actor, period, rep=None, now=NOW)

        assert len(team.people) > 2
        for row in team.people:
            assert row.numbers == rep_queries.rep_numbers(actor, period, rep=row.id or "none", now=NOW), row.name


def test_a_win_rate_of_a_week_is_that_of_the_trend(company: RandomCompany, asking: Asking) -> None:
    with asking(company, company.staff[Role.MANAGER]) as actor:
        rates = rep_queries.win_rates_by_week(actor, company.period, rep=None, now=NOW, weeks=WEEKS)

        weeks = _weeks_until(actor, company.period.last_day)
        assert rates
        for person, by_week in rates.items():
            trend = rep_queries.rep_trend(actor, weeks.span, rep=person or "none", now=NOW, step=Step.WEEK)
            assert list(by_week) == [point.numbers["win_rate"].current.exact for point in trend]


def test_a_booking_rate_of_a_week_is_that_of_the_trend(company: RandomCompany, asking: Asking) -> None:
    with asking(company, company.staff[Role.MANAGER]) as actor:
        rates = csr_queries.booking_rates_by_week(actor, company.period, csr=None, now=NOW, weeks=WEEKS)

        weeks = _weeks_until(actor, company.period.last_day)
        assert rates
        for person, by_week in rates.items():
            trend = csr_queries.csr_trend(actor, weeks.span, csr=person or "none", now=NOW, step=Step.WEEK)
            assert list(by_week) == [point.numbers["booking_rate"].current.exact for point in trend]


def _weeks_until(actor: Actor, last: date) -> Period:
    monday = last - timedelta(days=last.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    return resolve_period("custom", now=NOW, timezone=actor.timezone, first_day=first, last_day=last)


def test_unbooked_calls_that_nobody_follows_up_are_told_as_documented_and_listed(
    random_company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    maya = random_company.csrs[0]
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        whose: list[tuple[Person | None, list[UUID] | None]] = [
            (None, None),
            (maya.id, [maya.id]),
            ("none", [NOBODY]),
        ]
        for csr, people in whose:
            found = unbooked_without_follow_up(actor, random_company.period, csr=csr, now=NOW)
            documented = Documented(admin_engine, actor, people, NOW)

            assert found.value == documented.number("unbooked_without_follow_up", random_company.period.span)
            days = {"from": str(FIRST_DAY), "to": str(LAST_DAY), "csr": str(csr or "")}
            filters = CallFilters.of({**found.metric.rows.filters, **days})
            assert call_list(actor, filters, NOW).count(exact=True).number == found.value


def _later_call(make: Factories, call: Call, **values: Any) -> Call:
    later = {"contact_card_id": call.contact_card_id, "started_at": NOW, "answered_at": NOW, "ended_at": None}
    return make.call(_of(call), **{**later, **values})


def _appointment(make: Factories, call: Call, **values: Any) -> Any:
    organization: Any = SimpleNamespace(id=call.organization_id, timezone="America/New_York")
    return make.appointment(organization, **{"contact_card_id": call.contact_card_id, "booked_at": NOW, **values})


@pytest.mark.parametrize(
    ("after", "is_followed_up"),
    [
        (lambda _make, _call: None, False),
        (lambda make, call: make.task(_of(call), call_id=call.id), True),
        (lambda make, call: make.task(_of(call), contact_card_id=call.contact_card_id), True),
        (lambda make, call: make.task(_of(call), call_id=call.id, status="cancelled"), False),
        (lambda make, call: make.deletion(make.task(_of(call), call_id=call.id)), False),
        (lambda make, call: make.pending_action(_of(call), contact=_contact(call)), True),
        (_later_call, True),
        (lambda make, call: _later_call(make, call, started_at=EARLIER), False),
        (lambda make, call: _later_call(make, call, contact_card_id=None), False),
        (lambda make, call: _later_call(make, call, status="missed", answered_at=None), False),
        (lambda make, call: _later_call(make, call, status="voicemail"), False),
        (lambda make, call: _later_call(make, call, status="active", answered_at=None), False),
        (lambda make, call: _later_call(make, call, status="failed", answered_at=None, direction="outbound"), True),
        (_appointment, True),
        (lambda make, call: _appointment(make, call, status="cancelled"), True),
        (lambda make, call: _appointment(make, call, booked_at=EARLIER), False),
        (lambda make, call: _appointment(make, call, booked_at=EARLIER, source_call_id=call.id), True),
        (lambda make, call: _appointment(make, call, contact_card_id=make.contact(_of(call)).id), False),
        (lambda make, call: make.deletion(_appointment(make, call, source_call_id=call.id)), False),
        (lambda make, call: _message(make, call, "sms", status="delivered"), True),
        (lambda make, call: _message(make, call, "sms", direction="inbound"), True),
        (lambda make, call: _message(make, call, "sms", status="sent", created_at=EARLIER, sent_at=NOW), True),
        (lambda make, call: _message(make, call, "sms"), False),
        (lambda make, call: _message(make, call, "sms", status="cancelled"), False),
        (lambda make, call: _message(make, call, "sms", status="failed"), False),
        (lambda make, call: _message(make, call, "email"), False),
        (lambda make, call: make.message(_of(call)), False),
    ],
)
def test_what_follows_up_a_call(
    make: Factories, asking: Asking, after: Callable[[Factories, Call], object], is_followed_up: bool
) -> None:
    organization = make.organization()
    manager = make.user(organization, role=Role.MANAGER)
    contact = make.contact(organization)
    call = make.call(organization, started_at=DAY, booking_status="not_booked", contact_card_id=contact.id)
    after(make, call)

    company = RandomCompany(organization, {Role.MANAGER: manager}, [], [], [])
    with asking(company, manager) as actor:
        shown = {wanted: _ids(actor, call, wanted) for wanted in ("yes", "no")}

    assert shown == {"yes": [call.id] * is_followed_up, "no": [call.id] * (not is_followed_up)}


def _ids(actor: Actor, call: Call, wanted: str) -> list[UUID]:
    rows = call_list(actor, CallFilters.of({"followed_up": wanted}), NOW).page().rows
    return [row.id for row in rows if row.id == call.id]


def _of(call: Call) -> Any:
    return SimpleNamespace(id=call.organization_id)


def _message(make: Factories, call: Call, channel: str, **values: Any) -> Any:
    to = "+12125550142" if channel == "sms" else "dana@example.com"
    subject = None if channel == "sms" else "Hello"
    return make.message(
        _of(call), contact_card_id=call.contact_card_id, channel=channel, to_address=to, subject=subject, **values
    )


def _contact(call: Call) -> Any:
    return SimpleNamespace(id=call.contact_card_id)


def test_hours_of_weekdays_add_up_to_the_calls(company: RandomCompany, asking: Asking) -> None:
    with asking(company, company.staff[Role.MANAGER]) as actor:
        volume = call_volume(actor, company.period, csr=None, now=NOW)

    for part, shares in ((0, volume.by_hour), (1, volume.by_weekday)):
        for share in shares:
            cells = [cell for cell in volume.by_hour_and_weekday if cell.key[part] == share.key]
            assert sum(cell.calls for cell in cells) == share.calls
            assert sum(cell.missed for cell in cells) == share.missed


def test_the_days_before_are_those_of_the_period_before(company: RandomCompany, asking: Asking) -> None:
    with asking(company, company.staff[Role.MANAGER]) as actor:
        after = company.period.last_day + timedelta(days=1)
        days = (company.period.last_day - company.period.first_day).days
        over = NOW + timedelta(days=365)  # a period that is not over is compared with a part of the previous one
        following = resolve_period(
            "custom", now=over, timezone=actor.timezone, first_day=after, last_day=after + timedelta(days=days)
        )
        before = calls_of_days_before(actor, following, csr=None, now=NOW)
        itself = call_volume(actor, company.period, csr=None, now=NOW)

    assert before == {share.key: share.calls for share in itself.by_day if share.calls}


def test_the_shares_of_objections_are_those_of_the_most_frequent_ones_and_of_the_others(
    company: RandomCompany, asking: Asking
) -> None:
    with asking(company, company.staff[Role.MANAGER]) as actor:
        top = top_objections(actor, company.period, csr=None, now=NOW)
        shares = objection_shares(actor, company.period.span, csr=None, now=NOW)

    assert top
    assert {one.category: one.share for one in top}.items() <= shares.items()
