"""Sentences beside numbers that can mislead: on pages, in the API and in reports."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from app.db.session import jobs_role
from app.insight.dashboards.caveat_page import caveat_words
from app.insight.metrics.catalogue import CATALOGUE
from app.insight.metrics.caveat_rules import Caveat, CaveatReason
from app.insight.metrics.metric import Metric
from app.insight.metrics.numbers import Measured, Number, ratio
from app.insight.reports.stored import of_store, to_store
from app.models import Organization, Role, User
from app.periods import Period, resolve_period
from app.trust.retention.sweep_service import sweep
from tests.support.api_client import ApiClient, data_of
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of
from tests.support.work import at_work

NOW = datetime.now(UTC)
AGO = {days: NOW - timedelta(days=days) for days in (1, 2, 3, 20, 100, 300, 500)}
METRICS = [metric for definitions in CATALOGUE.values() for metric in definitions.values()]


def caveats(page: Page) -> dict[str, str]:
    """Return the sentences beside the numbers of a page, by the number's name."""
    return {element.get("data-caveat", ""): text_of(element) for element in page.all(".//*[@data-caveat]")}


def kept_words(day: date) -> str:
    return f"Records are kept from {day:%b} {day.day}, {day.year}"


def notes(page: Page, person: User) -> list[str]:
    """Return the sentences in the rows of a person."""
    return [text_of(element) for element in page.all(f".//*[@data-note-of='{person.id}']")]


@pytest.fixture
def organization(make: Factories) -> Organization:
    return make.organization(timezone="UTC")


@pytest.fixture
def manager(make: Factories, organization: Organization) -> User:
    return make.user(organization, Role.MANAGER)


@pytest.fixture
def csr(make: Factories, organization: Organization) -> User:
    """A CSR with four qualified leads, one of which a colleague had booked, and one booking of their own.

    Another lead was booked by a colleague only later, one by the CSR before, one by no one, and a booking is deleted.
    """
    csr, colleague = make.user(organization), make.user(organization)
    booked, later, own, by_nobody = (make.lead(organization, qualification_status="hot") for _ in range(4))
    for lead in (booked, later, own, by_nobody):
        for at in (AGO[2], AGO[1]):
            make.call(organization, csr=csr, lead_id=lead.id, started_at=at, status="completed")
    old = AGO[20] - timedelta(days=30)
    make.appointment(organization, lead_id=booked.id, csr_id=colleague.id, booked_at=AGO[3], status="cancelled")
    make.appointment(organization, lead_id=later.id, csr_id=colleague.id, booked_at=AGO[1] - timedelta(hours=1))
    make.appointment(organization, lead_id=own.id, csr_id=csr.id, booked_at=AGO[3])
    make.appointment(organization, lead_id=by_nobody.id, csr_id=None, booked_at=AGO[3])
    make.appointment(organization, lead_id=own.id, csr_id=colleague.id, booked_at=old, deleted_at=NOW)
    return csr


def test_leads_that_a_colleague_had_booked_stand_beside_a_csrs_rate_only(
    app: Flask, client: Client, csr: User, manager: User
) -> None:
    sentence = "1 lead was already booked by a colleague; without it 33.3%"
    own = data_of(ApiClient(app, csr).get("/dashboard/csr-metrics?period=last_30"))
    person = client.sign_in(manager).get(f"/csr?period=last_30&csr={csr.id}")
    team = client.get("/exec/csr?period=last_30")

    assert [caveats(page).get("booking_rate") for page in (person, team)] == [sentence, None]
    assert notes(team, csr) == [sentence]
    assert own["metrics"]["bookingRate"]["caveat"] == {
        "reason": "booked_before", "rows": 1, "whole": 4, "without": 0.3333, "day": None,
    }  # fmt: skip


