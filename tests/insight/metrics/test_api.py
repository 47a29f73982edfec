"""The dashboards in the JSON API: the numbers of the pages, for every role, with the rows behind them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from pydantic.alias_generators import to_camel

from app.declarations.api_filters import filter_names
from app.insight.metrics.catalogue import CATALOGUE, metric_of
from app.insight.metrics.metric import Credit, Unit
from app.models import Role, User
from app.work.appointments.filters import AppointmentFilters
from app.work.calls.filters import CallFilters
from app.work.leads.filters import LeadFilters
from app.work.missed_calls.filters import EntryFilters
from app.work.recordings.filters import RecordingFilters
from tests.insight.metrics.company import FIRST_DAY, LAST_DAY, RandomCompany
from tests.support.api_client import ApiClient, data_of, error_of, wrong_fields
from tests.support.client import Client, bearer
from tests.support.factories import Factories
from tests.support.programs import make_key

PERIOD = f"period=custom&from={FIRST_DAY}&to={LAST_DAY}"
ABOVE = (Role.MANAGER, Role.EXEC, Role.ADMIN, Role.OWNER)
#: The paths of dashboards with the page that shows the same numbers, and the role that these are credited to.
OF_CSRS = ("/dashboard/csr-metrics", "/csr", Credit.CSR)
EXEC_CSR = ("/dashboard/exec-csr-metrics", "/exec/csr", Credit.CSR)
EXEC_SALES = ("/dashboard/exec-sales-metrics", "/exec/sales", Credit.REP)
QUEUE = ("/missed-calls/queue/metrics", "/exec/missed-calls", Credit.CSR)
_FILTERS: dict[str, Any] = {
    "/api/v1/calls": CallFilters,
    "/api/v1/leads": LeadFilters,
    "/api/v1/appointments": AppointmentFilters,
    "/api/v1/recordings": RecordingFilters,
    "/api/v1/recording-sessions": RecordingFilters,
    "/api/v1/missed-calls": EntryFilters,
}


def person_of(company: RandomCompany, role: Role) -> User:
    return {**company.staff, Role.CSR: company.csrs[0], Role.SALES_REP: company.reps[0]}[role]


def raw(name: str, record: dict[str, Any], credit: Credit) -> str:
    """Return the value of a number as pages write it for programs."""
    value, unit = record["value"], metric_of(name, credit).unit
    if value is None:
        return ""
    return str(value) if unit in {Unit.COUNT, Unit.SECONDS} else f"{Decimal(value):.4f}"


def shown(name: str, text: str, credit: Credit) -> str:
    """Return the value on a page, rounded as the API does: to seconds and to cents."""
    unit = metric_of(name, credit).unit
    if not text or unit not in {Unit.SECONDS, Unit.MONEY}:
        return text
    if unit is Unit.SECONDS:
        return str(Decimal(text).quantize(Decimal(1), ROUND_HALF_UP))
    return f"{Decimal(text).quantize(Decimal('0.01'), ROUND_HALF_UP):.4f}"


def compared(found: dict[str, Any], page: dict[str, str], credit: Credit) -> dict[str, tuple[str, str]]:
    """Return the numbers that a dashboard and a page both have: the value of each, by name."""
    names = {name for name in CATALOGUE if name in page and to_camel(name) in found}
    return {name: (raw(name, found[to_camel(name)], credit), shown(name, page[name], credit)) for name in sorted(names)}


def differing(both: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return {name: pair for name, pair in both.items() if pair[0] != pair[1]}


@pytest.mark.parametrize(
    ("role", "dashboard", "least"),
    [
        (Role.CSR, OF_CSRS, 15),
        *((role, dashboard, least) for role in ABOVE for dashboard, least in ((OF_CSRS, 15), (EXEC_CSR, 15))),
        *((role, dashboard, least) for role in ABOVE for dashboard, least in ((EXEC_SALES, 15), (QUEUE, 12))),
    ],
)
def test_every_number_is_the_one_on_the_page(
    app: Flask, company: RandomCompany, client: Client, role: Role, dashboard: tuple[str, str, Credit], least: int
) -> None:
    path, page, credit = dashboard
    user = person_of(company, role)

    found = data_of(ApiClient(app, user).get(f"{path}?{PERIOD}"))
    both = compared(found["metrics"], client.sign_in(user).get(f"{page}?{PERIOD}").metrics, credit)

    assert len(both) >= least
    assert differing(both) == {}


@pytest.mark.parametrize("role", [Role.SALES_REP, *ABOVE])
def test_the_numbers_of_a_rep_are_those_of_their_page(
    app: Flask, company: RandomCompany, client: Client, role: Role
) -> None:
    user, rep = person_of(company, role), company.reps[0]

    found = data_of(ApiClient(app, user).get(f"/reps/{rep.id}/stats?{PERIOD}"))
    own = data_of(ApiClient(app, user).get(f"/reps/{rep.id}/stats"))
    shown_own = client.sign_in(user).get("/rep" if role is Role.SALES_REP else f"/rep/{rep.id}").metrics
    both = compared(own["metrics"], shown_own, Credit.REP)

    assert found["metrics"]["visitsCompleted"]["value"] > 0
    assert set(both) == {"win_rate", "revenue_won", "average_deal", "visits_completed"}
    assert differing(both) == {}
    assert set(found["allReps"]) == {"winRate", "averageDeal"}


@pytest.mark.parametrize("whose", ["person", "team", "none"])
def test_a_person_can_be_chosen(app: Flask, company: RandomCompany, client: Client, whose: str) -> None:
    manager, api = company.staff[Role.MANAGER], ApiClient(app, company.staff[Role.MANAGER])
    csr, rep = (str(one.id) if whose == "person" else whose for one in (company.csrs[1], company.reps[1]))
    client.sign_in(manager)

    for (path, page, credit), key, name, person in (
        (OF_CSRS, "csrId", "csr", csr),
        (EXEC_CSR, "csrId", "csr", csr),
        (QUEUE, "csrId", "csr", csr),
        (EXEC_SALES, "repId", "rep", rep),
    ):
        found = data_of(api.get(f"{path}?{PERIOD}&{key}={person}"))
        both = compared(found["metrics"], client.get(f"{page}?{PERIOD}&{name}={person}").metrics, credit)

        assert len(both) >= 10, path
        assert differing(both) == {}, path


def numbers_in(data: Any) -> Iterator[dict[str, Any]]:
    """Yield the numbers that a response has, wherever they are in it."""
    if isinstance(data, dict):
        if "link" in data and "value" in data:
            yield data
        for one in data.values():
            yield from numbers_in(one)
    elif isinstance(data, list):
        for one in data:
            yield from numbers_in(one)


@pytest.mark.parametrize("path", [OF_CSRS[0], EXEC_CSR[0], EXEC_SALES[0], QUEUE[0], "/dashboard/top-objections"])
def test_each_link_is_a_list_of_the_api_with_filters_it_knows(app: Flask, company: RandomCompany, path: str) -> None:
    data = data_of(ApiClient(app, company.staff[Role.OWNER]).get(f"{path}?{PERIOD}"))
    links = [one["link"] for one in numbers_in(data)]

    assert len(links) > 4
    for link in links:
        parts = urlsplit(link)
        filters = _FILTERS[parts.path]
        given = dict(parse_qsl(parts.query))
        assert given.keys() <= filter_names(filters).keys(), link
        # A program can send them: each has a value that the list accepts.
        filters.of({filter_names(filters)[name]: value for name, value in given.items()})


def test_links_have_the_period_and_the_person_and_names_of_programs(app: Flask, company: RandomCompany) -> None:
    maya = company.csrs[0]

    metrics = data_of(ApiClient(app, maya).get(f"/dashboard/csr-metrics?{PERIOD}"))["metrics"]

    link = urlsplit(metrics["answerRate"]["link"])
    assert link.path == "/api/v1/calls"
    assert dict(parse_qsl(link.query)) == {
        "direction": "inbound",
        "ended": "true",
        "period": "custom",
        "from": str(FIRST_DAY),
        "to": str(LAST_DAY),
        "csrId": str(maya.id),
    }
    assert "bookingStatus=not_booked" in metrics["unbookedAppointments"]["link"]


def test_a_number_has_its_parts_its_change_and_its_previous_value(app: Flask, company: RandomCompany) -> None:
    metrics = data_of(ApiClient(app, company.staff[Role.OWNER]).get(f"/dashboard/csr-metrics?{PERIOD}"))["metrics"]

    rate = metrics["missRate"]
    assert rate.keys() == {"value", "previous", "change", "numerator", "denominator", "link", "caveat"}
    assert rate["value"] == round(rate["numerator"] / rate["denominator"], 4)
    assert rate["change"] == pytest.approx(rate["value"] - rate["previous"], abs=1.01e-4)
    assert isinstance(metrics["averageSpeedOfAnswer"]["value"], int)


def test_money_is_text_beside_its_currency(app: Flask, company: RandomCompany) -> None:
    data = data_of(ApiClient(app, company.staff[Role.OWNER]).get(f"/dashboard/exec-sales-metrics?{PERIOD}"))

    revenue = data["metrics"]["revenueWon"]["value"]
    assert data["currency"] == company.organization.currency
    assert Decimal(revenue) > 0
    assert revenue == f"{Decimal(revenue):.2f}"


def test_people_have_their_own_numbers(app: Flask, company: RandomCompany) -> None:
    data = data_of(ApiClient(app, company.staff[Role.OWNER]).get(f"/dashboard/csr-metrics?{PERIOD}"))
    maya = data_of(ApiClient(app, company.csrs[0]).get(f"/dashboard/csr-metrics?{PERIOD}"))

    [hers] = [one for one in data["people"] if one["id"] == str(company.csrs[0].id)]
    assert hers["metrics"]["calls"] == maya["metrics"]["calls"]
    assert data["people"][-1]["id"] is None
    assert sum(one["metrics"]["calls"]["value"] for one in data["people"]) == data["metrics"]["calls"]["value"]
    assert maya["people"] == []


def test_the_booking_rate_is_that_of_the_callers_role(app: Flask, company: RandomCompany) -> None:
    maya, ann = company.csrs[0], company.reps[0]
    manager = ApiClient(app, company.staff[Role.MANAGER])

    of_csr = data_of(ApiClient(app, maya).get(f"/dashboard/booking-rate?{PERIOD}"))["metrics"]["bookingRate"]
    of_rep = data_of(ApiClient(app, ann).get(f"/dashboard/booking-rate?{PERIOD}"))["metrics"]["bookingRate"]

    for key, user, expected in (("csrId", maya, of_csr), ("repId", ann, of_rep)):
        chosen = data_of(manager.get(f"/dashboard/booking-rate?{PERIOD}&{key}={user.id}"))
        assert chosen["metrics"]["bookingRate"] == expected
    assert of_csr != of_rep
    assert wrong_fields(manager.get(f"/dashboard/booking-rate?csrId={maya.id}&repId={ann.id}")) == {"repId"}


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.CSR, {"totalLeadsSpokenTo", "qualifiedLeads", "appointmentsBooked", "bookingRate", "autoRescues"}),
        (Role.SALES_REP, {"winRate", "revenueWon", "averageDeal", "visitsCompleted"}),
        *(
            (
                role,
                {"bookingRate", "appointmentsBooked", "qualifiedLeads", "totalLeadsSpokenTo", "unbookedAppointments"},
            )
            for role in ABOVE
        ),
    ],
)
def test_headlines_are_those_of_the_page_for_the_role(
    app: Flask, company: RandomCompany, role: Role, names: set[str]
) -> None:
    assert data_of(ApiClient(app, person_of(company, role)).get("/dashboard/metrics"))["metrics"].keys() == names


def test_objections_are_those_of_the_page(app: Flask, company: RandomCompany, client: Client) -> None:
    user = company.staff[Role.OWNER]
    page = client.sign_in(user).get(f"/csr?{PERIOD}")
    on_page = {
        one.get("data-objection"): one.get("data-value") for one in page.all(".//*[@data-metric='csr_objections']")
    }

    found = data_of(ApiClient(app, user).get(f"/dashboard/top-objections?{PERIOD}"))["objections"]

    assert {one["category"]: f"{one['share']['value']:.4f}" for one in found} == on_page
    assert len(found) == 5
    assert all(f"objection={one['category']}" in one["link"] for one in found)


def test_unbooked_calls_have_their_reason_and_no_follow_up(make: Factories, app: Flask) -> None:
    organization = make.organization()
    csr, now = make.user(organization, name="Maya"), datetime.now(UTC)
    ended = {"call_type": "csr_call", "status": "completed", "started_at": now}
    unbooked: dict[str, Any] = {"csr": csr, "booking_status": "not_booked", **ended}
    waiting = make.call(organization, **unbooked)
    make.analysis(waiting, objections=[{"category": "price", "severity": "high"}])
    make.call(organization, **{**unbooked, "booking_status": "booked"})
    make.call(make.organization(), **{**unbooked, "csr": None})

    data = data_of(ApiClient(app, csr).get("/dashboard/unbooked-appointments?period=today"))

    assert [(one["id"], one["objection"], one["csrName"]) for one in data["calls"]] == [
        (str(waiting.id), "price", "Maya")
    ]
    assert data["metrics"]["unbookedWithoutFollowUp"]["value"] == 1


def test_the_queue_is_in_the_order_of_calling(make: Factories, app: Flask) -> None:
    organization, other = make.organization(), make.organization()
    csr, now = make.user(organization), datetime.now(UTC)
    late, soon = (
        make.missed_entry(organization, first_missed_at=now, sla_due_at=now + timedelta(minutes=minutes))
        for minutes in (50, 10)
    )
    make.missed_entry(organization, status="dismissed", resolved_at=now, first_missed_at=now)
    make.missed_entry(other, first_missed_at=now)

    data = data_of(ApiClient(app, csr).get("/missed-calls/queue/entries"))

    assert [one["id"] for one in data["entries"]] == [str(soon.id), str(late.id)]
    assert data["total"] == 2
    assert data["link"] == "/api/v1/missed-calls?tab=to_do"


def test_appointments_of_a_rep_are_those_of_the_local_day(make: Factories, app: Flask) -> None:
    organization = make.organization(timezone="America/New_York")
    rep, colleague = (make.user(organization, Role.SALES_REP) for _ in range(2))
    # The clocks are set forward that night.
    zone = ZoneInfo("America/New_York")
    first, last = (datetime(2026, 3, 8, *at, tzinfo=zone) for at in ((0, 30), (23, 30)))
    hour = timedelta(hours=1)

    def visit(whose: User, at: datetime) -> str:
        times: dict[str, Any] = {"scheduled_start_at": at, "scheduled_end_at": at + hour}
        return str(make.appointment(organization, sales_rep_id=whose.id, **times).id)

    those = [visit(rep, last), visit(rep, first)]
    for whose, at in ((colleague, first), (rep, first - hour), (rep, last + hour)):
        visit(whose, at)

    data = data_of(ApiClient(app, rep).get(f"/reps/{rep.id}/appointments?date=2026-03-08"))

    assert [one["id"] for one in data["appointments"]] == those[::-1]
    assert (data["date"], data["timezone"]) == ("2026-03-08", "America/New_York")


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        ("2026-03-08", "2026-03-08T05:00:00Z", "2026-03-09T04:00:00Z"),
        ("2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
    ],
)
def test_a_period_has_the_hours_of_its_local_days(make: Factories, app: Flask, day: str, start: str, end: str) -> None:
    owner = make.user(make.organization(timezone="America/New_York"), Role.OWNER)

    data = data_of(ApiClient(app, owner).get(f"/dashboard/csr-metrics?from={day}&to={day}"))

    assert data["period"] == {"start": start, "end": end, "timezone": "America/New_York"}
    assert data["comparison"]["end"] == start


def test_a_comparison_can_be_chosen_or_left_out(app: Flask, company: RandomCompany) -> None:
    api = ApiClient(app, company.staff[Role.OWNER])
    days = f"/dashboard/csr-metrics?{PERIOD}"

    none = data_of(api.get(f"{days}&compare=none"))
    other = data_of(api.get(f"{days}&compareFrom=2026-01-10&compareTo=2026-01-12"))

    assert (none["comparison"], none["metrics"]["calls"]["previous"]) == (None, None)
    assert other["comparison"]["start"].startswith("2026-01-10T05")
    assert other["comparison"]["end"].startswith("2026-01-13T05")


def test_without_rows_ratios_are_null(make: Factories, app: Flask) -> None:
    api = ApiClient(app, make.user(make.organization(), Role.OWNER))

    for path in (OF_CSRS[0], EXEC_CSR[0], EXEC_SALES[0], QUEUE[0]):
        metrics = data_of(api.get(path))["metrics"]
        rates = {name for name in metrics if name.endswith(("Rate", "InTime"))}
        assert rates, path
        assert {metrics[name]["value"] for name in rates} == {None}, path
        assert {one["value"] for name, one in metrics.items() if one["value"] is not None} <= {0, "0.00"}, path


@pytest.mark.parametrize("given", ["csrId=moon", "x=1"])
def test_a_wrong_parameter_is_named(app: Flask, company: RandomCompany, given: str) -> None:
    response = ApiClient(app, company.staff[Role.OWNER]).get(f"/dashboard/csr-metrics?{given}")

    assert wrong_fields(response) == {given.partition("=")[0]}


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ("period=moon", "period"),
        ("from=2026-02-30&to=2026-03-01", "from"),
        ("compare=moon", "compare"),
        ("from=2026-03-02", "to"),
        ("from=2026-03-02&to=2026-03-01", "to"),
        ("period=week&from=2026-03-01&to=2026-03-02", "period"),
        (f"{PERIOD}&compareFrom=2026-03-05&compareTo=2026-03-06", "compareTo"),
    ],
)
def test_a_bad_period_says_where(app: Flask, company: RandomCompany, given: str, where: str) -> None:
    error = error_of(ApiClient(app, company.staff[Role.OWNER]).get(f"/dashboard/csr-metrics?{given}"), status=400)

    assert (error["code"], error["where"]) == ("INVALID_PERIOD", where)


def test_people_out_of_sight_are_not_found(app: Flask, company: RandomCompany, make: Factories) -> None:
    stranger = make.user(make.organization(), Role.CSR)
    maya, tom = company.csrs[:2]
    ann, bob = company.reps[:2]
    manager = company.staff[Role.MANAGER]
    for user, path in (
        (maya, f"/dashboard/csr-metrics?csrId={tom.id}"),
        (maya, "/dashboard/csr-metrics?csrId=team"),
        (manager, f"/dashboard/csr-metrics?csrId={stranger.id}"),
        (manager, f"/dashboard/exec-sales-metrics?repId={stranger.id}"),
        (manager, f"/missed-calls/queue/metrics?csrId={stranger.id}"),
        (maya, f"/missed-calls/queue/metrics?csrId={tom.id}"),
        (maya, "/missed-calls/queue/metrics?csrId=team"),
        (company.staff[Role.SUPPORT], f"/missed-calls/queue/metrics?csrId={tom.id}"),
        (manager, f"/reps/{stranger.id}/stats"),
        (manager, f"/reps/{stranger.id}/appointments"),
        (manager, "/reps/moon/stats"),
        (ann, f"/reps/{bob.id}/stats"),
        (ann, f"/reps/{bob.id}/appointments"),
        (ann, f"/dashboard/booking-rate?repId={bob.id}"),
    ):
        assert error_of(ApiClient(app, user).get(path), status=404)["code"] == "RESOURCE_NOT_FOUND", path


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_the_dashboards_of_its_permissions(app: Flask, company: RandomCompany, role: Role) -> None:
    above = frozenset(ABOVE)
    rep = company.reps[0].id
    allowed = {
        "/dashboard/csr-metrics": above | {Role.CSR},
        "/dashboard/top-objections": above | {Role.CSR},
        "/dashboard/unbooked-appointments": above | {Role.CSR},
        "/dashboard/booking-rate": above | {Role.CSR, Role.SALES_REP},
        "/dashboard/metrics": above | {Role.CSR, Role.SALES_REP},
        "/dashboard/exec-csr-metrics": above,
        "/dashboard/exec-sales-metrics": above,
        "/missed-calls/queue/metrics": above | {Role.CSR, Role.SUPPORT},
        "/missed-calls/queue/entries": above | {Role.CSR, Role.SUPPORT},
        f"/reps/{rep}/stats": above | {Role.SALES_REP},
        f"/reps/{rep}/appointments": above | {Role.SALES_REP},
        "/metric-definitions": frozenset(Role),
    }
    api = ApiClient(app, person_of(company, role))

    got = {path: api.get(path).status_code for path in allowed}

    assert got == {path: 200 if role in roles else 403 for path, roles in allowed.items()}


def test_a_key_for_the_executive_dashboards_reads_both(app: Flask, company: RandomCompany, make: Factories) -> None:
    owner = company.staff[Role.OWNER]
    reading = ("calls:read", "leads:read", "appointments:read", "recordings:read", "missed_calls:read", "users:read")
    _key, token = make_key(make, owner, "dashboards:exec", *reading)
    with_key, with_token = ApiClient(app), ApiClient(app, owner)

    for path in (EXEC_CSR[0], EXEC_SALES[0], "/dashboard/metrics"):
        found = data_of(with_key.get(path, headers=bearer(token)))
        assert found["metrics"] == data_of(with_token.get(path))["metrics"], path
    for path in (OF_CSRS[0], "/dashboard/booking-rate", f"/reps/{company.reps[0].id}/stats"):
        assert error_of(with_key.get(path, headers=bearer(token)), status=403), path


def test_definitions_are_the_catalogue(make: Factories, app: Flask) -> None:
    api = ApiClient(app, make.user(make.organization(), Role.SUPPORT))

    found = data_of(api.get("/metric-definitions"))["metricDefinitions"]
    translated = data_of(api.get("/metric-definitions", headers={"Accept-Language": "ru"}))["metricDefinitions"]

    by_name = {one["name"]: one for one in found}
    assert list(by_name) == list(CATALOGUE)
    rate = by_name["booking_rate"]
    assert {name: rate[name] for name in ("key", "label", "unit", "numerator", "denominator")} == {
        "key": "bookingRate",
        "label": "Booking rate",
        "unit": "ratio",
        "numerator": "Booked",
        "denominator": "Qualified leads",
    }
    assert [one["credit"] for one in rate["definitions"]] == ["csr", "rep"]
    assert [one["credit"] for one in by_name["win_rate"]["definitions"]] == ["rep"]
    assert translated[0]["label"] != found[0]["label"]


def test_decoys_of_another_organization_do_not_count(make: Factories, app: Flask) -> None:
    own, other = make.organization(), make.organization()
    now = datetime.now(UTC)
    for organization, calls in ((own, 1), (other, 3)):
        for _ in range(calls):
            make.call(organization, call_type="csr_call", status="completed", started_at=now)

    data = data_of(ApiClient(app, make.user(own, Role.OWNER)).get("/dashboard/csr-metrics?period=today"))

    assert data["metrics"]["calls"]["value"] == 1
