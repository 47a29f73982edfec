"""The weekly report: the numbers of the performance pages, written once a week or not at all."""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from app.db.context import Context
from app.db.session import organization_scope
from app.extensions import db
from app.insight.metrics.csr_queries import METRICS, csr_team
from app.insight.metrics.people_queries import TeamNumbers
from app.insight.metrics.rep_queries import METRICS as REP_METRICS
from app.insight.metrics.rep_queries import rep_team
from app.insight.reports import service
from app.insight.reports.jobs import write_weekly_report
from app.insight.reports.stored import of_store, team_of_store
from app.models import Organization, Report, Role
from app.periods import PeriodName, resolve_period
from app.tenancy.actor_queries import actor_of_the_whole
from tests.insight.metrics.company import RandomCompany
from tests.support.client import Client
from tests.support.factories import Factories
from tests.support.pages import Page, text_of

#: A Monday in New York; daylight saving time ended on the Sunday before.
MONDAY = datetime(2025, 11, 3, 9, tzinfo=ZoneInfo("America/New_York"))
WEEK = (date(2025, 10, 27), date(2025, 11, 2))


def written(app: Flask, organization: Organization, now: datetime = MONDAY) -> UUID:
    with app.app_context(), organization_scope(Context(organization_id=organization.id), db.session):
        found = service.write_weekly(now)
        db.session.commit()
        return found


def reports_of(engine: Engine, organization: Organization) -> list[Report]:
    with Session(engine) as session:
        return list(session.scalars(select(Report).where(Report.organization_id == organization.id)))


def values_of(team: TeamNumbers) -> dict[tuple[str | None, str], tuple[object, object]]:
    of_all = {(None, name): (one.value, one.previous) for name, one in team.together.items()}
    return of_all | {
        (str(person.id), name): (one.value, one.previous)
        for person in team.people
        for name, one in person.numbers.items()
    }


def test_it_has_the_numbers_of_the_company(app: Flask, company: RandomCompany, admin_engine: Engine) -> None:
    written(app, company.organization, company_monday := monday_after(company.period.last_day, company))

    [report] = reports_of(admin_engine, company.organization)
    with app.test_request_context(), organization_scope(Context(organization_id=company.organization.id), db.session):
        actor = actor_of_the_whole()
        period = resolve_period(
            PeriodName.CUSTOM,
            now=company_monday,
            timezone=actor.timezone,
            first_day=report.first_day,
            last_day=report.last_day,
        )
        csrs = csr_team(actor, period, csr=None, now=company_monday)
        reps = rep_team(actor, period, rep=None, now=company_monday)
        names = {one.id: one.name or "" for team in (csrs, reps) for one in team.people if one.id}

    assert values_of(team_of_store(METRICS, report.numbers["csr"], names)) == values_of(csrs)
    assert values_of(team_of_store(REP_METRICS, report.numbers["sales"], names)) == values_of(reps)
    assert any(one.value for one in csrs.together.values())


def monday_after(day: date, company: RandomCompany) -> datetime:
    zone = ZoneInfo(company.organization.timezone)
    ordinal = day.toordinal() - day.weekday() + 7
    return datetime.combine(date.fromordinal(ordinal), datetime.min.time(), zone).replace(hour=9)


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (MONDAY, WEEK[0]),
        (datetime(2025, 11, 9, 23, 59, tzinfo=MONDAY.tzinfo), WEEK[0]),
        (datetime(2025, 11, 10, 0, 0, tzinfo=MONDAY.tzinfo), date(2025, 11, 3)),
        # It is Monday in London, but not in New York.
        (datetime(2025, 11, 3, 1, tzinfo=UTC), date(2025, 10, 20)),
    ],
)
def test_it_is_of_the_last_week_that_is_over(
    app: Flask, make: Factories, admin_engine: Engine, now: datetime, first: date
) -> None:
    organization = make.organization(timezone="America/New_York")

    written(app, organization, now)

    [report] = reports_of(admin_engine, organization)
    assert (report.first_day, (report.last_day - report.first_day).days) == (first, 6)


def test_it_is_written_once_and_stays_as_it_was(app: Flask, make: Factories, admin_engine: Engine) -> None:
    organization = make.organization(timezone="America/New_York")
    first = written(app, organization)
    make.call(organization, started_at=datetime(2025, 10, 28, 12, tzinfo=UTC))

    assert written(app, organization) == first

    [report] = reports_of(admin_engine, organization)
    assert of_store(METRICS, report.numbers["csr"]["together"])["calls"].value == 0


def test_two_at_once_write_one(app: Flask, make: Factories, admin_engine: Engine) -> None:
    organization = make.organization(timezone="America/New_York")
    make.user(organization, role=Role.MANAGER)
    start = Barrier(2)

    def write(_number: int) -> UUID:
        start.wait(30)
        return written(app, organization)

    with ThreadPoolExecutor(2) as both:
        found = set(both.map(write, range(2)))

    assert [report.id for report in reports_of(admin_engine, organization)] == list(found)
    with admin_engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM notifications WHERE kind = 'report_ready'")) == 1