def test_undecided_appointments_stand_beside_the_win_rate(
    app: Flask, client: Client, make: Factories, organization: Organization, manager: User
) -> None:
    rep = make.user(organization, Role.SALES_REP)
    for number, outcome in enumerate(("closed_won", "closed_lost", "closed_lost", "open")):
        make.appointment(
            organization,
            sales_rep_id=rep.id,
            scheduled_start_at=AGO[3] + timedelta(hours=3 * number),
            status="completed",
            completed_at=AGO[1],
            outcome=outcome,
            outcome_at=None if outcome == "open" else AGO[1],
        )
    sentence = "1 undecided; without it 33.3%"

    page = client.sign_in(manager).get("/exec/sales?period=last_30")

    assert caveats(page)["win_rate"] == sentence
    assert notes(page, rep) == [sentence]
    own = data_of(ApiClient(app, rep).get(f"/reps/{rep.id}/stats"))["metrics"]["winRate"]["caveat"]
    assert (own["reason"], own["rows"], own["whole"], own["without"]) == ("undecided", 1, 4, 0.3333)


def test_callers_who_wait_within_the_rescue_window_stand_beside_lost_and_still_waiting(
    client: Client, make: Factories, organization: Organization, manager: User
) -> None:
    for days, status in ((1, "open"), (2, "rescued"), (20, "lost")):
        ended = {} if status == "open" else {"resolved_at": NOW}
        credit = {"rescued_by": "human"} if status == "rescued" else {}
        call = make.call(organization, status="missed", started_at=AGO[days])
        make.missed_entry(organization, call=call, status=status, **ended, **credit)
    day = (AGO[1] + timedelta(days=organization.rescue_window_days)).date()

    page = client.sign_in(manager).get("/exec/missed-calls?period=last_30")

    sentence = f"1 of 3 callers is still waiting within the rescue window, until {day:%b} {day.day}, {day.year}"
    assert caveats(page) == {"missed_calls_lost": sentence, "missed_calls_open": sentence}


@pytest.mark.parametrize(("scored", "sentences"), [(9, ["Based on 9 scored calls"]), (10, [])])
def test_coaching_of_few_scored_calls_says_so(
    client: Client, make: Factories, organization: Organization, manager: User, scored: int, sentences: list[str]
) -> None:
    csr = make.user(organization)
    for number in range(12):
        call = make.call(organization, csr=csr, started_at=AGO[1], status="completed")
        make.analysis(call, sop_compliance_score=60 if number < scored else None)

    page = client.sign_in(manager).get("/exec/csr?period=last_30")

    # In the table of everyone, and among those whom coaching would help most.
    assert notes(page, csr) == sentences * 2


@pytest.fixture
def kept(app: Flask, make: Factories, organization: Organization, admin_engine: Engine) -> date:
    """The first day of which calls are kept, after a run of retention; older imported calls are left."""
    csr = make.user(organization)
    with admin_engine.begin() as connection:
        connection.execute(text("""UPDATE organizations SET retention_days = '{"calls": 200}'"""))
    for days in (1, 100, 300, 500):
        make.call(organization, csr=csr, started_at=AGO[days], status="completed")
    with admin_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        aged = text("UPDATE calls SET created_at = started_at WHERE started_at < :before AND started_at > :after")
        connection.execute(aged, {"before": AGO[100], "after": AGO[500] + timedelta(days=1)})
    with app.app_context(), jobs_role(), at_work(app, organization.id):
        assert sweep(organization.id)["calls"] == 1
    return (datetime.now(UTC) - timedelta(days=199)).date()


