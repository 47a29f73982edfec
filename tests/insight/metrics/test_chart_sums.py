"""Every chart of counts or sums: its points add up to the number in the tile, now and before."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from app.amounts import half_up
from app.insight.dashboards.csr_page import csr_board
from app.insight.dashboards.exec_page import exec_csr_board, exec_sales_board
from app.insight.dashboards.filters import CsrFilters, CsrTrend, ExecCsrFilters, ExecSalesFilters, SalesTrend
from app.insight.dashboards.request_page import CALL_CENTRE, EXEC_CSR, EXEC_SALES, read_request
from app.insight.dashboards.series_page import Series
from app.insight.dashboards.team_page import team_board
from app.insight.metrics.catalogue import metric_of
from app.insight.metrics.compute_queries import compute
from app.insight.metrics.csr_definitions import CALLS
from app.insight.metrics.executive_queries import executive_csr, executive_sales
from app.insight.metrics.metric import Credit, Unit
from app.insight.metrics.numbers import Number
from app.models import Role
from app.periods import Span, midnight
from app.security.actor import Actor
from tests.insight.metrics.company import RandomCompany
from tests.insight.metrics.conftest import NEW_YORK, Asking
from tests.insight.metrics.documented import Documented

#: Early on a day with rows before and after it.
AT_FIVE = datetime(2026, 4, 18, 5, tzinfo=ZoneInfo(NEW_YORK))
DAYS = {"from": "2026-03-08", "to": "2026-04-03"}
PERIODS = {
    "30 days": {"period": "last_30"},
    "90 days": {"period": "last_90"},
    "the quarter": {"period": "quarter"},
    "fewer days before": {**DAYS, "compare_from": "2026-01-20", "compare_to": "2026-02-09"},
    "more days before": {**DAYS, "compare_from": "2026-01-12", "compare_to": "2026-02-22"},
    "weeks that end with a part of one": {"from": "2026-02-20", "to": "2026-04-01"},
}


def charts(actor: Actor, parameters: dict[str, str]) -> Iterator[tuple[str, Series, Number, bool]]:
    """Return each chart of counts or sums by name, with its series and its number, and whether it compares."""
    for show in CsrTrend:
        if (metric := metric_of(show.value, Credit.CSR)).adds_up:
            filters = ExecCsrFilters.of({**parameters, "show": show.value})
            request = read_request(actor, EXEC_CSR, filters, now=AT_FIVE)
            number = compute(actor, metric.name, request.period, None, now=AT_FIVE, credit=Credit.CSR)
            yield show.value, exec_csr_board(actor, request, filters).trend.series, number, True
    for show_sales in SalesTrend:
        if (metric := metric_of(show_sales.value, Credit.REP)).adds_up:
            sales = ExecSalesFilters.of({**parameters, "show": show_sales.value})
            request = read_request(actor, EXEC_SALES, sales, now=AT_FIVE)
            number = compute(actor, metric.name, request.period, None, now=AT_FIVE, credit=Credit.REP)
            yield show_sales.value, exec_sales_board(actor, request, sales).trend.series, number, True
    request = read_request(actor, CALL_CENTRE, CsrFilters.of(parameters), now=AT_FIVE)
    number = compute(actor, CALLS.name, request.period, None, now=AT_FIVE)
    yield "calls of the team", team_board(actor, request).calls_by_day, number, True
    yield "calls of one page", csr_board(actor, request).calls_by_day, number, False


@pytest.mark.parametrize("name", PERIODS)
def test_the_points_of_every_chart_add_up_to_its_tile(company: RandomCompany, asking: Asking, name: str) -> None:
    with asking(company, company.staff[Role.MANAGER]) as actor:
        drawn = list(charts(actor, PERIODS[name]))

    assert len(drawn) >= 7
    for chart, series, number, compares in drawn:
        assert total(series.values, number) == tile_value(number.current.exact, number), chart
        assert number.before is not None
        if compares:
            assert total(series.previous, number) == tile_value(number.before.exact, number), chart
    assert sum(bool(number.before and number.before.exact) for _chart, _series, number, _compares in drawn) > 4


def total(values: tuple[float | None, ...], number: Number) -> Decimal:
    return half_up(sum(Decimal(str(value or 0)) for value in values), 2 if number.metric.unit is Unit.MONEY else 0)


def tile_value(exact: int | Decimal | None, number: Number) -> Decimal:
    """Return the number as a tile shows it: amounts of a thousand and more without cents."""
    value = Decimal(exact or 0)
    return half_up(half_up(value, 0) if value >= 1000 else value, 2 if number.metric.unit is Unit.MONEY else 0)


@pytest.mark.parametrize("name", ["30 days", "the quarter", "fewer days before"])
def test_each_point_of_the_comparison_is_that_of_its_days(
    company: RandomCompany, asking: Asking, admin_engine: Engine, name: str
) -> None:
    zone = ZoneInfo(NEW_YORK)
    with asking(company, company.staff[Role.MANAGER]) as actor:
        filters = ExecCsrFilters.of(PERIODS[name])
        period = read_request(actor, EXEC_CSR, filters, now=AT_FIVE).period
        calls = executive_csr(
            actor, period, now=AT_FIVE, course_of=metric_of("total_leads_spoken_to", Credit.CSR)
        ).trend.before
        won = executive_sales(actor, period, now=AT_FIVE).trend.before

        documented = Documented(admin_engine, actor, None, AT_FIVE)
        for metric, points in (("total_leads_spoken_to", calls), ("revenue_won", won)):
            assert points[0].first_day == period.previous_days[0]
            assert points[-1].last_day == period.previous_days[1]
            for point in points:
                after = midnight(point.last_day + timedelta(days=1), zone)
                span = Span(midnight(point.first_day, zone), min(after, period.comparison.end))
                assert point.numbers[metric].value == documented.number(metric, span), point.days