def test_what_fails_on_the_way_leaves_nothing(
    app: Flask, make: Factories, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    organization = make.organization(timezone="America/New_York")
    monkeypatch.setattr(service, "compute_all", lambda *_args, **_values: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        written(app, organization)

    assert reports_of(admin_engine, organization) == []


def test_the_job_writes_it(app: Flask, make: Factories, admin_engine: Engine) -> None:
    organization = make.organization(timezone="America/New_York")

    with app.app_context(), organization_scope(Context(organization_id=organization.id), db.session):
        write_weekly_report.run()
        db.session.commit()

    assert len(reports_of(admin_engine, organization)) == 1


def test_its_readers_are_told_once_on_their_page_and_by_mail_each_in_their_language(
    app: Flask, make: Factories, admin_engine: Engine
) -> None:
    organization = make.organization(timezone="America/New_York")
    above = (Role.MANAGER, Role.EXEC, Role.ADMIN, Role.OWNER)
    readers = [
        make.user(organization, role=role, language=one)
        for role, one in zip(above, ("ru", "uz", "en", "en"), strict=True)
    ]
    for role in set(Role) - set(above):
        make.user(organization, role=role)
    make.user(organization, role=Role.MANAGER, status="inactive")
    silent = make.user(organization, role=Role.MANAGER, notification_choices={"report_ready": []})

    report_id = written(app, organization)
    written(app, organization)

    told = """SELECT n.user_id, n.text, n.link, m.body FROM notifications n
        LEFT JOIN messages m ON m.organization_id = n.organization_id AND m.receiver_id = n.user_id
        WHERE n.organization_id = :organization AND n.kind = 'report_ready'"""
    with admin_engine.connect() as connection:
        rows = connection.execute(text(told), {"organization": organization.id}).all()
    assert {row.user_id for row in rows} == {one.id for one in readers}
    assert silent.id not in {row.user_id for row in rows}
    assert len(rows) == len(readers)
    assert {row.link for row in rows} == {f"/reports/{report_id}"}
    assert all(f"/reports/{report_id}" in row.body for row in rows)
    assert len({row.text for row in rows}) == 3


@pytest.mark.parametrize("role", list(Role))
def test_managers_and_above_read_it(app: Flask, client: Client, make: Factories, role: Role) -> None:
    organization = make.organization(timezone="America/New_York")
    report_id = written(app, organization)
    may = role in (Role.MANAGER, Role.EXEC, Role.ADMIN, Role.OWNER)
    client.sign_in(make.user(organization, role=role))

    for address in ("/reports", f"/reports/{report_id}", f"/reports/{report_id}.csv"):
        client.get(address, status=200 if may else 403)


def test_that_of_another_company_is_not_there(app: Flask, client: Client, make: Factories) -> None:
    report_id = written(app, make.organization(timezone="America/New_York"))
    client.sign_in(make.user(make.organization(), role=Role.OWNER))

    client.get(f"/reports/{report_id}", status=404)
    client.get(f"/reports/{report_id}.csv", status=404)
    assert not rows(client.get("/reports"))


def test_the_page_and_the_file_tell_the_same_and_each_number_opens_its_rows(
    app: Flask, client: Client, company: RandomCompany
) -> None:
    report_id = written(app, company.organization, monday_after(company.period.last_day, company))
    client.sign_in(company.staff[Role.EXEC])

    page = client.get(f"/reports/{report_id}")

    file = client.get(f"/reports/{report_id}.csv").html.removeprefix("\ufeff")
    lines = list(csv.DictReader(io.StringIO(file, newline="")))
    of_all = {(line["Page"], line["Metric"]): line["Value"] for line in lines if line["Person"] == "Everyone"}
    for part in ("csr", "sales", "missed_calls"):
        title = text_of(page.one(f".//*[@id='{part}']"))
        tiles = page.all(f".//section[@aria-labelledby='{part}']//*[@class='stat-value']")
        assert len(tiles) == 5
        for one in tiles:
            assert of_all[title, one.get("data-metric", "")] == one.get("data-value")
    booked = [one for one in page.all(".//td/a") if one.get("data-metric") == "appointments_booked_of_person"]
    assert booked
    for one in booked:
        assert client.get(one.get("href", "")).one(".//*[@data-count]").get("data-count") == one.get("data-value")


def test_that_of_the_last_week_is_one_click_away(client: Client, make: Factories) -> None:
    client.sign_in(make.user(make.organization(), role=Role.MANAGER))
    assert not rows(client.get("/reports"))

    first, second = (client.post("/reports") for _click in range(2))

    assert first.headers["Location"] == second.headers["Location"]
    assert len(rows(client.get("/reports"))) == 1


def rows(page: Page) -> list[str]:
    return [text_of(row) for row in page.all(".//main//tbody/tr/th")]