def test_ratios_and_changes_that_need_deleted_calls_are_unknown(
    app: Flask, client: Client, manager: User, kept: date
) -> None:
    sentence = kept_words(kept)
    # A day of the period is before, a day of its comparison, and none.
    firsts = kept - timedelta(days=1), kept, NOW.date()
    periods = [f"period=custom&from={first}&to={NOW.date()}" for first in firsts]
    client.sign_in(manager)
    pages = [client.get(f"/exec/csr?{period}") for period in periods]
    api = [data_of(ApiClient(app, manager).get(f"/dashboard/exec-csr-metrics?{period}")) for period in periods]
    file = client.get(f"/exec/csr.csv?{periods[0]}").text

    assert [sentence in page.text for page in pages] == [True, True, False]
    assert [page.metrics["miss_rate"] for page in pages] == ["", "0.0000", ""]
    assert caveats(pages[0])["miss_rate"] == sentence
    assert [page.metrics["calls"] for page in pages] == ["2", "2", "0"]
    assert [data["metrics"]["missRate"]["value"] for data in api] == [None, 0.0, None]
    assert [data["metrics"]["calls"]["change"] is None for data in api] == [True, True, False]
    assert {data["callsKeptFrom"] for data in api} == {kept.isoformat()}
    assert file.rstrip().endswith("Everyone,2,0,0,,0,,")


def test_without_a_run_that_deleted_calls_everything_is_known(client: Client, make: Factories, manager: User) -> None:
    page = client.sign_in(manager).get("/exec/csr?period=custom&from=2020-01-01&to=2026-01-01")

    assert "Calls are kept" not in page.text


def custom_period(first: date, last: date) -> Period:
    return resolve_period("custom", now=NOW, timezone="UTC", first_day=first, last_day=last)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: f"{metric.name}-{metric.credit}")
def test_each_number_of_calls_is_unknown_for_days_of_deleted_ones(metric: Metric) -> None:
    def period(first: date) -> Period:
        return custom_period(first, date(2026, 3, 20)).with_kept_from({"calls": datetime(2026, 3, 9, 12, tzinfo=UTC)})

    number = Number(metric, Measured(1), Measured(1))
    # The first whole day is the 10th; the comparison of the 15th to the 20th begins on the 9th.
    before, compared, after = (number.among_kept(period(date(2026, 3, day))) for day in (9, 15, 16))

    is_of_calls = metric.needs_calls
    assert before.current.exact == (None if is_of_calls and not metric.adds_up else 1)
    assert [number.before and number.before.exact for number in (before, compared, after)] == (
        [None, None, 1] if is_of_calls else [1, 1, 1]
    )
    assert [compared.current, after] == [Measured(1), number]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("leads", {"booking_rate"}),
        ("missed_calls", {"first_attempt_in_time", "median_time_to_first_attempt"}),
        ("calls", {"booking_rate", "first_attempt_in_time", "median_time_to_first_attempt", "miss_rate"}),
        ("messages", set()),
    ],
)
def test_a_number_is_unknown_for_days_of_deleted_records_of_its_own_kinds_only(kind: str, names: set[str]) -> None:
    deleted = custom_period(date(2026, 3, 1), date(2026, 3, 20)).with_kept_from(
        {kind: datetime(2026, 3, 9, tzinfo=UTC)}
    )
    numbers = [Number(metric, Measured(1), None).among_kept(deleted) for metric in METRICS if metric.credit == "csr"]

    unknown = {number.metric.name for number in numbers if number.current.exact is None}
    assert unknown & {"booking_rate", "first_attempt_in_time", "median_time_to_first_attempt", "miss_rate"} == names


def test_objections_of_days_with_deleted_calls_are_unknown(
    app: Flask, client: Client, make: Factories, organization: Organization, manager: User, kept: date
) -> None:
    csr = make.user(organization)
    call = make.call(organization, csr=csr, started_at=AGO[1], status="completed")
    make.analysis(call, objections=[{"category": "price", "severity": "high"}])
    # A day of the period is before, and none.
    periods = [f"period=custom&from={kept - timedelta(days=days)}&to={NOW.date()}" for days in (1, 0)]
    paths = [f"{path}{period}" for path in ("/exec/csr?", "/csr?", f"/csr?csr={csr.id}&") for period in periods]
    client.sign_in(manager)
    pages = [client.get(path) for path in paths]
    operations = "exec-csr-metrics", "top-objections"
    api = [
        data_of(ApiClient(app, manager).get(f"/dashboard/{name}?{period}"))["objections"]
        for name in operations
        for period in periods
    ]

    assert [bool(page.all(".//*[@data-objection]")) for page in pages] == [False, True] * 3
    panels = [page.all(".//section[@aria-labelledby='objections']")[0] for page in pages]
    assert [kept_words(kept) in text_of(panel) for panel in panels] == [True, False] * 3
    assert [len(objections) for objections in api] == [0, 1] * 2


