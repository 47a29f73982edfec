"""Numbers over time, by hour and by category, across daylight saving changes."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Engine

from app.insight.dashboards.filters import CsrTrend, SalesTrend
from app.insight.metrics import csr_queries, rep_queries
from app.insight.metrics.metric import Unit
from app.insight.metrics.missed_queries import CALLER_METRICS, missed_call_funnel, missed_call_numbers
from app.insight.metrics.objection_queries import top_objections
from app.insight.metrics.series_queries import Point, step_for
from app.insight.metrics.step_rules import Step
from app.insight.metrics.volume_queries import call_volume
from app.models import Role
from app.periods import Period, Span, resolve_period
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, NOW, RandomCompany
from tests.insight.metrics.conftest import Asking
from tests.insight.metrics.documented import SQL, Documented


def span_of(company: RandomCompany, first: date, last: date) -> Span:
    """Return the span of a range of local days."""
    return custom(company, first, last).span


def custom(company: RandomCompany, first: date, last: date) -> Period:
    """Return the period of a range of local days."""
    timezone = company.organization.timezone
    return resolve_period("custom", now=NOW, timezone=timezone, first_day=first, last_day=last)


@pytest.mark.parametrize(("step", "week_start"), [(Step.DAY, "monday"), (Step.WEEK, "monday"), (Step.WEEK, "sunday")])
def test_each_point_of_the_call_centres_trend_is_that_of_its_days(
    random_company: RandomCompany, asking: Asking, admin_engine: Engine, step: Step, week_start: str
) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER], week_start=week_start) as actor:
        trend = csr_queries.csr_trend(actor, random_company.period.span, csr=None, now=NOW, step=step)

        documented = Documented(admin_engine, actor, None, NOW)
        _assert_without_gaps(trend)
        for point in trend[:: 5 if step is Step.DAY else 1]:
            span = span_of(random_company, point.first_day, point.last_day)
            expected = {name: documented.number(name, span) for name in point.numbers}
            assert {name: number.value for name, number in point.numbers.items()} == expected, point.first_day


def test_each_week_of_sales_is_that_of_its_days(
    random_company: RandomCompany, asking: Asking, admin_engine: Engine
) -> None:
    ann = random_company.reps[0]
    with asking(random_company, ann) as actor:
        trend = rep_queries.rep_trend(actor, random_company.period.span, rep=None, now=NOW, step=Step.WEEK)

        documented = Documented(admin_engine, actor, [ann.id], NOW)
        _assert_without_gaps(trend)
        for point in trend:
            span = span_of(random_company, point.first_day, point.last_day)
            headings = {name: f"{name} of a rep" if f"{name} of a rep" in SQL else name for name in point.numbers}
            expected = {name: documented.number(heading, span) for name, heading in headings.items()}
            assert {name: number.value for name, number in point.numbers.items()} == expected, point.first_day


@pytest.mark.parametrize("name", [points.value for points in CsrTrend])
def test_one_number_of_the_call_centre_over_time_is_that_of_all(
    random_company: RandomCompany, asking: Asking, name: str
) -> None:
    metric, span = csr_queries.METRICS[name], random_company.period.span
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        all_of_them = csr_queries.csr_trend(actor, span, csr=None, now=NOW, step=Step.WEEK)
        points = csr_queries.csr_trend(actor, span, csr=None, now=NOW, step=Step.WEEK, only=metric)

    assert [dict(point.numbers) for point in points] == [{name: point.numbers[name]} for point in all_of_them]


@pytest.mark.parametrize("name", [*(points.value for points in SalesTrend), "auto_usage"])
def test_one_number_of_sales_over_time_is_that_of_all(random_company: RandomCompany, asking: Asking, name: str) -> None:
    metric, span = rep_queries.METRICS[name], random_company.period.span
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        all_of_them = rep_queries.rep_trend(actor, span, rep=None, now=NOW, step=Step.DAY)
        points = rep_queries.rep_trend(actor, span, rep=None, now=NOW, step=Step.DAY, only=metric)

    by_day = {point.first_day: dict(point.numbers) for point in points}
    assert by_day == {
        point.first_day: {name: point.numbers[name]} for point in all_of_them if point.first_day in by_day
    }
    assert any(numbers[name].value for numbers in by_day.values())


def test_weeks_count_from_the_first_day_whenever_a_week_starts(company: RandomCompany, asking: Asking) -> None:
    span = span_of(company, date(2026, 3, 5), date(2026, 3, 20))
    with asking(company, company.staff[Role.MANAGER], week_start="sunday") as actor:
        trend = csr_queries.csr_trend(actor, span, csr=None, now=NOW, step=Step.WEEK)

    assert [(point.first_day.day, point.last_day.day) for point in trend] == [(5, 11), (12, 18), (19, 20)]


@pytest.mark.parametrize(
    ("days_ago", "days", "step"),
    [(0, 90, Step.DAY), (6, 90, Step.DAY), (7, 90, Step.WEEK), (-1, 90, Step.WEEK), (20, 31, Step.DAY)],
)
def test_a_period_has_days_until_it_has_two_weeks(days_ago: int, days: int, step: Step) -> None:
    first = NOW.date() - timedelta(days=days_ago)
    period = resolve_period("custom", now=NOW, timezone="UTC", first_day=first, last_day=first + timedelta(days - 1))

    assert step_for(period, NOW) is step


def test_the_trend_ends_today(company: RandomCompany, asking: Asking) -> None:
    april = resolve_period("month", now=NOW, timezone=company.organization.timezone)
    with asking(company, company.staff[Role.MANAGER]) as actor:
        trend = csr_queries.csr_trend(actor, april.span, csr=None, now=NOW, step=step_for(april, NOW))

    assert (trend[0].first_day, trend[-1].last_day) == (date(2026, 4, 1), date(2026, 4, 20))


def test_counts_of_the_trend_add_up_to_the_period(company: RandomCompany, asking: Asking) -> None:
    with asking(company, company.staff[Role.OWNER]) as actor:
        whole = csr_queries.csr_numbers(actor, company.period, csr=None, now=NOW)
        trend = csr_queries.csr_trend(actor, company.period.span, csr=None, now=NOW, step=Step.DAY)

    for name, number in whole.items():
        if number.metric.unit is Unit.COUNT and name != "qualified_leads":
            assert sum(point.numbers[name].current.value or 0 for point in trend) == number.value, name


def test_the_funnel_adds_up_by_hour_and_by_day(random_company: RandomCompany, asking: Asking) -> None:
    with asking(random_company, random_company.csrs[0]) as actor:
        numbers = missed_call_numbers(actor, random_company.period, now=NOW, only=CALLER_METRICS)
        funnel = missed_call_funnel(actor, random_company.period, now=NOW)

    names = ("missed_entries_total", "missed_calls_attempted", "missed_calls_reached", "missed_calls_booked")
    whole = [numbers[name].value for name in names]
    for stages in (funnel.by_hour, funnel.by_day, funnel.by_weekday, funnel.by_hour_and_weekday):
        assert [
            sum(getattr(stage, part) for stage in stages) for part in ("missed", "attempted", "reached", "booked")
        ] == whole
        assert [stage.key for stage in stages] == sorted(stage.key for stage in stages)
    assert (whole[0] or 0) > (whole[1] or 0) > (whole[2] or 0) > 0
    assert all(0 <= stage.key <= 23 for stage in funnel.by_hour)
    assert all(FIRST_DAY <= stage.key <= LAST_DAY for stage in funnel.by_day)


def test_the_states_of_the_queue_add_up(company: RandomCompany, asking: Asking) -> None:
    with asking(company, company.staff[Role.SUPPORT]) as actor:
        numbers = missed_call_numbers(actor, company.period, now=NOW, compare=False)

    states = ("open", "lost", "answered_later", "dismissed")
    parts = ["calls_rescued_by_auto", "calls_rescued_by_humans", *(f"missed_calls_{state}" for state in states)]
    assert sum(numbers[name].value or 0 for name in parts) == numbers["missed_entries_total"].value
    assert numbers["missed_entries_total"].previous is None


def test_objections_are_told_as_documented(random_company: RandomCompany, asking: Asking, admin_engine: Engine) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        found = top_objections(actor, random_company.period, csr=None, now=NOW)
        documented = Documented(admin_engine, actor, None, NOW).rows("csr_objections", random_company.period.span)

    assert [(one.category, one.share.value, one.worst) for one in found] == [
        (category, float(share), worst) for category, share, worst in documented
    ]
    assert len(found) == 5


def test_topics_are_told_as_documented(random_company: RandomCompany, asking: Asking, admin_engine: Engine) -> None:
    with asking(random_company, random_company.staff[Role.MANAGER]) as actor:
        volume = call_volume(actor, random_company.period, csr="team", now=NOW)
        team = [user.id for user in random_company.team]
        documented = Documented(admin_engine, actor, team, NOW).rows("volume", random_company.period.span)

    assert {(one.key, one.calls, one.answered, one.missed) for one in volume.by_topic} == set(documented)
    for parts in (volume.by_hour, volume.by_weekday, volume.by_day):
        assert sum(one.calls for one in parts) == sum(row[1] for row in documented)


def _assert_without_gaps(trend: list[Point]) -> None:
    assert (trend[0].first_day, trend[-1].last_day) == (FIRST_DAY, LAST_DAY)
    for one, following in pairwise(trend):
        assert (following.first_day - one.last_day).days == 1
