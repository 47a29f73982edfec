"""The links of the numbers in the JSON API: each leads to a list with exactly the rows of its number."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from pydantic.alias_generators import to_camel

from app.insight.metrics.catalogue import CATALOGUE
from app.insight.metrics.metric import Metric, Unit
from app.models import Role, User
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, RandomCompany
from tests.support.api_client import ApiClient, data_of
from tests.support.factories import Factories

PERIOD = f"period=custom&from={FIRST_DAY}&to={LAST_DAY}"
OF_CSRS = ("/dashboard/csr-metrics", "/dashboard/unbooked-appointments", "/dashboard/booking-rate")
OF_EXECS = ("/dashboard/exec-csr-metrics", "/dashboard/exec-sales-metrics")
QUEUE = "/missed-calls/queue/metrics"
_DEFINED = {to_camel(name): next(iter(of.values())) for name, of in CATALOGUE.items()}
#: Their denominator counts no rows: it is the rows of two lists, or seconds.
_NO_ROWS = {"autoUsage", "hoursBookedShare"}


def viewer(company: RandomCompany, role: Role) -> User:
    return {**company.staff, Role.CSR: company.csrs[0], Role.SALES_REP: company.reps[0]}[role]


def numbers_in(data: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the numbers of a response by name, those of its people included."""
    yield from data["metrics"].items()
    for person in data.get("people", ()):
        yield from person["metrics"].items()


def count_of(metric: Metric, number: Mapping[str, Any]) -> int | None:
    """Return how many rows a number has; None if the number is unknown."""
    found: int | None = number["value"] if metric.unit is Unit.COUNT else number["denominator"]
    return found


def total_of(api: ApiClient, link: str) -> int:
    """Return the number of rows in the list that a link leads to."""
    response = api.get(f"{link.removeprefix('/api/v1')}&limit=1&includeTotalCount=true")
    assert response.status_code == 200, f"{link}: {response.get_data()!r}"
    return int(response.get_json()["pagination"]["total"])


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        (Role.CSR, (*OF_CSRS, QUEUE)),
        (Role.SALES_REP, ("/dashboard/booking-rate", "/reps/me/stats")),
        (Role.SUPPORT, (QUEUE,)),
        (Role.MANAGER, (*OF_CSRS, *OF_EXECS, QUEUE, "/reps/me/stats")),
        (Role.EXEC, ("/dashboard/metrics", "/dashboard/top-objections", *OF_EXECS)),
    ],
)
def test_a_number_counts_the_rows_of_its_link(
    app: Flask, company: RandomCompany, role: Role, paths: tuple[str, ...]
) -> None:
    user = viewer(company, role)
    api, followed, wrong = ApiClient(app, user), dict[str, int](), []
    for path in paths:
        for name, number in numbers_in(data_of(api.get(f"{path}?{PERIOD}".replace("/me/", f"/{company.reps[0].id}/")))):
            link = number["link"]
            if link not in followed:
                followed[link] = total_of(api, link)
            count = count_of(_DEFINED[name], number)
            if name not in _NO_ROWS and count not in {followed[link], None}:
                wrong.append((path, name, count, followed[link], link))

    assert wrong == []
    assert len(followed) >= 3
    assert sum(followed.values()) > 0


def test_objections_lead_to_their_calls(app: Flask, company: RandomCompany) -> None:
    api = ApiClient(app, company.staff[Role.EXEC])

    for one in data_of(api.get(f"/dashboard/top-objections?{PERIOD}"))["objections"]:
        assert total_of(api, one["link"]) == one["share"]["numerator"] > 0
        assert total_of(api, one["share"]["link"]) == one["share"]["denominator"]


def test_the_forecast_leads_to_the_rest_of_its_month(app: Flask, make: Factories) -> None:
    organization = make.organization(timezone="UTC")
    owner, rep = make.user(organization, Role.OWNER), make.user(organization, Role.SALES_REP)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    next_month = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
    month = today.replace(day=1)
    for _ in range(5):
        month = (month - timedelta(days=1)).replace(day=1)
        won: dict[str, Any] = {
            "status": "completed",
            "completed_at": month,
            "outcome": "closed_won",
            "outcome_at": month,
        }
        make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=month, deal_value=900, **won)
    for start in (next_month - timedelta(hours=2), next_month):
        make.appointment(organization, sales_rep_id=rep.id, scheduled_start_at=start)
    api = ApiClient(app, owner)

    expected = data_of(api.get(f"/dashboard/exec-sales-metrics?{PERIOD}"))["metrics"]["forecastRevenueWon"]

    assert expected["denominator"] == 1
    assert total_of(api, expected["link"]) == 1