@pytest.mark.parametrize("path", ["/exec/csr", "/exec/missed-calls", "/missed-calls/funnel"])
def test_shares_of_steps_are_unknown_for_days_of_deleted_calls(
    client: Client, make: Factories, organization: Organization, manager: User, kept: date, path: str
) -> None:
    lead = make.lead(organization, qualification_status="hot")
    make.call(organization, lead_id=lead.id, started_at=AGO[1], status="completed")
    make.missed_entry(organization, call=make.call(organization, status="missed", started_at=AGO[1]))
    client.sign_in(manager)

    pages = [client.get(f"{path}?period=custom&from={kept - timedelta(days=days)}&to={NOW.date()}") for days in (1, 0)]

    steps = [[text_of(step) for step in page.all(".//ol[@class='funnel']/li")] for page in pages]
    assert [any("%" in step for step in of_page) for of_page in steps] == [False, True]
    assert [len(of_page) > 1 for of_page in steps] == [True, True]


def test_the_numbers_of_calls_are_those_that_come_from_them() -> None:
    others = {metric.name for metric in METRICS if not metric.needs_calls}

    assert {"revenue_won", "win_rate", "appointments_booked", "pending_leads_by_rep", "hours_booked"} <= others
    assert others.isdisjoint({"calls", "miss_rate", "booking_rate", "qualified_leads", "auto_rescues", "auto_usage"})


@pytest.mark.parametrize("reason", CaveatReason)
def test_a_stored_report_keeps_what_to_know_beside_a_number(reason: CaveatReason) -> None:
    metric = METRICS[0]
    caveat = Caveat(reason, 2, 5, date(2026, 3, 9))
    number = Number(metric, ratio(1, 5)._replace(caveat=caveat), None)

    assert of_store({metric.name: metric}, to_store({metric.name: number})) == {metric.name: number}


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (CaveatReason.BOOKED_BEFORE, "2 leads were already booked by a colleague"),
        (CaveatReason.UNDECIDED, "2 undecided"),
    ],
)
def test_a_rate_without_any_other_rows_is_not_in_the_sentence(app: Flask, reason: CaveatReason, sentence: str) -> None:
    with app.test_request_context():
        assert caveat_words(ratio(0, 2)._replace(caveat=Caveat(reason, 2, 2))) == sentence


def test_the_numbers_of_calls_in_the_queue_are_only_for_those_who_see_all_calls(
    app: Flask, make: Factories, organization: Organization, manager: User
) -> None:
    csr, colleague = make.user(organization), make.user(organization)
    for person in (csr, colleague):
        call = make.call(organization, csr=person, status="missed", started_at=AGO[1], waited_seconds=30)
        make.missed_entry(organization, call=call)
    path = "/missed-calls/queue/metrics?period=last_30"
    of_all, own, of_manager = (
        data_of(ApiClient(app, user).get(address))["metrics"]
        for user, address in ((csr, path), (csr, f"{path}&csrId={csr.id}"), (manager, path))
    )

    assert of_all.keys() & {"missedCallsTotal", "abandonedWait"} == set()
    assert of_all["missedEntriesTotal"]["value"] == 2
    assert [numbers["missedCallsTotal"]["value"] for numbers in (own, of_manager)] == [1, 2]
    assert [numbers["abandonedWait"]["value"] for numbers in (own, of_manager)] == [30, 30]


@pytest.mark.parametrize("reason", CaveatReason)
def test_there_is_a_sentence_for_each_reason(app: Flask, reason: CaveatReason) -> None:
    with app.test_request_context():
        assert caveat_words(ratio(1, 5)._replace(caveat=Caveat(reason, 2, 5, date(2026, 3, 9))))
